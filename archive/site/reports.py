"""Readers' reports, with what they are about."""

import re
import sqlite3
from typing import TypedDict

from archive.decisions.reports import KINDS, Report, Reports
from archive.model import AddressKind
from archive.site.addresses import Destination, lookup
from archive.site.shared import FACT, shown
from archive.sql.rows import Row, rows

_MAX_CLOSED = 50  # closed reports that are listed
_KEY = re.compile(r"[0-9a-f]{24}")


class Reported(TypedDict):
    """What a report is about: a published fact or article, with the article it is in; `row` is its row."""

    kind: str
    key: str
    row: Row


class Listed(TypedDict):
    """A report and what it is about: None if that is published no more."""

    report: Report
    about: Reported | None


class ReportsPage(TypedDict):
    """The reports that wait, the oldest first, and those that were closed last."""

    open: list[Listed]
    closed: list[Listed]


def reported(connection: sqlite3.Connection, of: str) -> Reported | None:
    """Find what a report is about.

    Args:
        connection: the published snapshot.
        of: KIND/KEY of a fact or an article, such as `fact/0123…`.

    Returns:
        The fact or article, or what has taken its place; None if nothing of that key is published.
    """
    kind, _, key = of.partition("/")
    if kind not in KINDS or not _KEY.fullmatch(key):
        return None
    destination = lookup(connection, kind, key)
    if destination.to:
        destination = lookup(connection, kind, key := destination.to)
    row = _row(connection, kind, destination)
    return {"kind": kind, "key": key, "row": row} if row else None


def reports_page(connection: sqlite3.Connection, reports: Reports) -> ReportsPage:
    """Returns the list of reports."""

    def listed(found: list[Report]) -> list[Listed]:
        return [
            {"report": report, "about": reported(connection, f"{report['kind']}/{report['key']}")} for report in found
        ]

    return {"open": listed(reports.open(200)), "closed": listed(reports.closed(_MAX_CLOSED))}


def _row(connection: sqlite3.Connection, kind: str, destination: Destination) -> Row | None:
    if destination.number is None:
        return None
    if kind == AddressKind.FACT:
        return shown(rows(connection, FACT + " where facts.id = ?", destination.number)[0])
    return rows(
        connection,
        "select articles.key, title, published, outlets.name as outlet from articles"
        " join outlets on outlets.id = outlet_id where articles.id = ?",
        destination.number,
    )[0]
