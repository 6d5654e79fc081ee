"""/questions, and /question/NAME: what is answered without SQL. The addresses that these pages had, /archive/NAME, redirect here; as .json,
.csv and .xlsx they are Datasette's own queries of these names."""

from datasette import NotFound, Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.publishing.questions import questions
from server import compat
from server.database import read
from server.language import gettext as _
from server.pages import Routes, full_address, page

_NAMES = "|".join(questions())


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/questions$", questions_page),
        (rf"^/question/(?P<name>{_NAMES})$", question_page),
        (rf"^/archive/(?P<name>{_NAMES})$", former_page),
    ]


@hookimpl
async def startup(datasette: Datasette) -> None:
    for question in questions().values():
        sql = f"select * from {question.table}"
        await datasette.add_query("archive", question.name, sql, is_trusted=True, source="config")
        compat.hide_table(datasette, question.table)


async def questions_page(datasette: Datasette, request: Request) -> Response:
    return await page(datasette, request, "questions.html", {"cards": await read(datasette, site.question_cards)})


async def question_page(datasette: Datasette, request: Request) -> Response:
    name, number = request.url_vars["name"], request.args.get("page") or "1"
    shown = await read(
        datasette,
        site.question,
        name,
        sort=request.args.get("sort") or "",
        number=int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0,
    )
    if shown is None:
        raise NotFound(_("This answer has no such page."))
    address = full_address(datasette, request, f"/question/{name}")
    return await page(datasette, request, "question.html", {"page": shown, "address_of_page": address})


async def former_page(datasette: Datasette, request: Request) -> Response:
    return Response.redirect(datasette.urls.path(f"/question/{request.url_vars['name']}"), status=301)
