"""The keys of statements, by which reviews, citations and alerts know them, and which outlive the reader.

A new statement's key is a hash of what it says. When another reader reads the same article, a statement keeps the key of
an earlier one of the same type and number (date, for dates) whose quote it overlaps. What is read no more is kept in
`former_facts` with its words, and with the key of the statement that replaced it, if one did.
"""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache

from archive.model import Fact
from archive.stations.names import normal

Texts = Mapping[int, str]  # revision -> text
Find = Callable[[str, int, int], int]  # quote, where it stood, revision -> where it stands


@dataclass(frozen=True)
class Statement:
    """What one article says, as one reader read it. `revision` is the last version of the article that says it; `shown`
    says whether it was ever a fact, and no mere candidate."""

    key: str = ""
    type: str = ""
    subject: str = ""
    value: float | None = None
    value_high: float | None = None
    unit: str = ""
    approx: str = ""
    qualifier: str = ""
    date: str = ""
    quote: str = ""
    start: int = 0
    end: int = 0
    revision: int = 0
    shown: bool = True

    @classmethod
    def of(cls, row: Mapping[str, object], **more: object) -> "Statement":
        """From a row of `facts`, `candidates` or `former_facts`, or what a review says of one."""
        values = {field.name: row[field.name] for field in fields(cls) if field.name in row}
        return cls(**values | more)  # type: ignore[arg-type]

    def words(self) -> tuple[object, ...]:
        """What makes two readings the same, word for word."""
        return (self.type, normal(self.subject), self.quote, self.value, self.value_high, self.qualifier, self.date)

    def number(self) -> tuple[object, ...]:
        """What it states: type and number, or the date if it states one. Of addresses and names, the quote."""
        return (self.type, self.value, self.value_high, self.date if self.unit == "date" else "")


def key_of(url: str, fact: Fact) -> str:
    """The key of a statement that is new: the same words of the same article saying the same of the same subject,
    wherever they stand."""
    identity = [
        url,
        fact.type,
        normal(fact.subject),
        fact.quote,
        fact.value,
        fact.value_high,
        fact.qualifier,
        fact.date,
    ]
    return _hash(json.dumps(identity, ensure_ascii=False))


def keys(new: Sequence[Statement], known: Sequence[Statement], texts: Texts) -> list[str]:
    """Find the keys of the statements of an article.

    Args:
        new: the statements, each with the key that it has if it is new.
        known: the statements of the article as they were read before; the first ones are preferred.
        texts: the texts of the article's versions, by their numbers.

    Returns:
        The key of each new statement, in their order: that of the known statement which it is, or else its own.
    """
    kept = matched(new, known, texts)
    taken = {one.key for one in known}
    found = []
    for number, statement in enumerate(new):
        key = kept[number].key if number in kept else statement.key
        while number not in kept and key in taken:
            key = _hash(key)
        taken.add(key)
        found.append(key)
    return found


def matched(new: Sequence[Statement], known: Sequence[Statement], texts: Texts) -> dict[int, Statement]:
    """Find which statements are known: by their words, by their keys, or as one of the same type and number whose quote
    overlaps. Each is matched once, the most alike first. The arguments are as in `keys`.

    Returns:
        The known statement, by the position of the new one that it is.
    """
    kept: dict[int, Statement] = {}
    left = list(known)
    for same in (Statement.words, lambda statement: statement.key):
        by: dict[object, list[Statement]] = defaultdict(list)
        for one in left:
            by[same(one)].append(one)
        for number, statement in enumerate(new):
            if number not in kept and by.get(same(statement)):
                kept[number] = by[same(statement)].pop(0)
                left.remove(kept[number])
    find = _finder(texts)
    numbers: dict[object, list[int]] = defaultdict(list)
    for index, one in enumerate(left):
        numbers[one.number()].append(index)
    pairs = [
        (_alike(statement, left[index]), met, -number, -index)
        for number, statement in enumerate(new)
        if number not in kept
        for index in numbers.get(statement.number(), ())
        if (met := _met(statement, left[index], find))
    ]
    used: set[int] = set()
    for *_, number, index in sorted(pairs, reverse=True):
        if -number not in kept and -index not in used:
            kept[-number] = left[-index]
            used.add(-index)
    return kept


def successors(lost: Iterable[Statement], now: Sequence[Statement], texts: Texts) -> dict[str, str]:
    """Find what is read in the place of statements that are read no more.

    Args:
        lost: the statements that are read no more.
        now: the statements that are read now.
        texts: the texts of the article's versions, by their numbers.

    Returns:
        The key of the statement that is read instead, by the key of the lost one: one of the same words, or else of the same
        type and number elsewhere in the article, of the same subject if there is one.
    """
    find = _finder(texts)
    found = {}
    for one in lost:
        ways = [
            (bool(met), same, _alike(statement, one), met, -index)
            for index, statement in enumerate(now)
            for met in [_met(statement, one, find)]
            for same in [statement.number() == one.number() and one.unit != "text"]
            if met or same
        ]
        if ways:
            found[one.key] = now[-max(ways)[-1]].key
    return found


def _alike(a: Statement, b: Statement) -> int:
    """In how much of subject, qualifier and date two statements agree; the subject weighs most."""
    return 4 * (normal(a.subject) == normal(b.subject)) + 2 * (a.qualifier == b.qualifier) + (a.date == b.date)


def _met(new: Statement, old: Statement, find: Find) -> int:
    """How many characters two quotes share: those at the same position of the text, or where the old one is no longer in it,
    the shorter quote if the other holds it."""
    start = find(old.quote, old.start, new.revision)
    if start >= 0:
        return max(0, min(new.end, start + len(old.quote)) - max(new.start, start))
    return min(len(new.quote), len(old.quote)) if new.quote in old.quote or old.quote in new.quote else 0


def _finder(texts: Texts) -> Find:
    """Where a quote stands in the text of a revision: where it stood before, else at its first position; -1 where it does not.
    Each is looked for once, however many statements it is compared with."""

    @cache
    def find(quote: str, start: int, revision: int) -> int:
        text = texts.get(revision, "")
        return start if text.startswith(quote, start) else text.find(quote)

    return find


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


# Rows


def former(connection: sqlite3.Connection, url: str) -> list[Statement]:
    """Returns the statements that an earlier reader read in an article and this one does not."""
    return [Statement.of(row) for row in _rows(connection, "select * from former_facts where url = ?", [url])]


def keep_former(
    connection: sqlite3.Connection, url: str, lost: Sequence[Statement], following: Mapping[str, str]
) -> None:
    """Keep the statements that are read no more of an article, and no others, as its former facts.

    Args:
        connection: the database.
        url: the address of the article.
        lost: the statements that are read no more.
        following: the key of the statement that is read instead, by the key of the lost one.
    """
    wanted = sorted(tuple(_former_row(url, one, following.get(one.key)).values()) for one in lost)
    there = connection.execute(f"select {_COLUMNS} from former_facts where url = ? order by key", [url]).fetchall()
    if there != wanted:
        connection.execute("delete from former_facts where url = ?", [url])
        _insert(connection, wanted)


def carry(old: sqlite3.Connection, fresh: sqlite3.Connection, database: str = "main") -> None:
    """Give the keys of an old archive to one that is rebuilt from its captures, for statements that are read again. What is
    not read again stays as a former fact.

    Args:
        old: a connection to the old archive, of any version.
        fresh: a connection to the new one.
        database: the name of the old archive in its connection.
    """
    tables = {name for (name,) in old.execute(f"select name from {database}.sqlite_master where type = 'table'")}
    if "former_facts" in tables:
        kept = _rows(old, f"select * from {database}.former_facts")
        rows = (_former_row(str(row["url"]), Statement.of(row), row["successor"]) for row in kept)
        _insert(fresh, (tuple(row.values()) for row in rows))
    for table in sorted(tables & {"facts", "candidates"}):
        stated = _rows(
            old,
            f"select theirs.*, url from {database}.{table} theirs join {database}.articles on articles.id = article_id",
        )
        shown = table == "facts"
        statements = ((row["url"], Statement.of(row, key=row["evidence"], shown=shown)) for row in stated)
        _insert(fresh, (tuple(_former_row(str(url), one).values()) for url, one in statements))
    for table in ("facts", "candidates"):  # of what was read before this was broken off
        fresh.execute(f"delete from main.former_facts where key in (select evidence from main.{table})")


def predecessors(connection: sqlite3.Connection, key: str) -> set[str]:
    """The keys of all that a statement replaced."""
    return {one for (one,) in connection.execute("select key from former_facts where successor = ?", [key])}


def same_statement(snapshot: sqlite3.Connection, key: str) -> set[str]:
    """The keys of all facts of a snapshot that make the same statement as the fact with this key; its own among them."""
    found = snapshot.execute(
        "select other.evidence from facts join statement_facts mine on mine.fact_id = facts.id"
        " join statement_facts theirs using (statement) join facts other on other.id = theirs.fact_id"
        " where facts.evidence = ?",
        [key],
    )
    return {key, *(one for (one,) in found)}


def _former_row(url: str, one: Statement, successor: object = None) -> dict[str, object]:
    row = asdict(one)
    return {"key": row.pop("key"), "url": url, **row, "shown": int(one.shown), "successor": successor}


_COLUMNS = ", ".join(
    f'"{name}"' for name in _former_row("", Statement("", "", "", None, None, "", "", "", "", "", 0, 0))
)


def _insert(connection: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(_COLUMNS.split(",")))
    connection.executemany(f"insert or ignore into main.former_facts ({_COLUMNS}) values ({marks})", rows)


def _rows(connection: sqlite3.Connection, sql: str, given: Sequence[object] = ()) -> Iterator[dict[str, object]]:
    cursor = connection.execute(sql, given)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)
