"""Reprints: the same story told again, whatever its script, noise or cuts.

A story is known by its shingles (runs of five Han characters, folded, notes stripped). MinHash bands find the articles
that may tell the same one, at a cost that does not grow with the archive; then their shingles are compared. What two
articles share must be more than a template: stories from one mould about different stations name different places. Links
between articles make clusters, whatever the order in which they came.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

from rensa import RMinHash

from archive.facts.names import find as find_names
from archive.rows import packed
from archive.text import clean, fold

_RUN = 5
_BANDS, _ROWS, _SEED = 42, 3, 20_241_124
_FEWEST = 20  # shingles; a shorter text is too short to be told apart
_ALIKE = 0.45  # share of the smaller text's shingles that must be met
_AGREE = 0.5  # share of the names, and of the numbers, that must be the same
_MOST = 500  # candidates that are compared, those with most bands in common first; with more, who came first tells
_HEAD = 24  # Han characters at the head, which a clipped copy keeps
_NOT_HAN = re.compile(r"[^㐀-鿿]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_KINDS = frozenset(["station", "estate", "community"])
_BROKEN = re.compile(r"(?<=[一-鿿])\?(?=[一-鿿])")


@dataclass(frozen=True)
class Story:
    """What of two texts is compared; found only as far as it is asked for. `folded` is the text without notes."""

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
        """The numbers that it gives, as written."""
        return frozenset(_NUMBER.findall(self.folded))


def bands_of(text: str) -> tuple[int, ...]:
    """Hashes of which two alike stories share at least one: 42 MinHash bands, and the head of the text. None for a text
    that is too short to be told apart."""
    han = _NOT_HAN.sub("", fold(clean(text).text))
    shingles = _shingles(han)
    if len(shingles) < _FEWEST:
        return ()
    sketch = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    sketch.update([str(shingle) for shingle in sorted(shingles)])
    values = sketch.digest()
    bands = [values[number * _ROWS : (number + 1) * _ROWS] for number in range(_BANDS)]
    return tuple((number << 32) | crc32(repr(band).encode()) for number, band in enumerate([*bands, han[:_HEAD]]))


def _shingles(han: str) -> frozenset[int]:
    return frozenset(crc32(han[i : i + _RUN].encode()) for i in range(len(han) - _RUN + 1))


def likeness(a: Story, b: Story) -> float:
    """Share of the smaller story's shingles that the other has, 0 where it is another story."""
    fewer = min(len(a.shingles), len(b.shingles))
    if fewer < _FEWEST:
        return 0.0
    shared = len(a.shingles & b.shingles) / fewer
    return round(shared, 3) if shared >= _ALIKE and _tell_of_the_same(a, b) else 0.0


def _tell_of_the_same(a: Story, b: Story) -> bool:
    """Whether two alike texts name the same places and give the same numbers, as far as they give any."""
    return _agree(a.numbers, b.numbers) and _agree(a.names, b.names)


def _agree(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    fewer = min(len(mine), len(theirs))
    return not fewer or len(mine & theirs) / fewer >= _AGREE


def record(connection: sqlite3.Connection, article_id: int, text: str, bands: tuple[int, ...]) -> None:
    """Link an article to those that tell the same story, and settle the clusters concerned. `bands` are those of the text."""
    touched = _unlink(connection, article_id) | {article_id}
    candidates = _candidates(connection, article_id, bands)
    story = Story.of(text) if candidates else None
    for other in candidates:
        their = connection.execute("select text from articles where id = ?", [other]).fetchone()
        share = likeness(story, Story.of(their[0])) if story and their else 0.0
        if share:
            connection.execute("insert into likenesses values (?, ?, ?)", [*sorted((article_id, other)), share])
            touched.add(other)
    connection.executemany("insert into bands values (?, ?)", [(band, article_id) for band in bands])
    _settle(connection, touched)


def forget(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out of all clusters."""
    _settle(connection, _unlink(connection, article_id))


def _unlink(connection: sqlite3.Connection, article_id: int) -> set[int]:
    """Remove an article's bands and links; gives the articles it was linked to."""
    linked = _linked(connection, article_id)
    connection.execute("delete from bands where article_id = ?", [article_id])
    connection.execute("delete from likenesses where article_id = ? or other_id = ?", [article_id, article_id])
    connection.execute("delete from reprints where article_id = ? or original_id = ?", [article_id, article_id])
    return linked


def _candidates(connection: sqlite3.Connection, article_id: int, bands: tuple[int, ...]) -> list[int]:
    if not bands:
        return []
    # Few of a band's many articles are looked at where a band is nobody's own (a formula that all begin with).
    each = f"select * from (select article_id from bands where hash = ? limit {_MOST})"
    counted = Counter(other for (other,) in connection.execute(" union all ".join([each] * len(bands)), bands))
    del counted[article_id]
    return sorted(counted, key=lambda other: (-counted[other], other))[:_MOST]


def _linked(connection: sqlite3.Connection, article_id: int) -> set[int]:
    rows = connection.execute(
        "select other_id from likenesses where article_id = ? union select article_id from likenesses where other_id = ?",
        [article_id, article_id],
    )
    return {other for (other,) in rows}


# Clusters


def _settle(connection: sqlite3.Connection, touched: Iterable[int]) -> None:
    """Write anew the clusters that these articles are in."""
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
    marks = ",".join("?" * len(members))
    wanted = []
    if len(members) > 1:
        original, reasons = _original(connection, members)
        best = _best_likeness(connection, members)
        wanted = [(m, original, best[m], packed(reasons)) for m in members if m != original]
    there = connection.execute(
        f"select article_id, original_id, likeness, reasons from reprints where article_id in ({marks}) order by article_id",
        members,
    ).fetchall()
    if there != wanted:
        connection.execute(f"delete from reprints where article_id in ({marks})", members)
        connection.executemany(
            "insert into reprints (article_id, original_id, likeness, reasons) values (?, ?, ?, ?)", wanted
        )


def _best_likeness(connection: sqlite3.Connection, members: list[int]) -> dict[int, float]:
    marks = ",".join("?" * len(members))
    best: dict[int, float] = {}
    for a, b, share in connection.execute(
        f"select article_id, other_id, likeness from likenesses where article_id in ({marks})", members
    ):
        best[a], best[b] = max(best.get(a, 0), share), max(best.get(b, 0), share)
    return best


def _original(connection: sqlite3.Connection, members: list[int]) -> tuple[int, list[str]]:
    """The likely original of a cluster, and what speaks for it."""
    marks = ",".join("?" * len(members))
    rows = connection.execute(
        "select articles.id, articles.url, articles.source, outlets.name, provenance, substr(published, 1, 10), text, fetched_at"
        f" from articles join outlets on outlets.id = articles.outlet_id join captures on captures.id = capture_id"
        f" where articles.id in ({marks})",
        members,
    ).fetchall()
    named = {row[2] for row in rows if row[2]}  # the outlets that members name as their source
    ranked = []
    for article_id, url, source, outlet, provenance, day, text, fetched in rows:
        own = source == outlet or (not source and outlet in named)
        clean_ = provenance != "mirror"
        noise = len(text) - len(clean(text).text) + len(_BROKEN.findall(text))
        ranked.append(
            (
                (not clean_, not own, provenance == "reprint", day or "9999", noise, fetched, url),
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
    return best, reasons or ["it was captured first"]
