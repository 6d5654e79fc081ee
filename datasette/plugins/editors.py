"""The pages of editors: /desk, /review, /review/stations, /review/reports, /review/history, /takedowns, /alerts."""

import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

from datasette import Request, Response, hookimpl
from datasette.app import Datasette

from archive.decisions.reports import Reports
from archive.decisions.reviews import Reviews
from archive.model import AddressKind
from archive.site import actions, pairs, queue
from archive.site.actions import Form
from archive.site.alerts import Alerts, named_search, proposed
from archive.site.desk import desk
from archive.site.reports import reports_page
from archive.site.takedowns import address_of
from server.database import decisions, snapshot
from server.editors import editors_page
from server.lists import filters
from server.pages import Routes

_SCOPES = (AddressKind.FACT, AddressKind.ARTICLE, AddressKind.STATION, AddressKind.OUTLET, queue.PLACE)


@hookimpl
def register_routes() -> Routes:
    return [
        (r"^/desk$", desk_page),
        (r"^/review$", review_page),
        (r"^/review/stations$", stations_page),
        (r"^/review/reports$", reports_of_readers),
        (r"^/review/history$", history_page),
        (r"^/takedowns$", takedowns_page),
        (r"^/alerts$", alerts_page),
    ]


async def desk_page(datasette: Datasette, request: Request) -> Response:
    now, args = datetime.now(UTC), request.args
    waiting = snapshot(datasette).with_name("candidates.db")

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        since = args.get("since") or reviews.visit(name, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        page = desk(connection, since, now, outlet=args.get("outlet") or "", place=args.get("place") or "")
        with queue.opened(waiting) as candidates, closing(Reports(decisions(datasette))) as reports:
            return page | {
                "waiting": queue.count_waiting(connection, reviews, candidates, reports),
                "pairs": pairs.count_pairs(connection, reviews),
                "reports": reports.count_open(),
            }

    return await editors_page(datasette, request, "desk.html", "review", fetch, actions.none)


async def review_page(datasette: Datasette, request: Request) -> Response:
    done, scope = _number(request, "done"), _scope(request)
    candidates = snapshot(datasette).with_name("candidates.db")

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        last = reviews.find(done) if done is not None else None
        with queue.opened(candidates) as waiting, closing(Reports(decisions(datasette))) as reports:
            following = queue.next_fact(
                connection, reviews, name, waiting, reports=reports, scope=scope, first=form.get("evidence", "")
            )
            about = reports.open_about(scope.kind, [scope.key]) if scope.kind == AddressKind.ARTICLE else []
            if last and not (following and following["reports"]):
                about += reports.open_about(AddressKind.FACT, [last.evidence])
        return {
            "next": following,
            "last": last if last and last.by == name else None,
            "scope": scope,
            "of": queue.name_of(connection, scope) if scope.kind else "",
            "reports": about,
        }

    def act(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form, may_undo_all: bool) -> str:
        with ExitStack() as stack:
            if "report" in form:
                reports = stack.enter_context(closing(Reports(decisions(datasette))))
                actions.about_report(reports, name, form)
                return request.full_path
            waiting = stack.enter_context(queue.opened(candidates))
            return actions.about_fact(connection, reviews, name, form, may_undo_all, waiting, scope)

    return await editors_page(datasette, request, "review.html", "review", fetch, act)


async def stations_page(datasette: Datasette, request: Request) -> Response:
    args, done = request.args, _number(request, "done")
    key, other, words = (args.get(name) or "" for name in ("station", "other", "q"))

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        last = reviews.station_decision(done) if done is not None else None
        page = {"last": last if last and last["by"] == name and not last["undone_at"] else None, "key": key, "q": words}
        if not key:
            return page | {"queued": pairs.next_pair(connection, reviews, name)}
        return page | pairs.choice(connection, key, other, words)

    return await editors_page(datasette, request, "review_stations.html", "review", fetch, actions.about_stations)


async def reports_of_readers(datasette: Datasette, request: Request) -> Response:
    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        with closing(Reports(decisions(datasette))) as reports:
            return reports_page(connection, reports)

    def act(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form, may_undo_all: bool) -> str:
        with closing(Reports(decisions(datasette))) as reports:
            actions.about_report(reports, name, form)
        return "/review/reports"

    return await editors_page(datasette, request, "review_reports.html", "review", fetch, act)


async def history_page(datasette: Datasette, request: Request) -> Response:
    by = request.args.get("by") or ""

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        return {"reviews": reviews.latest(200, by), "stations": reviews.station_decision_list(), "by": by}

    return await editors_page(datasette, request, "review_history.html", "review", fetch, actions.taken_back)


async def alerts_page(datasette: Datasette, request: Request) -> Response:
    args = request.args
    given = {field: args.get(field) or "" for field in args}

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        with closing(Alerts(decisions(datasette))) as alerts:
            follows = [{**one, **_in_words(connection, one["search"])} for one in alerts.follows(name)]
        fields = proposed(connection, dict(form) or given)
        return {"follows": follows, "proposed": {**fields, **_in_words(connection, fields)}}

    def act(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form, may_undo_all: bool) -> str:
        with closing(Alerts(decisions(datasette))) as alerts:
            return actions.about_alerts(connection, alerts, name, form, may_undo_all)

    return await editors_page(datasette, request, "alerts.html", "review", fetch, act)


async def takedowns_page(datasette: Datasette, request: Request) -> Response:
    args = request.args

    def fetch(connection: sqlite3.Connection, reviews: Reviews, name: str, form: Form) -> object:
        article, fact = args.get("article") or "", args.get("fact") or ""
        return {"list": reviews.takedown_list(), "proposed": address_of(connection, article, fact)}

    return await editors_page(datasette, request, "takedowns.html", "administer", fetch, actions.about_takedowns)


def _in_words(connection: sqlite3.Connection, search: Mapping[str, Any]) -> dict[str, object]:
    """A search that is followed, with the filters that its page names."""
    found = named_search(connection, search)
    return {**found, "filters": filters(found["wanted"])}


def _number(request: Request, name: str) -> int | None:
    """The number of a row that a parameter names."""
    value = request.args.get(name) or ""
    return int(value) if value.isdecimal() and len(value) < 19 else None


def _scope(request: Request) -> queue.Scope:
    """What of the queue an address asks for, as ?article=KEY."""
    args = request.args
    return next((queue.Scope(kind, args.get(kind)[:200]) for kind in _SCOPES if args.get(kind)), queue.EVERYTHING)
