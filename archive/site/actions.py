"""What the forms of editors' pages say, carried out.

Each function takes the published snapshot, the decisions (or alerts), the name of the editor, the fields of the form, and
whether the editor may undo what others decided. It returns the path of the page to show next, and raises ReviewError if the
form cannot be carried out.
"""

import sqlite3
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlencode

from archive.decisions.corrections import CORRECTABLE, NUMBERS, written_number
from archive.decisions.records import Decision, TakedownKind
from archive.decisions.reports import Reports
from archive.decisions.reviews import ReviewError, Reviews, statement
from archive.labels import QUALIFIERS
from archive.model import AddressKind
from archive.reprints import copies
from archive.search.wanted import SearchError, Wanted
from archive.site.addresses import lookup
from archive.site.alerts import Alerts, FollowKind
from archive.site.pairs import name_key
from archive.site.queue import EVERYTHING, Scope
from archive.sql.rows import rows

_LONGEST = 1000  # characters of a field
_CODES = {word: code for code, words in QUALIFIERS.items() for word in words}  # of qualifiers, by their names

Form = Mapping[str, str]


class Button(StrEnum):
    """What a form sends as its decision besides the decisions themselves."""

    SKIP = "skip"
    UNDO = "undo"
    END = "end"


def none(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """For pages without a form."""
    raise ReviewError("这里没有可提交的内容。", "There is nothing to send here.")


def about_fact(
    connection: sqlite3.Connection,
    reviews: Reviews,
    by: str,
    form: Form,
    may_all: bool,
    candidates: sqlite3.Connection | None = None,
    scope: Scope = EVERYTHING,
) -> str:
    """Confirm, reject, correct or skip a fact or candidate, or undo the last decision; then the queue goes on within its scope."""
    if form.get("decision") == Button.UNDO:
        _take_back(reviews, form, by, may_all)
        return _queue(scope)
    number = _number(form, "fact")
    fact = statement(connection, "facts", number)
    if fact is None and candidates:
        fact = next(iter(rows(candidates, "select * from candidates where id = ?", number)), None)
    if fact is None or fact["evidence"] != form.get("evidence"):
        raise ReviewError(
            "打开页面以后，这条事实有了变化。请重新打开。",
            "This fact has changed since the page was opened. Open the queue again.",
        )
    if form.get("decision") == Button.SKIP:
        reviews.skip(str(fact["evidence"]), by)
        return _queue(scope)
    corrected = _corrected(form) if form.get("decision") == Decision.CORRECT else {}
    note = form.get("note", "")[:_LONGEST]
    return _queue(scope, done=reviews.record(fact, form.get("decision", ""), by, corrected=corrected, note=note))


def about_report(reports: Reports, by: str, form: Form) -> None:
    """Close a reader's report, or open it again."""
    outcome = form.get("outcome", "")
    reports.decide(_number(form, "report"), "" if outcome == Button.UNDO else outcome, by)


def about_stations(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """Two stations are the same or different; two names of one station are different; or skip, or undo a decision."""
    decision = form.get("decision", "")
    if decision == Button.SKIP:
        reviews.skip(form.get("key", "")[:_LONGEST], by)
        return "/review/stations"
    if decision == Button.UNDO:
        _take_back_stations(reviews, form, by, may_all)
        return "/review/stations"
    if "name" in form:
        keys = [_key_of_name(connection, _number(form, field)) for field in ("name", "other_name")]
    else:
        keys = [_key_of_station(connection, form.get(field, "")) for field in ("one", "other")]
    if not all(keys):
        raise ReviewError("没有这个站点。", "There is no such station.")
    done = reviews.decide_stations(decision, keys[0], keys[1], by, form.get("reason", "")[:_LONGEST])
    return f"/review/stations?done={done}"


def taken_back(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """Undo a decision of one's own, or anybody's if that is allowed."""
    undo = _take_back_stations if form.get("kind") == AddressKind.STATION else _take_back
    undo(reviews, form, by, may_all)
    return "/review/history"


def about_takedowns(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """List an article or a name, or take an entry back."""
    if form.get("decision") == Button.UNDO:
        reviews.undo_takedown(_number(form, "id"), by)
        return "/takedowns"
    value = form.get("value", "").strip()[:_LONGEST]
    if form.get("kind") == TakedownKind.ARTICLE and not copies.is_there(connection, value):
        raise ReviewError(f"没有网址为{value}的报道。", f"There is no article with the address {value}.", "value")
    reviews.take_down(form.get("kind", ""), value, by, form.get("reason", "")[:_LONGEST])
    return "/takedowns"


def about_alerts(connection: sqlite3.Connection, alerts: Alerts, by: str, form: Form, may_all: bool) -> str:
    """Follow a search or a station, or follow one no longer."""
    if form.get("decision") == Button.END:
        alerts.end(_number(form, "id"), by, anybody=may_all)
        return "/alerts"
    try:
        wanted = Wanted.of(form)
    except SearchError as error:
        raise ReviewError(error.zh, error.en) from None
    kind = form.get("kind", FollowKind.ARTICLES)
    station = form.get("station", "").strip()[:_LONGEST] if kind == FollowKind.STATION else ""
    alerts.follow(connection, by, kind, wanted, form.get("channel", ""), form.get("target", "").strip(), station)
    return "/alerts"


def _queue(scope: Scope, done: int | None = None) -> str:
    """The address of the review queue within a scope, after a decision."""
    query = ({scope.kind: scope.key} if scope.kind else {}) | ({"done": str(done)} if done is not None else {})
    return f"/review?{urlencode(query)}" if query else "/review"


def _corrected(form: Form) -> dict[str, object]:
    """The fields that a form corrects."""
    given = {name: form.get(name, "").strip()[:_LONGEST] for name in CORRECTABLE}
    given["qualifier"] = _CODES.get(given["qualifier"], given["qualifier"])
    return {name: written_number(value, name) if name in NUMBERS else value for name, value in given.items() if value}


def _take_back(reviews: Reviews, form: Form, by: str, may_all: bool) -> None:
    found = reviews.find(_number(form, "id"))
    if found is None or not (may_all or found.by == by):
        raise _not_yours()
    reviews.undo(found.id, by)


def _take_back_stations(reviews: Reviews, form: Form, by: str, may_all: bool) -> None:
    number = _number(form, "id")
    found = reviews.station_decision(number)
    if found is None or not (may_all or found["by"] == by):
        raise _not_yours()
    reviews.undo_stations(number, by)


def _not_yours() -> ReviewError:
    return ReviewError("只能撤销自己的决定。", "That is not your decision to take back.")


def _key_of_name(connection: sqlite3.Connection, number: int) -> str:
    row = connection.execute("select key from station_names where id = ?", [number]).fetchone()
    return str(row[0]) if row else ""


def _key_of_station(connection: sqlite3.Connection, key: str) -> str:
    found = lookup(connection, AddressKind.STATION, key)
    return name_key(connection, found.number) if found.number is not None else ""


def _number(form: Form, field: str) -> int:
    given = form.get(field, "")
    if not given.isdecimal() or len(given) > 18:
        raise ReviewError(f"{field}须为编号，不能是{given[:40]!r}。", f"{field} must be a number, not {given[:40]!r}.")
    return int(given)
