"""What sites have in common that run on the same system: one base a family."""
