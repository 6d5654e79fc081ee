"""Proof that the database is what the captures say.

Every WARC record is read and its digests checked; every row that is derived is derived again into a fresh database and
compared, both ways; quotes stand at their offsets; nothing points nowhere. The search index of the published snapshot is made
again, too, and compared.
What was kept of decisions (`decided.db`) is not trusted: texts are decided again, all or a sample.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Container, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from archive import facts
from archive.captures.warc import ScannedRecord
from archive.decisions.records import StationDecision
from archive.model import Article, Fact, NamedStation
from archive.pipeline import margin
from archive.pipeline.deriving import Derived, Extractor, derive_article, derive_stored, isolated
from archive.pipeline.ingest import Source
from archive.pipeline.reread import DerivedAddress, derive_all, outdated, store_derived, undeclared
from archive.reading import Layouts
from archive.search.index import INDEXED, make_index
from archive.stations import evidence
from archive.storage.store import Archive, ArchiveBusy, ArchiveError, hold, open_for_writing

_FOLDER = ".verify-"
_SHOWN = 20  # differences of one kind that are listed one by one

# Name -> the rows of one database, by what they are and not by their numbers. {db} is the schema they are in.
DERIVED = {
    "captures": "select id, url, kind, reason, page_key, stem, reader_version, extractor_version from {db}.captures",
    "outlets": (  # without those that only former articles named: they keep their numbers
        "select distinct outlets.name, host from {db}.outlets"
        " where id in (select outlet_id from {db}.captures union select outlet_id from {db}.articles)"
    ),
    "articles": (
        "select url, outlets.name, title, published, source, authors, editor, text, revision, capture_id, page_spans, missing_pages,"
        " encoding, method, dated_by, blocks, links, images, cut, provenance, provenance_reasons, likely_original, topic, reader_version,"
        " extractor_version, gone_at from {db}.articles join {db}.outlets on outlets.id = outlet_id"
    ),
    "revisions": (
        "select articles.url, number, revisions.capture_id, revisions.title, revisions.published, revisions.text,"
        " revisions.page_spans"
        " from {db}.revisions join {db}.articles on articles.id = article_id"
    ),
    "facts": (
        "select evidence, type, subject, value, value_high, unit, approx, qualifier, date, as_of, reported_on, quote, articles.url,"
        ' start, "end", facts.revision, current, donor, recipient, repaired, probability, subject_probability, measure,'
        " subject_key, qualifier_key, detail_key, cumulative, stations.key, station_names.key from {db}.facts join {db}.articles on articles.id = article_id"
        " left join {db}.stations on stations.id = facts.station_id"
        " left join {db}.station_names on station_names.id = station_name_id"
    ),
    "candidates": (
        "select evidence, type, subject, value, value_high, unit, approx, qualifier, date, as_of, reported_on, quote, articles.url,"
        ' start, "end", candidates.revision, current, donor, recipient, repaired, probability, subject_probability, measure,'
        " mentions, subject_key, qualifier_key, detail_key, cumulative, station_names.key from {db}.candidates join {db}.articles on articles.id = article_id"
        " left join {db}.station_names on station_names.id = station_name_id"
    ),
    "former facts": (  # those of copies and further pages depend on whether these were read before their article
        'select key, url, type, subject, value, value_high, unit, approx, qualifier, date, quote, start, "end", revision,'
        " shown, successor from {db}.former_facts where url not in (select url from {db}.captures where kind in ('copy', 'part'))"
    ),
    "mentions of facts": (
        'select evidence, fact_mentions.revision, fact_mentions.start, fact_mentions."end" from {db}.fact_mentions'
        " join {db}.facts on facts.id = fact_id"
    ),
    "stations": "select key, name, place, division, division_name from {db}.stations",
    "station names": (
        "select station_names.key, station_names.name, station_names.place, station_names.division, tail, stations.key"
        " from {db}.station_names left join {db}.stations on stations.id = station_id"
    ),
    "similar_articles": (
        "select min(a.url, b.url), max(a.url, b.url), similarity from {db}.similar_articles"
        " join {db}.articles a on a.id = article_id join {db}.articles b on b.id = other_id"
    ),
    "reprints": (
        "select a.url, b.url, similarity, reasons from {db}.reprints"
        " join {db}.articles a on a.id = article_id join {db}.articles b on b.id = original_id"
    ),
    "bands": "select url, hash from {db}.bands join {db}.articles on articles.id = article_id",
    "fact types": "select id, zh, en, unit, position from {db}.fact_types",
}
_QUOTES = {
    "quotes that are not in their article": (
        'select facts.id, quote from facts join articles on articles.id = article_id where current and substr(text, start + 1, "end" - start) != quote'
    ),
    "quotes that are not in their revision": (
        "select facts.id, quote from fact_mentions mentions join facts on facts.id = fact_id join revisions"
        " on revisions.article_id = facts.article_id and number = mentions.revision"
        ' where substr(text, mentions.start + 1, mentions."end" - mentions.start) != quote'
    ),
}


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the captures say: where, and what."""

    where: str
    what: str


def verify(
    archive: Archive,
    layouts: Layouts | None = None,
    *,
    processes: int = 1,
    sample: int | None = None,
    report: Callable[[int], None] = lambda addresses: None,
    kept: Callable[[str], None] = lambda decision: None,
) -> Iterator[Difference]:
    """Every difference between the database and its captures; none where all is well. Nothing in the archive is changed.

    With a `sample`, that many texts are decided again, always the same, and for others what `decided.db` keeps is taken,
    as far as it goes. `report` is called as addresses are read again, with how many; `kept` with each recorded decision
    that stands although it came out otherwise here, within the margin (archive/pipeline/margin.py). Raises ModelUnavailable.
    """
    for what in undeclared(archive.connection):
        yield Difference("plug-ins", what)
    yield from _database(archive.connection)
    yield from _captures(archive)
    yield from _quotes(archive.connection)
    remove_leftovers(archive.folder)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=archive.folder))
    try:
        with open_for_writing(folder) as fresh:
            try:
                jobs = outdated(archive, everything=True)
                to_decide = _to_decide(archive.connection, sample)
                _carry_over(archive, fresh)
                coming = derive_all(archive.folder, jobs, layouts, processes, partial(_read, to_decide))
                origin = _Recorded(archive, to_decide, layouts, kept)
                store_derived(
                    fresh, map(origin.settled, coming), lambda addresses, _: report(addresses), origin.source()
                )
            except facts.ModelUnavailable:
                raise
            except (sqlite3.Error, ArchiveError, ValueError, OSError) as error:
                yield Difference("reading again", str(error))
                return
        yield from _compare(archive.connection, folder / "archive.db")
        yield from _index(archive.folder / "published" / "archive.db", folder / "index.db")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Tombstones(NamedTuple):
    """How many captures were erased after a takedown, and of how many pages."""

    captures: int
    pages: int


def tombstones(archive: Archive) -> Tombstones:
    """Returns how much of an archive was erased."""
    return Tombstones(*archive.connection.execute("select count(*), count(distinct page_key) from erased").fetchone())


def remove_leftovers(folder: Path) -> None:
    """Remove what verifications left that were killed; each is as large as the archive's database."""
    for left in folder.glob(f"{_FOLDER}*"):
        with suppress(ArchiveBusy), hold(left):
            shutil.rmtree(left, ignore_errors=True)


def _database(connection: sqlite3.Connection) -> Iterator[Difference]:
    for (fault,) in connection.execute("pragma integrity_check"):
        if fault != "ok":
            yield Difference("database file", fault)
    for table, row, parent, _ in connection.execute("pragma foreign_key_check"):
        yield Difference(table, f"row {row} points to a row of {parent} that is not there")


def _captures(archive: Archive) -> Iterator[Difference]:
    """Every record against its row, every row against its record."""
    rows = {
        (row[1], row[2]): row
        for row in archive.connection.execute(
            "select captures.id, warc_file, warc_offset, warc_length, captures.url, fetched_at, status, digest, content_type, source,"
            " any_topic, role, coalesce(outlets.name, ''), duplicate_of is not null, coalesce(erased.page_key, ''), coalesce(story, '')"
            " from captures left join outlets on outlets.id = outlet_id left join erased on capture_id = captures.id"
        )
    }
    for path in archive.warc.files():
        scan = archive.warc.scan(path)
        for offset in scan.damaged:
            yield Difference(path.name, f"the record at byte {offset} is broken")
        for found in scan.found:
            row = rows.pop((found.location.file, found.location.offset), None)
            if row is None:
                yield Difference(path.name, f"the record at byte {found.location.offset} ({found.url}) has no row")
            else:
                yield from _record(row, found)
    for number, file, offset, *_ in rows.values():
        yield Difference("captures", f"capture {number} has no whole record at byte {offset} of {file}")


def _record(row: tuple[object, ...], found: ScannedRecord) -> Iterator[Difference]:
    recorded = (
        found.location.length, found.url, found.fetched_at, found.status, found.digest, found.content_type, found.source,
        int(found.any_topic), found.role, found.outlet, int(found.is_revisit), found.page, found.story,
    )  # fmt: skip
    names = (
        "length",
        "url",
        "fetched_at",
        "status",
        "digest",
        "content_type",
        "source",
        "any_topic",
        "role",
        "outlet",
        "duplicate_of",
        "page key of what was erased",
        "story of what was erased",
    )
    for name, ours, theirs in zip(names, row[3:], recorded, strict=True):
        if ours != theirs:
            yield Difference("captures", f"{name} of capture {row[0]} is {ours!r}, its record says {theirs!r}")


def _index(snapshot: Path, again: Path) -> Iterator[Difference]:
    """The search index of a snapshot against one that is made of its texts again: which words there are, in how many rows and
    how often, and how many of them each row has."""
    if not snapshot.exists():
        return
    with closing(sqlite3.connect(again, uri=True)) as connection:
        connection.execute("attach ? as published", [f"{snapshot.resolve().as_uri()}?mode=ro"])
        try:
            make_index(connection, "published")
            for kind in INDEXED:
                yield from _compare_index(connection, f"{kind}_search")
        except sqlite3.DatabaseError as error:
            yield Difference("published snapshot", f"its search index cannot be compared: {error}")


def _compare_index(connection: sqlite3.Connection, name: str) -> Iterator[Difference]:
    for database in ("main", "published"):
        connection.execute(f"create virtual table temp.{database}_{name} using fts5vocab ({database}, {name}, row)")
    for part in ("temp.{}_{}", "{}.{}_docsize"):
        made, found = (f"select * from {part.format(database, name)}" for database in ("main", "published"))
        for row in connection.execute(f"{made} except {found}").fetchmany(_SHOWN):
            yield Difference(name, f"{row[0]!r} is missing, or stands elsewhere")
        for row in connection.execute(f"{found} except {made}").fetchmany(_SHOWN):
            yield Difference(name, f"{row[0]!r} is not what the texts say")


def _quotes(connection: sqlite3.Connection) -> Iterator[Difference]:
    for where, question in _QUOTES.items():
        for fact_id, quote in connection.execute(question).fetchmany(_SHOWN):
            yield Difference(where, f"fact {fact_id}: {quote[:60]!r}")


def _to_decide(connection: sqlite3.Connection, sample: int | None) -> Container[int]:
    """The captures whose texts are decided again: all, or those of the articles whose digests come first."""
    if sample is None:
        newest = connection.execute("select coalesce(max(id), 0) from captures").fetchone()[0]
        return range(newest + 1)
    rows = connection.execute(
        "select id from captures where digest in"
        " (select distinct digest from captures where kind = 'article' and duplicate_of is null order by digest limit ?)",
        [sample],
    )
    return {row[0] for row in rows}


def _read(to_decide: Container[int], archive: Archive, capture_id: int, layouts: Layouts | None) -> Derived:
    """What a capture says; from what is kept, unless its text is to be decided again."""

    return derive_stored(archive, capture_id, layouts, _extractor(to_decide, archive, capture_id))


def _extractor(to_decide: Container[int], archive: Archive, capture_id: int) -> Extractor:
    def extract(article: Article) -> tuple[list[Fact], list[NamedStation]]:
        known = None if capture_id in to_decide else archive.decided.known(article)
        return facts.extract_with_stations(article, margin.MARGIN) if known is None else known

    return extract


class _Recorded:
    """What captures say, with the decisions of an archive where these are as good (archive/pipeline/margin.py). `kept` is called with
    each that was kept."""

    def __init__(
        self, archive: Archive, to_decide: Container[int], layouts: Layouts | None, kept: Callable[[str], None]
    ) -> None:
        self.archive = archive
        self.to_decide = to_decide
        self.layouts = layouts
        self.kept = kept

    def settled(self, of: DerivedAddress) -> DerivedAddress:
        """What the captures of an address say, with what is recorded of it."""
        url, derived = of
        record = margin.recorded(self.archive.connection, url)
        decisions: list[str] = []
        settled = {number: margin.settled(one, record.get(number), decisions.append) for number, one in derived.items()}
        for decision in decisions:
            self.kept(f"{url}: {decision}")
        return DerivedAddress(url, settled)

    def source(self) -> Source:
        """What reads again what `derive_all` does not read as a whole: articles in several pages."""
        return Source(self._one, self._whole)

    def _one(self, capture_id: int) -> Derived:
        [url] = self.archive.connection.execute("select url from captures where id = ?", [capture_id]).fetchone()
        derived = _read(self.to_decide, self.archive, capture_id, self.layouts)
        return self.settled(DerivedAddress(url, {capture_id: derived})).derived[capture_id]

    def _whole(self, capture_id: int, article: Article, reader: str) -> Derived:
        extract = _extractor(self.to_decide, self.archive, capture_id)
        derived = isolated(lambda: derive_article(article, reader, extract))
        return self.settled(DerivedAddress(article.url, {capture_id: derived})).derived[capture_id]


def _carry_over(archive: Archive, fresh: Archive) -> None:
    """Give a fresh database the captures; the decisions of people, and the keys of statements, go with them."""
    rows = archive.connection.execute(
        "select captures.id, url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length, source, any_topic,"
        " duplicate_of, role, case when role != '' or duplicate_of is not null then kind end, case role when 'tombstone' then reason end,"
        " outlets.name, outlets.host"
        " from captures left join outlets on outlets.id = outlet_id order by captures.id"
    )
    with fresh.transaction() as connection:
        for *row, outlet, host in rows:
            outlet_id = fresh.outlet(outlet, host) if outlet is not None else None
            connection.execute(
                "insert into captures (id, url, fetched_at, status, content_type, digest, warc_file, warc_offset, warc_length,"
                " source, any_topic, duplicate_of, role, kind, reason, outlet_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [*row, outlet_id],
            )
        connection.executemany(
            "insert into erased values (?, ?, ?, ?)", archive.connection.execute("select * from erased").fetchall()
        )
        evidence.carry(archive.connection, connection)
    decided = archive.decisions()
    for pair_kind, pairs in ((StationDecision.SAME, decided.same), (StationDecision.DIFFERENT, decided.different)):
        for one, other in pairs:
            fresh.reviews.decide_stations(pair_kind, one, other, "verify", "as in the archive")


def _compare(connection: sqlite3.Connection, fresh: Path) -> Iterator[Difference]:
    connection.execute("attach ? as fresh", [str(fresh)])
    try:
        for name, rows in DERIVED.items():
            ours, theirs = rows.format(db="main"), rows.format(db="fresh")
            more = connection.execute(f"{ours} except {theirs}")
            columns = [column[0] for column in more.description]
            added = more.fetchmany(_SHOWN + 1)
            lost = connection.execute(f"{theirs} except {ours}").fetchmany(_SHOWN + 1)
            for what in _told(columns, added[:_SHOWN], lost[:_SHOWN]):
                yield Difference(name, what)
            if max(len(added), len(lost)) > _SHOWN:
                yield Difference(name, "and more")
            counts = [connection.execute(f"select count(*) from ({one})").fetchone()[0] for one in (ours, theirs)]
            if counts[0] != counts[1]:  # except looks past what is there twice
                yield Difference(name, f"{counts[0]} rows, where the captures make {counts[1]}")
    finally:
        connection.execute("detach fresh")


def _told(columns: list[str], added: list[tuple[object, ...]], lost: list[tuple[object, ...]]) -> Iterator[str]:
    """What differs: of a row that both sides have, by its first cell, only the cells that do."""
    waiting = list(lost)
    for row in added:
        twin = next((other for other in waiting if other[0] == row[0]), None)
        if twin is None:
            yield f"{_brief(row)} is not what the captures say"
            continue
        waiting.remove(twin)
        cells = [
            f"{name} is {_short(ours)}, the captures say {_short(theirs)}"
            for name, ours, theirs in zip(columns, row, twin, strict=True)
            if ours != theirs
        ]
        yield f"{_short(row[0])}: {'; '.join(cells)}"
    for row in waiting:
        yield f"{_brief(row)} is missing"


def _brief(row: tuple[object, ...]) -> str:
    return ", ".join(_short(cell) for cell in row[:6])


def _short(cell: object) -> str:
    text = " ".join(str(cell).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
