"""Questions as Excel files: datasette-xlsx 0.2 asks for a method by the name that it had before Datasette 1.0."""

from datasette import hookimpl


@hookimpl
def startup(datasette):
    async def get_canned_query(database, name, actor):
        query = await datasette.get_query(database, name)
        return {"write": query.is_write} if query else None

    if not hasattr(datasette, "get_canned_query"):
        datasette.get_canned_query = get_canned_query
