"""Reprints: the same story at another address, whatever its script, noise or cuts.

A story is known by its shingles (runs of five Han characters, folded, notes stripped). MinHash bands find the articles
that may hold the same one, at a cost that does not grow with the archive; then their shingles are compared. What two
articles share must be more than a template: stories from one mould name different places or state other numbers. Links
between articles make clusters, whatever the order in which they were read.

A band that many articles have in common is a formula. Of each band an article is compared with its neighbours alone: those
whose address was first captured shortly before or after its own. So what is compared follows from the captures, however
many stories come from one mould.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from zlib import crc32

from rensa import RMinHash

from archive.facts.propose.names import find as find_names
from archive.model import Origin, SubjectKind
from archive.sql.rows import packed
from archive.text import clean, fold

_RUN = 5
_BANDS, _ROWS, _SEED = 42, 3, 20_241_124
_MIN_SHINGLES = 20  # shingles; a shorter text is too short to be recognised
_ALIKE = 0.45  # share of the smaller text's shingles that must be met
_SAME_NAMES, _SAME_NUMBERS = 0.5, 0.75  # share of them that must be the same, of the story that has fewer
_SAME_WORDS = 0.9  # share of the smaller text's shingles from which on the words are the same
_CORRECTED = 0.5  # share of the numbers that will do then: copies live on when a number is corrected
_NEIGHBOURS = 20  # of each band before an article, and after it
_HEAD = 24  # Han characters at the head, which a clipped copy keeps
_NOT_HAN = re.compile(r"[^㐀-鿿]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_KINDS = frozenset([SubjectKind.STATION, SubjectKind.ESTATE, SubjectKind.COMMUNITY])
_BROKEN = re.compile(r"(?<=[一-鿿])\?(?=[一-鿿])")


@dataclass(frozen=True)
class Story:
    """What of two texts is compared; computed when it is first read. `folded` is the text without notes."""

    folded: str

    @classmethod
    def of(cls, text: str) -> "Story":
        """The story of an article's text."""
        return cls(fold(clean(text).text))

    @cached_property
    def shingles(self) -> frozenset[int]:
        """Hashes of its runs of five Han characters."""
        return _shingles(_NOT_HAN.sub("", self.folded))

    @cached_property
    def names(self) -> frozenset[str]:
        """The stations, estates and communities that it names."""
        return frozenset(name.text for name in find_names(self.folded) if name.kind in _KINDS)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers that it states, as written."""
        return frozenset(_NUMBER.findall(self.folded))


def bands_of(text: str) -> tuple[int, ...]:
    """Hashes of which two alike stories share at least one: 42 MinHash bands, and the head of the text. None for a text
    that is too short to be recognised."""
    han = _NOT_HAN.sub("", fold(clean(text).text))
    shingles = _shingles(han)
    if len(shingles) < _MIN_SHINGLES:
        return ()
    sketch = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    sketch.update([str(shingle) for shingle in sorted(shingles)])
    values = sketch.digest()
    bands = [values[number * _ROWS : (number + 1) * _ROWS] for number in range(_BANDS)]
    return tuple((number << 32) | crc32(repr(band).encode()) for number, band in enumerate([*bands, han[:_HEAD]]))


def _shingles(han: str) -> frozenset[int]:
    return frozenset(crc32(han[i : i + _RUN].encode()) for i in range(len(han) - _RUN + 1))


def similarity(a: Story, b: Story) -> float:
    """Share of the smaller story's shingles that the other has, 0 where it is another story."""
    fewer = min(len(a.shingles), len(b.shingles))
    if fewer < _MIN_SHINGLES:
        return 0.0
    shared = len(a.shingles & b.shingles) / fewer
    return round(shared, 3) if shared >= _ALIKE and _have_the_same_story(a, b, shared) else 0.0


def _have_the_same_story(a: Story, b: Story, shared: float) -> bool:
    """Whether two alike texts name the same places and state the same numbers, as far as they state any."""
    numbers = _SAME_NUMBERS if shared < _SAME_WORDS else _CORRECTED
    return _agree(a.numbers, b.numbers, numbers) and _agree(a.names, b.names, _SAME_NAMES)


def _agree(mine: frozenset[str], theirs: frozenset[str], share: float) -> bool:
    fewer = min(len(mine), len(theirs))
    return not fewer or len(mine & theirs) / fewer >= share


def record(connection: sqlite3.Connection, article_id: int, text: str, bands: tuple[int, ...]) -> None:
    """Link an article to those with the same story, and settle the clusters concerned. `bands` are those of the text."""
    touched = _unlink(connection, article_id) | {article_id}
    there = _bands(connection, article_id)
    position = _position(connection, article_id)
    for band in there - set(bands):
        touched |= _leave(connection, article_id, band, position)
    for band in set(bands) - there:
        touched |= _enter(connection, article_id, band, position)
    neighbours = {other for band in bands for side in _SIDES for other in _nearest(connection, band, position, side)}
    story = Story.of(text) if neighbours else None
    for other in sorted(neighbours):
        if story and _link(connection, article_id, story, other):
            touched.add(other)
    _settle(connection, touched)


def forget(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out of all clusters."""
    touched = _unlink(connection, article_id) | {article_id}
    position = _position(connection, article_id)
    for band in _bands(connection, article_id):
        touched |= _leave(connection, article_id, band, position)
    _settle(connection, touched)


def remove(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out of its cluster in a snapshot, where no new article comes: another one may be the original now."""
    _settle(connection, _unlink(connection, article_id) | {article_id})


def _unlink(connection: sqlite3.Connection, article_id: int) -> set[int]:
    """Remove an article's links; returns the articles it was linked to."""
    linked = _linked(connection, article_id)
    connection.execute("delete from similar_articles where article_id = ? or other_id = ?", [article_id, article_id])
    connection.execute("delete from reprints where article_id = ? or original_id = ?", [article_id, article_id])
    return linked


def _link(connection: sqlite3.Connection, article_id: int, story: Story, other: int) -> bool:
    """Link two articles if they have the same story."""
    share = similarity(story, _story(connection, other))
    if share:
        connection.execute(
            "insert or replace into similar_articles values (?, ?, ?)", [*sorted((article_id, other)), share]
        )
    return bool(share)


def _story(connection: sqlite3.Connection, article_id: int) -> Story:
    return Story.of(connection.execute("select text from articles where id = ?", [article_id]).fetchone()[0])


def _linked(connection: sqlite3.Connection, article_id: int) -> set[int]:
    rows = connection.execute(
        "select other_id from similar_articles where article_id = ? union select article_id from similar_articles where other_id = ?",
        [article_id, article_id],
    )
    return {other for (other,) in rows}


# Neighbours in bands

_BEFORE, _AFTER = _SIDES = (
    "first_capture_id < ?2 order by first_capture_id desc",
    "first_capture_id > ?2 order by first_capture_id",
)


def _position(connection: sqlite3.Connection, article_id: int) -> int:
    """Where an article stands among others, whatever the order in which they were read: by its address's first capture."""
    return connection.execute(
        "select min(captures.id) from articles join captures on captures.url = articles.url where articles.id = ?",
        [article_id],
    ).fetchone()[0]


def _bands(connection: sqlite3.Connection, article_id: int) -> set[int]:
    return {band for (band,) in connection.execute("select hash from bands where article_id = ?", [article_id])}


def _nearest(connection: sqlite3.Connection, band: int, position: int, side: str) -> list[int]:
    """The nearest that have the band on one side of a position, the nearest first."""
    rows = connection.execute(
        f"select article_id from bands where hash = ? and {side} limit {_NEIGHBOURS}", [band, position]
    )
    return [other for (other,) in rows]


def _across(connection: sqlite3.Connection, band: int, position: int) -> list[tuple[int, int]]:
    """The pairs on both sides of a position that are neighbours in a band only if nobody stands there."""
    after = _nearest(connection, band, position, _AFTER)
    before = _nearest(connection, band, position, _BEFORE) if after else []  # mostly the position is the last
    return [
        (one, after[_NEIGHBOURS - 1 - nearer])
        for nearer, one in enumerate(before)
        if len(after) > _NEIGHBOURS - 1 - nearer
    ]


def _enter(connection: sqlite3.Connection, article_id: int, band: int, position: int) -> set[int]:
    """Give an article a band; returns those that are no longer linked because it stands between them."""
    connection.execute(
        "insert into bands (hash, first_capture_id, article_id) values (?, ?, ?)", [band, position, article_id]
    )
    parted: set[int] = set()
    for one, other in _across(connection, band, position):
        pair = sorted((one, other))
        linked = connection.execute(
            "select 1 from similar_articles where article_id = ? and other_id = ?", pair
        ).fetchone()
        if linked and not _neighbours(connection, one, other):
            connection.execute("delete from similar_articles where article_id = ? and other_id = ?", pair)
            parted |= {one, other}
    return parted


def _leave(connection: sqlite3.Connection, article_id: int, band: int, position: int) -> set[int]:
    """Take a band from an article; returns those that are linked now that it no longer stands between them."""
    connection.execute("delete from bands where hash = ? and first_capture_id = ?", [band, position])
    joined: set[int] = set()
    for one, other in _across(connection, band, position):
        if _link(connection, one, _story(connection, one), other):
            joined |= {one, other}
    return joined


def _neighbours(connection: sqlite3.Connection, one: int, other: int) -> bool:
    """Whether two articles are neighbours in any band."""
    rows = connection.execute(
        "select a.hash, min(a.first_capture_id, b.first_capture_id), max(a.first_capture_id, b.first_capture_id)"
        " from bands a join bands b on b.hash = a.hash"
        " where a.article_id = ? and b.article_id = ?",
        [one, other],
    ).fetchall()
    between = (
        "select count(*) from (select 1 from bands where hash = ? and first_capture_id > ? and first_capture_id < ?"
        f" limit {_NEIGHBOURS})"
    )
    return any(connection.execute(between, row).fetchone()[0] < _NEIGHBOURS for row in rows)


# Clusters


def _settle(connection: sqlite3.Connection, touched: Iterable[int]) -> None:
    """Write the clusters again that these articles are in."""
    done: set[int] = set()
    for start in sorted(touched):
        if start in done:
            continue
        members, waiting = {start}, [start]
        while waiting:
            for other in _linked(connection, waiting.pop()) - members:
                members.add(other)
                waiting.append(other)
        done |= members
        _write(connection, sorted(members))


def _write(connection: sqlite3.Connection, members: list[int]) -> None:
    wanted = []
    if len(members) > 1:
        original, reasons = _original(connection, members)
        best = _best_similarity(connection, members)
        wanted = [(m, original, best[m], packed(reasons)) for m in members if m != original]
    there = connection.execute(
        "select article_id, original_id, similarity, reasons from reprints where article_id in (select value from json_each(?)) order by article_id",
        [packed(members)],
    ).fetchall()
    if there != wanted:
        connection.execute(
            "delete from reprints where article_id in (select value from json_each(?))", [packed(members)]
        )
        connection.executemany(
            "insert into reprints (article_id, original_id, similarity, reasons) values (?, ?, ?, ?)", wanted
        )


def _best_similarity(connection: sqlite3.Connection, members: list[int]) -> dict[int, float]:
    best: dict[int, float] = {}
    for a, b, share in connection.execute(
        "select article_id, other_id, similarity from similar_articles where article_id in (select value from json_each(?))",
        [packed(members)],
    ):
        best[a], best[b] = max(best.get(a, 0), share), max(best.get(b, 0), share)
    return best


class _Original(NamedTuple):
    """The likely original of a cluster, by its number, and what speaks for it."""

    article_id: int
    reasons: list[str]


def _original(connection: sqlite3.Connection, members: list[int]) -> _Original:
    rows = connection.execute(
        "select articles.id, articles.url, articles.source, outlets.name, provenance, substr(published, 1, 10), text, fetched_at"
        " from articles join outlets on outlets.id = articles.outlet_id join captures on captures.id = capture_id"
        " where articles.id in (select value from json_each(?))",
        [packed(members)],
    ).fetchall()
    named = {row[2] for row in rows if row[2]}  # the outlets that members name as their source
    ranked = []
    for article_id, url, source, outlet, provenance, day, text, fetched in rows:
        own = source == outlet or (not source and outlet in named)
        clean_ = provenance != Origin.MIRROR
        noise = len(text) - len(clean(text).text) + len(_BROKEN.findall(text))
        ranked.append(
            (
                (not clean_, not own, provenance == Origin.REPRINT, day or "9999", noise, fetched, url),
                article_id,
                day,
                own,
                noise,
            )
        )
    ranked.sort()
    _, best, day, own, noise = ranked[0]
    reasons = []
    if own and sum(r[3] for r in ranked) == 1:
        reasons.append("it alone names itself as the source, or is named as such")
    if day and day == min(r[2] for r in ranked if r[2]):
        reasons.append(f"no other is dated earlier than its {day}")
    if noise < max(r[4] for r in ranked):
        reasons.append(
            "its text has the least noise" if noise == min(r[4] for r in ranked) else "others have more noise"
        )
    return _Original(best, reasons or ["it was captured first"])
