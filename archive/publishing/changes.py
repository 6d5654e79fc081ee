"""What a publication changed: a line of JSON for each article, fact and station that it added, changed or withdrew.

A snapshot is compared with the one that it replaces, by permanent keys. Its table `publications` lists the publications whose
lines are kept, in the folder `changes` beside it. The table decides: a file that it does not list is not served, and the next
publication deletes it. The file takes its place just before the snapshot that lists it, so every publication that became public
has its file, and no other has one.

A line has a key, what happened and why, but no word and no number of what the key stands for. So earlier lines need not change
when something is taken down: a key is a hash, and its address answers 410. Programs ask for the content by the key.

The lines are not in backups, because they follow from two snapshots and a restored archive has none. Its first publication has no
`previous`, which tells programs to fetch everything once. So has one whose predecessor was deleted.
"""

import json
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from archive import clock
from archive.errors import is_damage
from archive.model import AddressKind
from archive.publishing.codebook import TABLES
from archive.sql.files import remove
from archive.sql.rows import Row

_KEPT = 400  # publications, and about as many bytes as the snapshot has at most: to fetch that is cheaper then
_TABLE = """
create table if not exists publications (
    number integer primary key,
    at text not null,                   -- when it was made (UTC)
    previous text,                      -- `at` of the one that it was compared with; null: with none
    bytes integer not null,             -- of its lines
    counts text not null                -- JSON: how many lines it has of each kind, change and reason
)
"""


class Reason(StrEnum):
    """Why something was added, changed or withdrawn, as far as two snapshots show it."""

    NEW_ARTICLE = "new_article"
    NEW_VERSION = "new_version"  # of the article, captured since
    GONE = "gone"  # the outlet's page is
    BACK = "back"
    READER = "reader"  # another version of the program reads the article otherwise
    EDITOR = "editor"  # a person confirmed, corrected or rejected it
    REPRINT = "reprint"  # the article, or one with the same story, counts as a reprint now, or no more
    MERGE = "merge"  # it is shown under another key now, or has taken in another
    SPLIT = "split"  # it was shown under another key before
    TAKEDOWN = "takedown"
    RESTORED = "restored"  # a takedown was undone
    UNKNOWN = "unknown"


class _Compared(NamedTuple):
    """What is compared of a kind: its table, with the column of its keys, and the columns beside the table's own: keys in the
    place of numbers, which may be others after a rebuild. {0}: the database."""

    table: str
    key: str
    beside: str
    joined: str = ""


_SIDES = ("is", "main"), ("was", "before")  # the views, and the database of each
_READERS = "articles.revision as version, articles.reader_version || articles.extractor_version as readers"
_KINDS = {
    AddressKind.ARTICLE: _Compared(
        "articles",
        "key",
        f"{_READERS}, outlets.key as outlet_key, captures.digest as digest, originals.key as original",
        "join {0}.outlets on outlets.id = articles.outlet_id join {0}.captures on captures.id = articles.capture_id"
        " left join {0}.reprints on reprints.article_id = articles.id left join {0}.articles originals on originals.id = original_id",
    ),
    AddressKind.FACT: _Compared(
        "facts",
        "evidence",
        f"{_READERS}, articles.key as article, stations.key as station, counted.evidence as counts_as",
        "join {0}.articles on articles.id = facts.article_id left join {0}.statement_facts on fact_id = facts.id"
        " left join {0}.stations on stations.id = statement_facts.station_id left join {0}.facts counted on counted.id = statement",
    ),
    AddressKind.STATION: _Compared("stations", "key", "stations.id as number"),
}
# Numbers, and what tells the reason of a change but is none by itself.
_UNCOMPARED = {"id", "article_id", "station_id", "page_spans", "reader_version", "extractor_version", "version", "readers", "digest", "number"}  # fmt: skip
_OF_EDITORS = ("review", "reviewed_value", "extracted")  # columns of facts
# The first that applies. `one` is the row of the new snapshot, or of the one before where the new one has none; `was` is the row before.
_ADDED = {
    AddressKind.ARTICLE: """
        iif(one.key in (select key from before.other_keys where kind = 'article'), 'split', null),
        iif(exists (select 1 from before.captures where url = one.url and captures.digest = one.digest), 'reader', 'new_article')""",
    AddressKind.FACT: """
        (select reason from temp.changes where kind = 'article' and key = one.article and change = 'added'),
        (select 'editor' from before.former_facts where former_facts.key = one.key and rejected),
        (select iif(version != one.version, 'new_version', iif(readers != one.readers, 'reader', null))
            from temp.was_article where key = one.article),
        iif(one.review != '', 'editor', null)""",
    AddressKind.STATION: """
        iif(one.key in (select key from before.other_keys where kind = 'station'), 'split', null),
        (select reason from temp.is_reasons where number = one.number)""",
}
_CHANGED = {
    AddressKind.ARTICLE: """
        iif(one.version != was.version, 'new_version', null),
        iif(one.gone_at is was.gone_at, null, iif(one.gone_at is null, 'back', 'gone')),
        iif(one.readers != was.readers, 'reader', null), iif(one.original is not was.original, 'reprint', null)""",
    AddressKind.FACT: """
        iif({editors}, 'editor', null), iif(one.version != was.version, 'new_version', null),
        iif(one.readers != was.readers, 'reader', null),
        iif(one.station != was.station and was.station not in (select key from main.stations), 'merge', null),
        iif(one.station != was.station and one.station not in (select key from before.stations), 'split', null),
        iif(one.station is not was.station or one.counts_as is not was.counts_as, 'reprint', null)""",
    AddressKind.STATION: """
        (select 'merge' from main.other_keys join before.stations using (key) where kind = 'station' and other_keys.number = one.number),
        (select reason from temp.is_reasons where number = one.number)""",
}
_WITHDRAWN = {
    AddressKind.ARTICLE: """
        iif(one.key in (select key from main.other_keys where kind = 'article'), 'merge', null),
        (select 'reader' from main.captures where url = one.url and captures.digest = one.digest
            and reader_version || extractor_version != one.readers)""",
    AddressKind.FACT: """
        (select iif(rejected, 'editor', 'reader') from main.former_facts where former_facts.key = one.key),
        (select reason from temp.changes where kind = 'article' and key = one.article and change = 'withdrawn'),
        (select iif(version != one.version, 'new_version', iif(readers != one.readers, 'reader', null))
            from temp.is_article where key = one.article)""",
    AddressKind.STATION: """
        iif(one.key in (select key from main.other_keys where kind = 'station'), 'merge', null),
        (select reason from temp.was_reasons where number = one.number)""",
}
# A station is there, and has its name, because of its facts: it has the reason that most of these have.
_BY_FACTS = """
create temp table {0}_reasons as select number, reason from (
    select statement_facts.station_id as number, reason, row_number() over (partition by statement_facts.station_id order by count(*) desc, reason) as place
    from temp.changes join {1}.facts on evidence = changes.key join {1}.statement_facts on fact_id = facts.id
    where changes.kind = 'fact' and statement_facts.station_id is not null group by statement_facts.station_id, reason)
where place = 1
"""
# Under which key it is shown now.
_SHOWN_AS = {
    AddressKind.ARTICLE: "select min(articles.key) from main.other_keys join main.articles on articles.id = number where kind = 'article' and other_keys.key = one.key having count(*) = 1",
    AddressKind.FACT: "select successor from main.former_facts where former_facts.key = one.key and successor in (select evidence from main.facts)",
    AddressKind.STATION: "select min(stations.key) from main.other_keys join main.stations on stations.id = number where kind = 'station' and other_keys.key = one.key having count(*) = 1",
}  # fmt: skip
_LINES = """
select json_patch('{}', json_object('at', ?, 'kind', kind, 'key', key, 'change', change, 'reason', reason, 'shown_as', shown_as))
from temp.changes order by kind, key
"""
_DROP = """
delete from publications where number not in (
    select number from (select number, sum(bytes) over (order by number desc) - bytes as newer from publications)
    where newer <= ? order by number desc limit ?)
"""
_COUNTS = """
select json_group_array(json_object('kind', kind, 'change', change, 'reason', reason, 'count', count)) from (
    select kind, change, reason, count(*) as count from temp.changes group by kind, change, reason order by kind, change, reason)
"""


@dataclass(frozen=True)
class Publication:
    """A publication: when it was made and when the one before it was (UTC; None: it was compared with none), the size of the file
    with its lines in bytes, and how many lines it has, by `kind`, `change` and `reason`."""

    at: str
    previous: str | None
    bytes: int
    counts: list[Row]

    @property
    def name(self) -> str:
        """The name of the file with its lines: 2026-11-27T133000.123Z.jsonl. Names sort by time, and no file system refuses them."""
        return f"{self.at.replace(':', '')}.jsonl"


def note(draft: Path, before: Path, lines: Path, *, only: Reason | None = None) -> None:
    """List a publication in the draft of its snapshot, unless it changes nothing.

    Args:
        draft: the draft, complete.
        before: the snapshot that it is to replace.
        lines: the file for what it changes; made if that is anything.
        only: the reason of all changes, where it is known.

    Raises:
        OSError, sqlite3.Error: the disk is full.
    """
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute(_TABLE)
        connection.execute("delete from publications")  # a draft may be a copy of the snapshot before
        connection.execute("attach ? as before", [str(before) if before.exists() else ":memory:"])
        at = clock.now()
        try:
            [(last, previous)] = connection.execute(
                "select number, at from before.publications order by number desc limit 1"
            )
            _compare(connection, only)
        except sqlite3.OperationalError as error:
            if not is_damage(error) or _is_of_one_version(connection):
                raise
            # There is no snapshot before; or another version of the program made it, without a table or column of today's.
            connection.execute("insert into publications values (1, ?, null, 0, '[]')", [at])
            return
        connection.execute("insert into publications select * from before.publications")
        if connection.execute("select 1 from temp.changes").fetchone():
            _write(connection, at, lines)
            size = lines.stat().st_size
            connection.execute(
                f"insert into publications values (?, ?, ?, ?, ({_COUNTS}))", [last + 1, at, previous, size]
            )
        connection.execute(_DROP, [draft.stat().st_size, _KEPT])


def put_in_place(lines: Path, draft: Path, before: Path) -> None:
    """Put the lines of a publication, if it has any, where they are served from once its draft has replaced the snapshot before.
    Delete those that neither lists: they are too old, or their publication did not become public.

    The caller holds the lock of the folder. Raises OSError.
    """
    folder = draft.with_name("changes")
    names = _listed(draft)
    if lines.exists():
        folder.mkdir(exist_ok=True)
        lines.replace(folder / names[0])
    names += _listed(before) if before.exists() else []
    remove(path for path in folder.glob("*") if path.name not in names)


def _listed(snapshot: Path) -> list[str]:
    """The names of the files that a snapshot lists, the newest first; none if another version of the program made it."""
    with closing(sqlite3.connect(snapshot)) as connection:
        has_list = connection.execute("select 1 from sqlite_master where name = 'publications'").fetchone()
        return [one.name for one in published(connection)] if has_list else []


def published(connection: sqlite3.Connection) -> list[Publication]:
    """Returns the publications that a snapshot lists, the newest first."""
    found = connection.execute("select at, previous, bytes, counts from publications order by number desc")
    return [Publication(at, previous, size, json.loads(counts)) for at, previous, size, counts in found]


def _compare(connection: sqlite3.Connection, only: Reason | None) -> None:
    """Put what differs between the databases `main` and `before` into the table temp.changes."""
    connection.execute(
        "create temp table changes (kind text, key text, change text, reason text, shown_as text, primary key (kind, key))"
    )
    for kind in _KINDS:
        _add_views(connection, kind)
    otherwise = _takedowns(connection)
    _list(connection, AddressKind.ARTICLE, otherwise)
    _list(connection, AddressKind.FACT, otherwise)
    for view, database in _SIDES:
        connection.execute(_BY_FACTS.format(view, database))
    _list(connection, AddressKind.STATION, otherwise)
    if only:
        connection.execute("update temp.changes set reason = ?", [only])
    connection.execute("update temp.changes set shown_as = null where reason = ?", [Reason.TAKEDOWN])


def _is_of_one_version(connection: sqlite3.Connection) -> bool:
    now, then = (connection.execute(f"pragma {database}.application_id").fetchone() for _, database in _SIDES)
    return bool(now == then)


def _add_views(connection: sqlite3.Connection, kind: AddressKind) -> None:
    """Add temp.is_KIND and temp.was_KIND: what is compared, of the columns that the tables have in both databases."""
    table, key, beside, joined = _KINDS[kind]
    now, then = (
        {name for _, name, *_ in connection.execute(f"pragma {database}.table_info({table})")} for _, database in _SIDES
    )
    own = [one.name for one in TABLES[table] if one.name in now & then - {key}]
    columns = ", ".join(f'{table}."{name}"' for name in own)
    for view, database in _SIDES:
        connection.execute(
            f"create temp view {view}_{kind} as select {table}.{key} as key, {columns}, {beside}"
            f" from {database}.{table} {joined.format(database)}"
        )


def _takedowns(connection: sqlite3.Connection) -> Reason:
    """The reason of what nothing else explains: a name that was blacked out since, or is shown again; else it is unknown."""
    now, then = (
        {number for (number,) in connection.execute(f"select number from {database}.applied_takedowns")}
        for _, database in _SIDES
    )
    return Reason.TAKEDOWN if now - then else Reason.RESTORED if then - now else Reason.UNKNOWN


def _list(connection: sqlite3.Connection, kind: AddressKind, otherwise: Reason) -> None:
    """List the rows of a kind that differ. `otherwise` is the reason where none of those for the kind applies."""
    table, key, *_ = _KINDS[kind]
    columns = [name for _, name, *_ in connection.execute(f"pragma temp.table_info(is_{kind})")]
    changed = _CHANGED[kind].format(editors=_differ(name for name in columns if name in _OF_EDITORS))
    differ = _differ(name for name in columns if name not in _UNCOMPARED)
    added, withdrawn = (
        f"iif(one.key in (select key from {database}.taken_down where kind = '{kind}'), '{of_takedown}', coalesce({reasons[kind]}, ?))"
        for database, of_takedown, reasons in (("before", "restored", _ADDED), ("main", "takedown", _WITHDRAWN))
    )
    for change, values in {
        "added": f"{added}, null from temp.is_{kind} one where one.key not in (select {key} from before.{table})",
        "changed": f"coalesce({changed}, ?), null from temp.is_{kind} one join temp.was_{kind} was using (key) where {differ}",
        "withdrawn": f"{withdrawn}, ({_SHOWN_AS[kind]}) from temp.was_{kind} one where one.key not in (select {key} from main.{table})",
    }.items():
        connection.execute(f"insert into temp.changes select '{kind}', one.key, '{change}', {values}", [otherwise])


def _differ(columns: Iterable[str]) -> str:
    """The condition that columns differ between the rows `one` and `was`."""
    named = list(columns)
    one, was = (", ".join(f'{row}."{name}"' for name in named) for row in ("one", "was"))
    return f"({one}) is not ({was})" if named else "0"


def _write(connection: sqlite3.Connection, at: str, lines: Path) -> None:
    with lines.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for (line,) in connection.execute(_LINES, [at]))
        stream.flush()
        os.fsync(stream.fileno())
