"""The pages of editors: /desk, /review, /review/stations, /review/history, /takedowns, /alerts."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive.decisions.reviews import Reviews
from archive.site import actions
from archive.site.actions import Form
from archive.site.alerts import Alerts
from archive.site.desk import desk
from archive.site.queue import next_fact, next_pair, opened, station_of
from server.database import snapshot
from server.editors import decisions, editors_page
from server.pages import Routes


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/desk$", desk_page),
        (r"^/review$", review_page),
        (r"^/review/stations$", stations_page),
        (r"^/review/history$", history_page),
        (r"^/takedowns$", takedowns_page),
        (r"^/alerts$", alerts_page),
    ]


async def desk_page(datasette: Datasette, request: Request) -> Response:
    now = datetime.now(UTC)

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str) -> object:
        since = request.args.get("since") or reviews.visit(name, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        return desk(connection, since, now)

    return await editors_page(datasette, request, "desk.html", "review", fetch, actions.none)


async def review_page(datasette: Datasette, request: Request) -> Response:
    done = _number(request, "done")
    candidates = snapshot(datasette).with_name("candidates.db")

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str) -> object:
        last = reviews.find(done) if done is not None else None
        with opened(candidates) as waiting:
            following = next_fact(connection, reviews, name, waiting)
        return {"next": following, "last": last if last and last.by == name else None}

    def act(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form, may_undo_all: bool) -> str:
        with opened(candidates) as waiting:
            return actions.about_fact(connection, reviews, name, form, may_undo_all, waiting)

    return await editors_page(datasette, request, "review.html", "review", fetch, act)


async def stations_page(datasette: Datasette, request: Request) -> Response:
    station = _number(request, "station")

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str) -> object:
        if station is not None:
            return {"station": station_of(connection, station), "pair": None}
        return {"station": None, "pair": next_pair(connection, reviews, name)}

    return await editors_page(datasette, request, "review_stations.html", "review", fetch, actions.about_stations)


async def history_page(datasette: Datasette, request: Request) -> Response:
    by = request.args.get("by") or ""

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str) -> object:
        return {"reviews": reviews.latest(200, by), "stations": reviews.station_decision_list(), "by": by}

    return await editors_page(datasette, request, "review_history.html", "review", fetch, actions.taken_back)


async def alerts_page(datasette: Datasette, request: Request) -> Response:
    args = request.args
    proposed = {field: args.get(field) for field in args}

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str) -> object:
        with closing(Alerts(decisions(datasette))) as alerts:
            return {"follows": alerts.follows(name), "proposed": proposed}

    def act(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form, may_undo_all: bool) -> str:
        with closing(Alerts(decisions(datasette))) as alerts:
            return actions.about_alerts(connection, alerts, name, form, may_undo_all)

    return await editors_page(datasette, request, "alerts.html", "review", fetch, act)


async def takedowns_page(datasette: Datasette, request: Request) -> Response:
    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str) -> object:
        return {"list": reviews.takedown_list()}

    return await editors_page(datasette, request, "takedowns.html", "administer", fetch, actions.about_takedowns)


def _number(request: Request, name: str) -> int | None:
    """The number of a row that a parameter names."""
    value = request.args.get(name) or ""
    return int(value) if value.isdecimal() and len(value) < 19 else None
