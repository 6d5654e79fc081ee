"""What the start page, article pages and station pages show, fetched on Datasette's read threads."""

from datasette import hookimpl

from archive import citation, pages
from archive.publishing.questions import questions

_OF_TABLE = {"articles": pages.article, "facts": pages.fact, "stations": pages.station}


@hookimpl
def extra_template_vars(datasette, database, table, view_name, request):
    async def fetch():
        if view_name == "index":
            home = await datasette.get_database("archive").execute_fn(pages.home)
            return {"home": home, "questions": questions()}
        if view_name == "row" and database == "archive" and table in _OF_TABLE:
            key = request.url_vars["pks"]
            number = int(key) if key.isdecimal() and len(key) < 19 else -1
            page = await datasette.get_database(database).execute_fn(lambda c: _OF_TABLE[table](c, number))
            if page and table == "facts":
                address = datasette.absolute_url(request, datasette.urls.path(f"/fact/{page['fact']['evidence']}"))
                page["citation"] = citation.plain(page["cited"], address)
            return {"page": page}
        return {}

    return fetch
