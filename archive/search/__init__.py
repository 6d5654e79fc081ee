"""Search: Chinese text as FTS5 indexes it (`words`), with filters over a snapshot (`finding`), over several (`merging`)."""

from archive.search.words import asked, marker, of_fact, query, shadow

__all__ = ["asked", "marker", "of_fact", "query", "shadow"]
