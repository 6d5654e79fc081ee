"""The keys of articles, stations and outlets: their addresses (/article/KEY), which outlive every rebuild.

A key is a hash of what the captures say, so that any rebuild, from captures in any order, has it again: an article's of
its address, an outlet's of its name, a station's of its earliest name. Each further name of a station has
a key as well, which stands for the station that has the name now; the address of each copy of an article stands for it.

What the captures do not state is kept in reviews.db: which names a station had under its key when it was published
(a split offers the parts), and the keys of what was taken down.
"""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from archive.decisions.records import PublishedName, TakenDownKey
from archive.decisions.reviews import Reviews
from archive.model import AddressKind
from archive.stations import identity, names
from archive.stations.identity import StationName

_TABLES = """
alter table articles add column key text not null default '';
alter table outlets add column key text not null default '';
create table other_keys (
    kind text not null,                 -- article or station
    key text not null,
    number integer not null,            -- of a row that is shown under the key, besides the one whose own it is
    primary key (kind, key, number)
) without rowid;
create table taken_down (
    kind text not null,                 -- article, station or fact
    key text not null,
    number integer,                     -- the one that its row had; null where a snapshot before had it
    day text not null default '',       -- on which it was taken down, in Beijing; '' where an earlier version did it
    primary key (kind, key)
) without rowid
"""
_INDEXES = """
create index articles_key on articles (key);
create index outlets_key on outlets (key)
"""
# The address of a copy, or of a further page, stands for the article.
_COPIES = """
insert or ignore into other_keys
select 'article', key_of('article', copies.url), articles.id
from (select distinct url, page_key from captures where kind in ('copy', 'part')) copies
join captures on captures.page_key = copies.page_key and captures.kind = 'article'
join articles on articles.capture_id = captures.id
"""
_NAMES_BY_AGE = """
select station_names.id, station_names.key, name, place, division, station_names.station_id,
    coalesce(min(reported_on), '9') as since
from station_names join facts on station_name_id = station_names.id
where station_names.station_id is not null group by station_names.id order by since, station_names.key
"""
_ALL_KEYS = """
select 'article' as kind, key, id as number from articles union select 'station', key, id from stations
union select 'fact', evidence, id from facts union select 'fact', key, null from former_facts
union select kind, key, null from other_keys
"""


def key_of(kind: str, source: str) -> str:
    """Returns the key of an article (by its address), an outlet (by its name), or a station (by the key of one of its
    names). `kind` is an AddressKind."""
    return hashlib.sha256(f"{kind} {source}".encode()).hexdigest()[:24]


def add_keys(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """Write the keys of articles, outlets and stations into a draft, with the rows that the further keys stand for. Remembers
    in reviews.db which names each station has."""
    connection.create_function("key_of", 2, key_of, deterministic=True)
    _run(connection, _TABLES)
    connection.execute("update articles set key = key_of('article', url)")
    connection.execute("update outlets set key = key_of('outlet', name)")
    _run(connection, _INDEXES)
    connection.execute(_COPIES)
    _add_station_keys(connection, reviews)


def note_keys(connection: sqlite3.Connection) -> None:
    """Note the keys that a draft has before anything is taken down."""
    connection.execute(f"create temp table keys_before as {_ALL_KEYS}")


def remember_removed(connection: sqlite3.Connection, reviews: Reviews, urls: Iterable[str]) -> None:
    """Remember the keys that a draft has no more since `note_keys`, and those of articles that are listed by their
    addresses: their captures may be gone."""
    for kind, table in ((AddressKind.ARTICLE, "articles"), (AddressKind.STATION, "stations")):
        connection.execute(f"delete from other_keys where kind = ? and number not in (select id from {table})", [kind])
    removed = connection.execute(
        "select kind, key, max(number) from temp.keys_before"
        f" where (kind, key) not in (select kind, key from ({_ALL_KEYS})) group by kind, key"
    ).fetchall()
    connection.executemany("insert or replace into taken_down (kind, key, number) values (?, ?, ?)", removed)
    connection.execute("drop table temp.keys_before")
    listed = {TakenDownKey(AddressKind.ARTICLE, key_of(AddressKind.ARTICLE, url)) for url in urls}
    reviews.remember_taken_down({TakenDownKey(AddressKind(kind), key) for kind, key, _ in removed} | listed)


def list_taken_down(connection: sqlite3.Connection, reviews: Reviews) -> None:
    """List in a draft the keys of all that was ever taken down, and when. Forget those that are there again."""
    connection.executemany(
        "insert into taken_down (kind, key, day) values (?, ?, coalesce(date(?, '+8 hours'), ''))"
        " on conflict do update set day = excluded.day",
        reviews.taken_down_keys(),
    )
    there = f"(kind, key) in (select kind, key from ({_ALL_KEYS}))"
    back = connection.execute(f"delete from taken_down where {there} returning kind, key").fetchall()
    reviews.forget_taken_down(TakenDownKey(*row) for row in back)


class _FurtherKey(NamedTuple):
    """A key that stands for a station besides its own."""

    key: str
    station_id: int


def _add_station_keys(connection: sqlite3.Connection, reviews: Reviews) -> None:
    names_in_order = [StationName(*row[:6]) for row in connection.execute(_NAMES_BY_AGE)]
    own: dict[int, str] = {}  # station -> its key
    station_of: dict[str, int] = {}  # key of a name -> the station
    for name in names_in_order:
        assert name.station_id is not None
        own.setdefault(name.station_id, key_of(AddressKind.STATION, name.key))
        station_of[name.key] = name.station_id
    connection.executemany("update stations set key = ? where id = ?", [(key, id_) for id_, key in own.items()])
    further = {_FurtherKey(key_of(AddressKind.STATION, name), station) for name, station in station_of.items()}
    reviews.remember_station_names(PublishedName(own[station], name) for name, station in station_of.items())
    further |= _further_before(reviews.station_names(), station_of, names_in_order)
    connection.executemany(
        "insert or ignore into other_keys values ('station', ?, ?)",
        sorted((key, station) for key, station in further if own[station] != key),
    )


def _further_before(
    earlier_names: Mapping[str, list[str]], station_of: Mapping[str, int], now: list[StationName]
) -> set[_FurtherKey]:
    """What was published before: where the names that a station had under a key belong now. Where no text states any
    of them any more, the stations that they are likely names of."""
    of_tail: dict[str, list[StationName]] = defaultdict(list)
    for name in now:
        of_tail[names.tail(name.name)].append(name)
    found = set()
    for key, had in earlier_names.items():
        stations = {station_of[words] for words in had if words in station_of}
        for words in had if not stations else ():
            spelling, place, division = [*words.split("|", 2), "", ""][:3]
            formerly = StationName(0, words, spelling, place, division, None)
            stations |= identity.likely(formerly, of_tail[names.tail(formerly.name)])
        found |= {_FurtherKey(key, station) for station in stations}
    return found


def _run(connection: sqlite3.Connection, script: str) -> None:
    for statement in script.split(";\n"):
        connection.execute(statement)
