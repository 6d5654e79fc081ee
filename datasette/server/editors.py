"""A page of editors: who may see it, what its form does, and the database of decisions beside the snapshot."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from datasette import Forbidden, Request, Response
from datasette.app import Datasette

from archive.decisions import gate
from archive.decisions.reviews import ReviewError, Reviews
from archive.facts import fact_types
from archive.site.actions import Form
from server.database import archive_folder, read
from server.login import login_path
from server.pages import page

Fetch = Callable[
    [sqlite3.Connection, Reviews, str], object
]  # (snapshot, decisions, name of the editor) -> what the page shows
# (snapshot, decisions, name of the editor, form, whether the editor may undo what others decided) -> the path to go on at
Act = Callable[[sqlite3.Connection, Reviews, str, Form, bool], str]


def decisions(datasette: Datasette) -> Path:
    """The database of what people decided."""
    return archive_folder(datasette) / "reviews.db"


async def editors_page(
    datasette: Datasette, request: Request, template: str, permission: str, fetch: Fetch, act: Act
) -> Response:
    """Show a page, or carry out what its form says and redirect to the page again. Raises Forbidden for an editor without the
    permission, and for a form that the site did not make; anybody else is sent to the login."""
    try:
        name = await gate.name_of(datasette, request, permission)
        if request.method == "POST":
            return await _carry_out(datasette, request, name, act)
    except gate.Refused as error:
        if not str(error):
            return Response.redirect(login_path(datasette, request))
        raise Forbidden(str(error)) from None
    except ReviewError as error:
        context = {"error": str(error), "back": request.path}
        return await page(datasette, request, "refused.html", context, status=400)

    def fetch_all(snapshot: sqlite3.Connection) -> object:
        with closing(Reviews(decisions(datasette))) as reviews:
            return fetch(snapshot, reviews, name)

    content, token = await read(datasette, fetch_all), gate.token(datasette, name)
    context = {"page": content, "token": token, "name": name, "types": fact_types().values()}
    return await page(datasette, request, template, context, headers={"cache-control": "no-store"})


async def _carry_out(datasette: Datasette, request: Request, name: str, act: Act) -> Response:
    form = await gate.form_of(datasette, request, name)
    may_undo_all = await datasette.allowed(action="administer", actor=request.actor)

    def decide(snapshot: sqlite3.Connection) -> str:
        with closing(Reviews(decisions(datasette))) as reviews:
            return act(snapshot, reviews, name, form, may_undo_all)

    return Response.redirect(datasette.urls.path(await read(datasette, decide)), status=303)
