"""Datasette's own ?_search= asks the index of the snapshot, which understands Chinese."""

from datasette import Request, hookimpl
from datasette.filters import FilterArguments

from archive.search.fts import query
from archive.search.index import INDEXED


@hookimpl(trylast=True)  # Datasette finds that these tables have no index of its own kind; the last one counts
def filters_from_request(request: Request, table: str) -> FilterArguments | None:
    if table not in INDEXED:
        return None
    words = request.args.get("_search") or ""
    if not words:
        return FilterArguments([], extra_context={"supports_search": True})
    found = f"select rowid from {table}_search where {table}_search match :search"
    return FilterArguments(
        [f"id in ({found})"],
        {"search": query(words)},
        [f'search matches "{words}"'],
        {"supports_search": True, "search": words},
    )
