"""Who is logged in: the cookie names an account and a session, and each request looks up both, with the role. The form at /-/login is the
only way in."""

from collections.abc import Awaitable, Generator
from typing import Any

from datasette import Request, hookimpl
from datasette.app import Datasette
from datasette.events import Event, LogoutEvent

from server import login
from server.pages import Routes


@hookimpl
def startup(datasette: Datasette) -> None:
    login.prepare(datasette)


@hookimpl(tryfirst=True)
def register_routes() -> Routes:
    return [(r"^/-/login$", login.log_in)]


@hookimpl(wrapper=True)
def actor_from_request(datasette: Datasette, request: Request) -> Generator[None, list[Any], list[Awaitable[Any]]]:
    others = yield
    return [login.actor(datasette, request, others)]


@hookimpl
def track_event(datasette: Datasette, event: Event) -> None:
    if isinstance(event, LogoutEvent) and event.actor:
        login.end_session(datasette, event.actor)
