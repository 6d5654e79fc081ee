"""What the start page shows, fetched on Datasette's read threads."""

from datasette import hookimpl

from archive import site
from archive.publishing.questions import questions


@hookimpl
def extra_template_vars(datasette, view_name):
    async def fetch():
        if view_name != "index":
            return {}
        home = await datasette.get_database("archive").execute_fn(site.home)
        return {"home": home, "questions": questions()}

    return fetch
