"""What the start page, article pages and station pages show, fetched on Datasette's read threads."""

from datasette import hookimpl
from markupsafe import Markup

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
            if page and table == "stations":
                page["statements"] = _statements(datasette, request, page["groups"])
            if page and table == "facts":
                address = datasette.absolute_url(request, datasette.urls.path(f"/fact/{page['fact']['evidence']}"))
                page["citation"] = citation.plain(page["cited"], address)
            return {"page": page}
        return {}

    return fetch


def _statements(datasette, request, groups):
    """The tables of a station: of hundreds of rows, which Datasette's asynchronous templates would take twice as long for."""
    environment = vars(datasette).setdefault("_at_once", {})
    if not environment:
        environment["jinja"] = datasette.get_jinja_environment(request).overlay(enable_async=False, cache_size=50)
    template = environment["jinja"].get_template("_statements.html")
    facts, articles = (datasette.urls.table("archive", name) + "/" for name in ("facts", "articles"))
    return Markup(template.render(groups=groups, fact_page=facts, article_page=articles))
