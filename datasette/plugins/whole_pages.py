"""The pages of a table hold every row once. Datasette goes on behind the last row by its key, also among rows that are equal in
the column sorted by, but sorts its first page by that column alone: SQLite hands equal rows out in any order, and those that
come too early or too late were never shown. (The one place where something private of Datasette's is replaced.)"""

from datasette import hookimpl
from datasette.views import table as views


@hookimpl
def startup():
    sort_order = views._sort_order
    if getattr(sort_order, "by_key", False):  # another application in this process
        return

    async def with_key(table_metadata, sortable_columns, request, order_by):
        sort, sort_desc, sorted_by = await sort_order(table_metadata, sortable_columns, request, order_by)
        by_key = (sort or sort_desc) and order_by
        return sort, sort_desc, f"{sorted_by}, {order_by}" if by_key else sorted_by

    with_key.by_key = True
    views._sort_order = with_key
