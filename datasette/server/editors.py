"""A page of editors: who may see it, what its form does, and the database of decisions beside the snapshot."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from datasette import Forbidden, Request, Response
from datasette.app import Datasette

from archive.decisions import gate
from archive.decisions.reviews import ReviewError, Reviews
from archive.facts import fact_types
from archive.site.actions import Form
from server.database import decisions, read
from server.login import login_path
from server.pages import page

# (snapshot, decisions, name of the editor, form that was refused or empty) -> what the page shows
Fetch = Callable[[sqlite3.Connection, Reviews, str, Form], object]
# (snapshot, decisions, name of the editor, form, whether the editor may undo what others decided) -> the path to go on at
Act = Callable[[sqlite3.Connection, Reviews, str, Form, bool], str]


async def editors_page(
    datasette: Datasette, request: Request, template: str, permission: str, fetch: Fetch, act: Act
) -> Response:
    """Show a page, or carry out what its form says and redirect. A form that cannot be carried out is shown again as it was filled
    in, with the reason (400). Raises Forbidden for an editor without the permission, and for a form that the site did not make;
    anybody else is sent to the login."""
    error, form = ReviewError("", ""), {}
    try:
        name = await gate.name_of(datasette, request, permission)
        if request.method == "POST":
            form = await gate.form_of(datasette, request, name)
            return await _carry_out(datasette, request, name, form, act)
    except gate.Refused as refused:
        if not str(refused):
            return Response.redirect(login_path(datasette, request))
        raise Forbidden(str(refused)) from None
    except ReviewError as wrong:
        error = wrong

    def fetch_all(snapshot: sqlite3.Connection) -> object:
        with closing(Reviews(decisions(datasette))) as reviews:
            return fetch(snapshot, reviews, name, form)

    context = {
        "page": await read(datasette, fetch_all),
        "token": gate.token(datasette, name),
        "name": name,
        "types": fact_types().values(),
        "form": form,
        "error": str(error),
        "field": error.field,
    }
    status = 400 if context["error"] else 200
    return await page(datasette, request, template, context, status, headers={"cache-control": "no-store"})


async def _carry_out(datasette: Datasette, request: Request, name: str, form: Form, act: Act) -> Response:
    may_undo_all = await datasette.allowed(action="administer", actor=request.actor)

    def decide(snapshot: sqlite3.Connection) -> str:
        with closing(Reviews(decisions(datasette))) as reviews:
            return act(snapshot, reviews, name, form, may_undo_all)

    return Response.redirect(datasette.urls.path(await read(datasette, decide)), status=303)
