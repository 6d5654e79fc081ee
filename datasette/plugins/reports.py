"""/report?of=KIND/KEY: readers report an error in a fact or an article."""

from datasette import hookimpl

from server.pages import Routes
from server.reports import report_page


@hookimpl
def register_routes() -> Routes:
    return [(r"^/report$", report_page)]
