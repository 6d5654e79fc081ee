"""Publishing: the snapshot that is served (`snapshot`), and the same as tables to take away (`tables`, `codebook`)."""
