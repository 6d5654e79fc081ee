"""Search: Chinese text as FTS5 indexes it (`fts`), with filters over a snapshot (`engine`), over several (`merging`).

`engine.find` answers every search. docs/architecture.md lists who calls it, and who writes the index.
"""

from archive.search.fts import marker, of_fact, parse_query, query, shadow

__all__ = ["marker", "of_fact", "parse_query", "query", "shadow"]
