"""/archive/QUESTION: the page of a question. (As .json, .csv and .xlsx it is Datasette's own query of that name.)"""

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive import site
from archive.publishing.questions import questions
from server.database import read
from server.pages import Routes, page


@hookimpl
def register_routes() -> Routes:
    return [(rf"^/archive/(?P<name>{'|'.join(questions())})$", question_page)]


async def question_page(datasette: Datasette, request: Request) -> Response:
    question = await read(datasette, site.question, request.url_vars["name"])
    return await page(datasette, request, "question.html", {"page": question})
