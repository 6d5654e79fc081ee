"""How far a filtered table is counted: a thousand rows say "many". Counting ten thousand, as Datasette does, reads each of them."""

from datasette import hookimpl
from datasette.database import Database

_COUNTED = 1000


@hookimpl
def startup(datasette):
    Database.count_limit = _COUNTED
