"""Alerts: a webhook or an e-mail reports what is new in a search or about a station that somebody follows.

A match is recorded as pending before it is sent, and as sent afterwards. What a receiver refused is tried again the next
time. So is what a killed run left pending, and what nobody answered; as it may have arrived, it is marked `again`. Nothing
else is sent twice. A message that is tried again has the same matches and the same id, so that a receiver can drop it; what is newer follows later.
"""

import fcntl
import hashlib
import json
import logging
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypedDict, cast

from archive.decisions.reviews import ReviewError
from archive.errors import ArchiveError
from archive.labels import type_label
from archive.model import AddressKind
from archive.search.engine import find
from archive.search.wanted import SearchError, Wanted
from archive.site.addresses import key_of_number, lookup
from archive.site.delivery import Entry, Mail, Message, check, deliver, shown
from archive.sql.migrations import open_reviews
from archive.sql.rows import rows
from archive.stations.evidence import predecessors, same_statement
from archive.web.outgoing import UNANSWERED, OutgoingError

# What was not as usual in a crawl, and not yet in the site's crawl before it: a finding that continues is reported once.
_BEGAN = """
select run_id, site, expectation, message from findings where not exists (
    select 1 from findings earlier where earlier.site = findings.site and earlier.expectation = findings.expectation
    and earlier.run_id = (
        select max(id) from runs where runs.site = findings.site and command = 'crawl' and runs.id < findings.run_id))
order by id desc limit 1000
"""
# The facts of a station in the articles that state one of its names.
_FACTS_OF_NAMES = """
select evidence from facts where id in (select id from fact_dates where station_id = ? and article_id in (
    select article_id from facts join station_names on station_names.id = station_name_id
    where 'name:' || station_names.key in (select value from json_each(?))))
"""
_MAX_MATCHES = 200  # new matches that one message holds
_TEST = "这是一条测试提醒。This is a test."
logger = logging.getLogger(__name__)


class FollowKind(StrEnum):
    """What is followed: a search over articles or facts, a station, or what monitors report."""

    ARTICLES = "articles"
    FACTS = "facts"
    STATION = "station"
    HEALTH = "health"


class DeliveryState(StrEnum):
    """What became of a match: it was there before, is about to be sent, was sent, or its receiver refused it."""

    BEFORE = "before"
    PENDING = "pending"
    SENT = "sent"
    REFUSED = "refused"


class Follow(TypedDict):
    """Something that is followed. `sent` and `unknown` count matches: sent ones, and those that may have been sent: a run was
    killed, or no answer came. `target` is as `delivery.shown` has it. Times are UTC, ISO 8601."""

    id: int
    by: str
    kind: str
    search: dict[str, Any]  # the parameters of the search, or the key of the station (the number, in early ones)
    channel: str
    target: str
    at: str
    ended_at: str | None
    sent: int
    unknown: int


@dataclass(frozen=True)
class Match:
    """Something that matches what is followed. `what` identifies it, whatever database it comes from: an article by its
    address, a fact by its evidence. `again`: it may have been sent before."""

    what: str
    title: str
    path: str
    again: bool = False


@dataclass(frozen=True)
class Sent:
    """What became of one alert: the id of the message, how many matches were sent, why it failed, and whether it may have arrived
    all the same. `target` is as in a Follow."""

    follow_id: int
    target: str
    message: str
    matches: int
    error: str = ""
    is_unknown: bool = False


class Alerts:
    """The searches that people follow, in reviews.db."""

    def __init__(self, path: Path) -> None:
        self._connection = open_reviews(path)
        self._lock = path.with_name(".alerts.lock")

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def follow(
        self,
        snapshot: sqlite3.Connection,
        by: str,
        kind: str,
        wanted: Wanted,
        channel: str,
        target: str,
        station: str | int = "",
    ) -> int:
        """Follow a search, a station, or the health of the crawl. What matches already counts as sent.

        Args:
            snapshot: the published snapshot.
            by: the name of who follows.
            kind: a FollowKind.
            wanted: the search.
            channel: a Channel.
            target: the address of the webhook, of Bark or of a robot, or an e-mail address.
            station: the key or the number of a station, if one is followed.

        Returns:
            The number of the alert.

        Raises:
            ReviewError: a field is wrong.
        """
        check(channel, target)
        if kind not in [*FollowKind]:
            raise ReviewError(
                f"可以关注的是{'、'.join(FollowKind)}，不是{kind!r}。",
                f"What is followed is one of {', '.join(FollowKind)}; not {kind!r}.",
                "kind",
            )
        if kind == FollowKind.STATION:
            key = key_of_number(snapshot, AddressKind.STATION, int(station)) if _is_number(station) else str(station)
            if _number_of(snapshot, key) is None:
                raise ReviewError(
                    f"没有站点{station}。请用站点的键，即其网址 /station/KEY 的末段。",
                    f"There is no station {station}. Name a station by its key, the end of its address /station/KEY.",
                    "station",
                )
            station = key
        search = json.dumps(
            {"station": station} if kind == FollowKind.STATION else wanted.parameters(), ensure_ascii=False
        )
        with self._transaction():
            cursor = self._connection.execute(
                "insert into follows (by, kind, search, channel, target, at) values (?, ?, ?, ?, ?, ?)",
                [by, kind, search, channel, target, _now()],
            )
            assert cursor.lastrowid is not None
            self._pass_over(cursor.lastrowid, (one.what for one in _matches(snapshot, kind, json.loads(search))))
            self._pass_over_merged(snapshot, cursor.lastrowid, kind, json.loads(search))
        return cursor.lastrowid

    def end(self, number: int, by: str, *, anybody: bool = False) -> None:
        """Follow it no longer. Raises ReviewError where it is not this person's."""
        cursor = self._connection.execute(
            "update follows set ended_at = ? where id = ? and ended_at is null and (by = ? or ?)",
            [_now(), number, by, anybody],
        )
        if cursor.rowcount == 0:
            raise ReviewError(f"没有第{number}号关注，或它属于别人。", f"There is no alert {number} of yours to end.")

    def follows(self, by: str = "") -> list[Follow]:
        """Returns what is followed, by one person or by all (`by` is empty)."""
        return [{**one, "target": shown(one["target"])} for one in self._follows(by)]

    def _follows(self, by: str = "") -> list[Follow]:
        """The same with whole targets."""
        return [
            cast(Follow, row | {"search": json.loads(row["search"])})
            for row in rows(
                self._connection,
                "select follows.*, (select count(*) from deliveries where follow_id = follows.id and state = 'sent') as sent,"
                " (select count(*) from deliveries where follow_id = follows.id and state = 'pending') as unknown"
                " from follows where ended_at is null and (by = :by or :by = '') order by id",
                {"by": by},
            )
        ]

    def send(
        self, snapshot: sqlite3.Connection, site: str, mail: Mail | None, *, private: bool = False
    ) -> Iterator[Sent]:
        """Send what is new, one message for each alert.

        Args:
            snapshot: the published snapshot.
            site: the address that links begin with; empty: the messages have no links.
            mail: how e-mail is sent; None: not at all.
            private: whether webhooks may go to private addresses.

        Yields:
            What became of each alert that had something new.

        Raises:
            ArchiveError: another process is sending.
        """
        with self._alone():
            for follow in self._follows():
                number = follow["id"]
                self._pass_over_merged(snapshot, number, follow["kind"], follow["search"])
                new = self._claim(snapshot, number, _matches(snapshot, follow["kind"], follow["search"]))
                if not new:
                    continue
                sent = _deliver(follow, _id(follow, new), [_entry(one, site) for one in new], mail, private)
                self._connection.executemany(
                    "update deliveries set state = ?, at = ? where follow_id = ? and what = ?",
                    [(_state(one, sent), _now(), number, one.what) for one in new],
                )
                yield sent

    def test(self, number: int, mail: Mail | None, *, private: bool = False) -> Sent:
        """Send a message to the receiver of an alert that reports nothing but itself. What is new stays new.

        Args:
            number: the number of the alert.
            mail, private: as for `send`.

        Returns:
            What became of it.

        Raises:
            ReviewError: there is no such alert.
        """
        for follow in self._follows():
            if follow["id"] == number:
                return _deliver(follow, secrets.token_hex(12), [{"title": _TEST}], mail, private)
        raise ReviewError(f"没有第{number}号关注。", f"There is no alert {number}. `dangqun alerts list` prints all.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process sends at a time: so whatever is pending was left by one that was killed."""
        with self._lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ArchiveError("Another process is sending alerts. Wait for it to end.") from None
            yield

    def _claim(self, snapshot: sqlite3.Connection, number: int, matches: list[Match]) -> list[Match]:
        """Of what matches, what was not sent before; pending from here on. What is only read otherwise than it was when it
        was sent, or reprinted since, is not sent again. What was pending already is marked `again`. What was tried before
        comes without what is newer."""
        with self._transaction():
            known = dict(self._connection.execute("select what, state from deliveries where follow_id = ?", [number]))

            def is_told(what: str) -> bool:
                return known.get(what) in (DeliveryState.BEFORE, DeliveryState.SENT)

            untold = [one for one in matches if not is_told(one.what)]
            new: list[Match] = []
            tried: list[Match] = []
            mentioned: set[str] = set()
            for one in untold:
                same = same_statement(snapshot, one.what)
                kin = predecessors(snapshot, one.what) | same
                if not any(map(is_told, kin)) and not mentioned & same:
                    states = {known.get(what) for what in (one.what, *kin)}
                    new.append(replace(one, again=DeliveryState.PENDING in states))
                    tried += new[-1:] if states & {DeliveryState.PENDING, DeliveryState.REFUSED} else []
                mentioned |= same
            claimed = {one.what for one in new}
            self._connection.executemany(
                "insert or replace into deliveries values (?, ?, 'before', ?)",
                [(number, one.what, _now()) for one in untold if one.what not in claimed],
            )
            new = (tried or new)[:_MAX_MATCHES]
            self._connection.executemany(
                "insert or replace into deliveries values (?, ?, 'pending', ?)",
                [(number, one.what, _now()) for one in new],
            )
        return new

    def _pass_over(self, number: int, matches: Iterable[str]) -> None:
        """Record what is not known yet as there before: it is not sent."""
        self._connection.executemany(
            "insert or ignore into deliveries values (?, ?, 'before', ?)", [(number, what, _now()) for what in matches]
        )

    def _pass_over_merged(self, snapshot: sqlite3.Connection, number: int, kind: str, search: dict[str, Any]) -> None:
        """Pass over the facts of the names that a station took over from another by a merge, once for each name: they are not
        new. A name that was published under one key only is the station's own."""
        if kind != FollowKind.STATION:
            return
        station = _number_of(snapshot, search.get("station"))
        named = "select 'name:' || key from station_names where station_id = ?"
        names = {name for (name,) in snapshot.execute(named, [station])}
        seen = "select what from deliveries where follow_id = ? and what like 'name:%'"
        names -= {what for (what,) in self._connection.execute(seen, [number])}
        shared = "select 'name:' || name from station_names group by name having count(*) > 1"
        merged = names & {name for (name,) in self._connection.execute(shared)}
        facts = snapshot.execute(_FACTS_OF_NAMES, [station, json.dumps(sorted(merged))])
        self._pass_over(number, [*names, *(evidence for (evidence,) in facts)])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()


def _matches(snapshot: sqlite3.Connection, kind: str, search: dict[str, Any]) -> list[Match]:
    """What matches now, the newest first."""
    if kind == FollowKind.HEALTH:
        return [
            Match(
                f"finding:{row['run_id']}:{row['site']}:{row['expectation']}",
                f"{row['site']}: {row['message']}",
                "/health",
            )
            for row in rows(snapshot, _BEGAN)
        ]
    if kind == FollowKind.STATION:
        found = rows(
            snapshot,
            "select evidence, type, subject, quote from facts where id in (select id from fact_dates where station_id = ?"
            " order by id desc limit 1000) order by id desc",
            _number_of(snapshot, search.get("station")),
        )
    else:
        found = find(snapshot, kind, replace(Wanted.of(search), reprints=True), size=1000).rows
    if kind == FollowKind.ARTICLES:
        return [Match(row["url"], row["title"], f"/article/{row['key']}") for row in found]
    return [
        Match(
            row["evidence"],
            f"{row['subject']} {type_label(row['type'])}: “{row['quote']}”",
            f"/fact/{row['evidence']}",
        )
        for row in found
    ]


def _is_number(station: str | int) -> bool:
    """Whether a station is named by its number: a key is longer."""
    return str(station).isdecimal() and len(str(station)) < 19


def _number_of(snapshot: sqlite3.Connection, station: object) -> int | None:
    """The number of a station that is followed by its key, or was by its number."""
    if isinstance(station, int):
        return station
    found = lookup(snapshot, AddressKind.STATION, str(station))
    return lookup(snapshot, AddressKind.STATION, found.to).number if found.to else found.number


def _id(follow: Follow, new: list[Match]) -> str:
    """The id of a message: the same whenever it has the same matches."""
    parts = [str(follow["id"]), follow["at"], *sorted(one.what for one in new)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def _entry(one: Match, site: str) -> Entry:
    entry: Entry = {"title": one.title}
    if site:
        entry["url"] = site.rstrip("/") + one.path
    if one.again:
        entry["again"] = True
    return entry


def _deliver(follow: Follow, message: str, entries: list[Entry], mail: Mail | None, private: bool) -> Sent:
    """Send a message with this id. Whatever is wrong with one receiver, the others get their alerts."""
    error, is_unknown, number = "", False, follow["id"]
    try:
        deliver(
            Message(message, number, follow["search"], entries),
            follow["channel"],
            follow["target"],
            mail,
            private=private,
        )
    except Exception as failure:
        error = str(failure) or type(failure).__name__
        is_unknown = isinstance(failure, OutgoingError) and failure.kind == UNANSWERED
        logger.info("Alert %d was not sent: %s", number, error, extra={"alert": number})
    return Sent(number, shown(follow["target"]), message, 0 if error else len(entries), error, is_unknown)


def _state(one: Match, sent: Sent) -> DeliveryState:
    """What became of a match by a message; one that may have arrived before still may have."""
    if not sent.error:
        return DeliveryState.SENT
    return DeliveryState.PENDING if one.again or sent.is_unknown else DeliveryState.REFUSED


def proposed(connection: sqlite3.Connection, given: Mapping[str, str]) -> dict[str, str]:
    """Fill in the form of a new alert.

    Args:
        connection: the published snapshot.
        given: the fields of the form as far as they are known; `of` is KIND/KEY of a station, an outlet or a place to follow.

    Returns:
        The fields.
    """
    kind, _, key = given.get("of", "").partition("/")
    fields = {name: value for name, value in given.items() if name != "of"}
    if kind == FollowKind.STATION:
        fields |= {"kind": FollowKind.STATION, "station": key}
    elif kind == "place":
        fields |= {"kind": FollowKind.FACTS, "place": key}
    elif kind == AddressKind.OUTLET:
        found = connection.execute("select name from outlets where key = ?", [key]).fetchone()
        fields |= {"kind": FollowKind.ARTICLES, "outlet": found[0] if found else ""}
    return fields


class NamedSearch(TypedDict):
    """A search that is followed, with the names of what it names by a key."""

    wanted: Wanted
    named: dict[str, str]


def named_search(connection: sqlite3.Connection, search: Mapping[str, Any]) -> NamedSearch:
    """Find out how to name what is followed.

    Args:
        connection: the published snapshot.
        search: the parameters of a search, or the key of a station.

    Returns:
        The search, empty if it is no longer valid.
    """
    try:
        wanted = Wanted.of(search)
    except SearchError:
        wanted = Wanted()
    place = connection.execute("select name from places where key = ?", [wanted.place]).fetchone()
    station = connection.execute("select name from stations where id = ?", [_number_of(connection, wanted.station)])
    named = {"place": place, "station": station.fetchone()}
    return {"wanted": wanted, "named": {field: str(row[0]) for field, row in named.items() if row}}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
