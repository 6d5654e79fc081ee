"""/llms.txt explains how to download a whole table. The plugin that writes it recommends a parameter of Datasette that is turned
off here, because every CSV has all rows (see downloads.py)."""

from datasette import hookimpl
from datasette_llms_txt import generate

_THEIRS = "To download a whole table cleanly, stream it as CSV with `?_stream=on` (no row limit)."
_OURS = "The `.csv` of a table or query has all its rows."


@hookimpl
def startup():
    generate.QUERY_HELP = generate.QUERY_HELP.replace(_THEIRS, _OURS)
