"""Search: Chinese text as FTS5 indexes it (`fts`, `index`), with filters over a snapshot (`engine`), over several (`merging`).

`engine.find` answers every search. docs/architecture.md lists who calls it, and who writes the index.
"""

from archive.search.fts import letters, marker, parse_query, query

__all__ = ["letters", "marker", "parse_query", "query"]
