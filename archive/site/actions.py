"""What the forms of editors' pages say, carried out.

Each function takes the published snapshot, the decisions (or alerts), the name of the editor, the fields of the form, and
whether the editor may undo what others decided. It returns the path of the page to show next, and raises ReviewError if the
form cannot be carried out.
"""

import sqlite3
from collections.abc import Mapping
from enum import StrEnum

from archive.decisions.corrections import CORRECTABLE, NUMBERS, written_number
from archive.decisions.records import Decision, TakedownKind
from archive.decisions.reviews import ReviewError, Reviews, statement
from archive.model import AddressKind
from archive.reprints import copies
from archive.search.wanted import SearchError, Wanted
from archive.site.alerts import Alerts, FollowKind
from archive.site.queue import name_key
from archive.sql.rows import rows

_LONGEST = 1000  # characters of a field

Form = Mapping[str, str]


class Button(StrEnum):
    """What a form sends as its decision besides the decisions themselves."""

    SKIP = "skip"
    UNDO = "undo"
    END = "end"


def none(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """For pages without a form."""
    raise ReviewError("There is nothing to send here.")


def about_fact(
    connection: sqlite3.Connection,
    reviews: Reviews,
    by: str,
    form: Form,
    may_all: bool,
    candidates: sqlite3.Connection | None = None,
) -> str:
    """Confirm, reject, correct or skip a fact or candidate, or undo the last decision."""
    if form.get("decision") == Button.UNDO:
        _take_back(reviews, form, by, may_all)
        return "/review"
    number = _number(form, "fact")
    fact = statement(connection, "facts", number)
    if fact is None and candidates:
        fact = next(iter(rows(candidates, "select * from candidates where id = ?", number)), None)
    if fact is None or fact["evidence"] != form.get("evidence"):
        raise ReviewError(
            "This fact has changed since the page was opened. Open the queue again. 事实已有变化，请重新打开。"
        )
    if form.get("decision") == Button.SKIP:
        reviews.skip(str(fact["evidence"]), by)
        return "/review"
    corrected: dict[str, object] = {}
    if form.get("decision") == Decision.CORRECT:
        for name in CORRECTABLE:
            given = form.get(name, "").strip()[:_LONGEST]
            if given:
                corrected[name] = written_number(given) if name in NUMBERS else given
    note = form.get("note", "")[:_LONGEST]
    done = reviews.record(fact, form.get("decision", ""), by, corrected=corrected, note=note)
    return f"/review?done={done}"


def about_stations(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """Two stations are the same or different; two names of one station are different; or skip."""
    if form.get("decision") == Button.SKIP:
        reviews.skip(form.get("key", "")[:_LONGEST], by)
        return "/review/stations"
    if "name" in form:
        keys = [_key_of_name(connection, _number(form, field)) for field in ("name", "other_name")]
    else:
        keys = [name_key(connection, _number(form, field)) for field in ("one", "other")]
    if not all(keys):
        raise ReviewError("There is no such station. 没有这个站点。")
    reviews.decide_stations(form.get("decision", ""), keys[0], keys[1], by, form.get("reason", "")[:_LONGEST])
    return "/review/stations"


def taken_back(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """Undo a decision of one's own, or anybody's if that is allowed."""
    if form.get("kind") == AddressKind.STATION:
        number = _number(form, "id")
        mine = [d for d in reviews.station_decision_list(100_000) if d["id"] == number and (may_all or d["by"] == by)]
        if not mine:
            raise ReviewError("That is not your decision to take back. 只能撤销自己的决定。")
        reviews.undo_stations(number)
    else:
        _take_back(reviews, form, by, may_all)
    return "/review/history"


def about_takedowns(connection: sqlite3.Connection, reviews: Reviews, by: str, form: Form, may_all: bool) -> str:
    """List an article or a name, or take an entry back."""
    if form.get("decision") == Button.UNDO:
        reviews.undo_takedown(_number(form, "id"))
        return "/takedowns"
    value = form.get("value", "").strip()[:_LONGEST]
    if form.get("kind") == TakedownKind.ARTICLE and not copies.is_there(connection, value):
        raise ReviewError(f"There is no article with the address {value}. 没有这个网址的文章。")
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
        raise ReviewError(str(error)) from None
    kind = form.get("kind", FollowKind.ARTICLES)
    station = form.get("station", "").strip()[:_LONGEST] if kind == FollowKind.STATION else ""
    alerts.follow(connection, by, kind, wanted, form.get("channel", ""), form.get("target", "").strip(), station)
    return "/alerts"


def _take_back(reviews: Reviews, form: Form, by: str, may_all: bool) -> None:
    found = reviews.find(_number(form, "id"))
    if found is None or not (may_all or found.by == by):
        raise ReviewError("That is not your decision to take back. 只能撤销自己的决定。")
    reviews.undo(found.id)


def _key_of_name(connection: sqlite3.Connection, number: int) -> str:
    row = connection.execute("select key from station_names where id = ?", [number]).fetchone()
    return str(row[0]) if row else ""


def _number(form: Form, field: str) -> int:
    given = form.get(field, "")
    if not given.isdecimal() or len(given) > 18:
        raise ReviewError(f"{field} must be a number, not {given[:40]!r}.")
    return int(given)
