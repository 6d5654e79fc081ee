"""/archive/QUESTION: the page of a question. (As .json, .csv and .xlsx it is Datasette's own query of that name.)"""

from datasette import Response, hookimpl

from archive import site
from archive.publishing.questions import questions


@hookimpl
def register_routes():
    return [(rf"^/archive/(?P<name>{'|'.join(questions())})$", question)]


async def question(datasette, request):
    name = request.url_vars["name"]
    page = await datasette.get_database("archive").execute_fn(lambda c: site.question(c, name))
    return Response.html(await datasette.render_template("question.html", {"page": page}, request=request))
