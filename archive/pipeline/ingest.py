"""From captures to rows: everything that is derived from the captures of one address, in one transaction.

What an address has stated is a pure function of its captures in their order; what an article in several pages has, of the
captures of all of them (archive/pipeline/paged.py). So a new capture and a re-reading take the same way: derive each capture, lay the
readings side by side, and bring the rows in line with them.
"""

import logging
import sqlite3
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlsplit

from archive import facts, reading, reprints
from archive.model import Article, CaptureKind, Fact, NotAnArticle
from archive.pipeline import paged
from archive.pipeline.deriving import NOT_OF_CAPTURE, Derived, derive_article, derive_stored, isolated, unreadable
from archive.pipeline.paged import Reading, Whole
from archive.reading.pager import positions
from archive.reprints import copies
from archive.sql.rows import Value, packed, put, upsert
from archive.stations import evidence, identity, names
from archive.stations.evidence import Statement
from archive.stations.statements import statement_keys
from archive.storage import erased, fetch_schedule
from archive.storage.store import PAGES, Archive

_GONE = (404, 410)
_TABLES = ("facts", "candidates")
_WAITING = NotAnArticle(CaptureKind.PART, "a page of an article whose first page is not there")
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """Where what is stored comes from: what a capture says, and what an article says that several of them make."""

    read: Callable[[int], Derived]
    whole: Whole


@dataclass(frozen=True)
class _There:
    """A row that an article has in `facts` or `candidates`: its number, and its columns that reading decides."""

    table: str
    id: int
    row: dict[str, Value]


class _Version(NamedTuple):
    """A reading of an address that is an article, and that article."""

    reading: Reading
    article: Article


class _Stated(NamedTuple):
    """A version of an article, and what it states."""

    article: Article
    derived: Derived


class _Mention(NamedTuple):
    """Where a version of an article states a fact: offsets in characters of its text."""

    fact_id: int
    revision: int
    start: int
    end: int


def ingest(
    archive: Archive,
    capture_id: int,
    layouts: reading.Layouts | None = None,
    derived: Mapping[int, Derived] = MappingProxyType({}),
) -> Article | NotAnArticle:
    """Read a new capture, and store what its address says now. Reading it again changes nothing.

    Every capture ends with a kind: `article`, or what it is instead and why. An article about something else is
    `off_topic`, noted and not stored, unless its capture says that any topic is wanted or its address has had an
    article before.

    Args:
        archive: the archive, open for writing.
        capture_id: the id of the capture.
        layouts: the layouts of known hosts.
        derived: what is known already of what some captures say, by their ids.

    Returns:
        What the capture is.

    Raises:
        ModelUnavailable: the model of the extractor is not there.
    """
    url = archive.connection.execute("select url from captures where id = ?", [capture_id]).fetchone()[0]
    kinds = replace_address(archive, url, source(archive, layouts, derived))
    found = kinds.get(capture_id) or NotAnArticle(CaptureKind.REDIRECT, "no page, and it leads nowhere")
    kind = CaptureKind.ARTICLE if isinstance(found, Article) else found.kind
    logger.debug("%s is read: %s", url, kind, extra={"capture": capture_id, "kind": kind})
    return found


def source(
    archive: Archive, layouts: reading.Layouts | None = None, derived: Mapping[int, Derived] = MappingProxyType({})
) -> Source:
    """Returns what reads the captures of an archive as they are needed. `derived` is what is known of some already,
    by their ids."""

    def whole(capture_id: int, article: Article, reader: str) -> Derived:
        return isolated(lambda: derive_article(article, reader, archive.decided.extract))

    return Source(lambda number: derived.get(number) or derived_from(archive, number, layouts), whole)


def derived_from(archive: Archive, capture_id: int, layouts: reading.Layouts | None = None) -> Derived:
    """Returns what a capture says. A text that was read before is not decided again. Raises ModelUnavailable."""
    return derive_stored(archive, capture_id, layouts, archive.decided.extract)


def settle_stations(archive: Archive) -> None:
    """Put the names that people have decided about into stations again, those of decisions taken back included."""
    touched = {names.tail(key.split("|")[0]) for key in archive.reviews.decided_names()}
    with archive.transaction() as connection:
        identity.settle(connection, touched, archive.decisions())


def catch_up(archive: Archive, layouts: reading.Layouts | None = None, run_id: int | None = None) -> int:
    """Read what was fetched and never read, in one run or in all (`run_id` is None). Returns how many captures that
    were."""
    unread = archive.unread(run_id)
    for capture_id in unread:
        ingest(archive, capture_id, layouts)
    if unread:
        logger.info("%d captures were unread and are read now", len(unread))
    return len(unread)


def readings(archive: Archive, url: str, read: Callable[[int], Derived]) -> list[Reading]:
    """Returns the readings of an address, oldest first: of all its captures that are pages and repeat no other.
    `read` returns what a capture says, by its id.
    """
    rows = archive.connection.execute(
        f"select id, url, fetched_at, status, outlet_id, any_topic, stem from captures where url = ? and {PAGES} order by id",
        [url],
    ).fetchall()
    return [
        Reading(number, url, fetched_at, status, outlet_id, bool(any_topic), read(number), stem or "")
        for number, url, fetched_at, status, outlet_id, any_topic, stem in rows
    ]


def replace_address(archive: Archive, url: str, source: Source) -> dict[int, Article | NotAnArticle]:
    """Update all rows that follow from what an address says, in one transaction: its own, and those of the articles
    in several pages that it belongs to. Returns what each capture is, by its id.
    """
    own = readings(archive, url, source.read)
    stems = sorted({*paged.stems_of(own), *_waiting(archive, url)})
    if not stems:
        return replace_page(archive, url, own)
    with archive.transaction():
        mark_stems(archive, own)
        kinds: dict[int, Article | NotAnArticle] = {}
        for stem in stems:
            kinds |= _replace_stem(archive, stem, source)
        if not any(one.stem for one in own):
            kinds |= replace_page(archive, url, own)
    return kinds


def pages_to_fetch(archive: Archive, outlet: str, layouts: reading.Layouts | None, most: int) -> list[str]:
    """Find pages of articles that were never fetched, because a run ended between one page and the next.

    Args:
        archive: the archive.
        outlet: the name of the outlet.
        layouts: the layouts of known hosts.
        most: the number of addresses to return at most.

    Returns:
        The addresses of the pages.
    """
    found = archive.connection.execute(
        "select value from outlets join articles on outlet_id = outlets.id join json_each(missing_pages)"
        " where outlets.name = ? and missing_pages != '[]' limit ?",
        [outlet, most],
    ).fetchall()
    waiting = archive.connection.execute(
        "select captures.id from captures join outlets on outlets.id = outlet_id where kind = 'part' and page_key is null"
        " and outlets.name = ? order by captures.id desc limit ?",
        [outlet, most],
    ).fetchall()
    early = (derived_from(archive, number, layouts).found for (number,) in waiting)
    named = [*(url for (url,) in found), *(url for one in early if isinstance(one, Article) for url in one.parts)]
    fetched = "select 1 from fetch_schedule where url = ?"
    new = (url for url in dict.fromkeys(named) if not archive.connection.execute(fetched, [url]).fetchone())
    return [url for url in new if not archive.is_erased(url)][:most]


def _waiting(archive: Archive, url: str) -> list[str]:
    """The stems of pages that wait for the first page at an address."""
    rows = archive.connection.execute(
        "select distinct stem from captures where kind = 'part' and page_key is null and stem in (select value from json_each(?))",
        [packed([position.stem for position in positions(url)])],
    )
    return [stem for (stem,) in rows]


def mark_stems(archive: Archive, of: Iterable[Reading]) -> None:
    """Note which captures are of articles in several pages."""
    archive.connection.executemany(
        "update captures set stem = ? where id = ?", [(one.stem or None, one.capture_id) for one in of]
    )


def _replace_stem(archive: Archive, stem: str, source: Source) -> dict[int, Article | NotAnArticle]:
    """Bring all rows of the addresses of a stem in line."""
    rows = archive.connection.execute(
        "select url from captures where stem = ?1 and id in (select max(id) from captures c where c.url = captures.url"
        " and c.stem is not null)",
        [stem],
    ).fetchall()
    members = {url: readings(archive, url, source.read) for (url,) in rows}
    articles, waiting = paged.gather(stem, members, source.whole, lambda url: readings(archive, url, source.read))
    own = {one.url for one in articles}
    kinds: dict[int, Article | NotAnArticle] = {}
    for one in articles:
        kinds |= replace_page(archive, one.url, one.history, one.parts, own)
    for early in waiting:
        kinds[early.capture_id] = _WAITING if early.article else early.derived.found
        _note_kind(archive, early, kinds[early.capture_id], None)
    for url in {early.url for early in waiting}:
        _remove_article(archive, url)
        fetch_schedule.no_article(archive.connection, url)
    return kinds


def replace_page(
    archive: Archive, url: str, history: list[Reading], parts: Sequence[Reading] = (), own: Container[str] = ()
) -> dict[int, Article | NotAnArticle]:
    """Update all rows of an address, in one transaction. If the readings cannot be stored, the articles among them
    become unreadable, the newest first, until the rest can.

    Args:
        archive: the archive, open for writing.
        url: the address.
        history: its readings, oldest first.
        parts: the readings of the further pages of its article.
        own: addresses that have an article of their own by now.

    Returns:
        What each capture is, by its id.
    """
    while True:
        try:
            return _replace_page(archive, url, history, parts, own)
        except NOT_OF_CAPTURE:
            raise
        except Exception as error:
            articles = [at for at, one in enumerate(history) if isinstance(one.derived.found, Article)]
            if not articles:
                raise
            newest = articles[-1]
            history = [
                *history[:newest],
                replace(history[newest], derived=Derived(unreadable(error))),
                *history[newest + 1 :],
            ]


def _replace_page(
    archive: Archive, url: str, history: list[Reading], parts: Sequence[Reading], own: Container[str]
) -> dict[int, Article | NotAnArticle]:
    kinds, articles = _on_topic(history)
    page = copies.page_of(articles[-1][1]) if articles else ""
    is_copy = NotAnArticle(CaptureKind.COPY, f"a copy of {page}")
    with archive.transaction() as connection:
        page_before = copies.page_at(connection, url)
        was_erased, same = _elsewhere(connection, url, page, articles)
        of_part = _of_part(url, kinds, has_article=bool(articles), was_erased=was_erased)
        instead = erased.TAKEN_DOWN if was_erased else is_copy if same.original else None
        of_article = {one.capture_id for one, _ in articles}
        if instead:
            kinds |= dict.fromkeys(of_article, instead)
        for one in history:
            _note_kind(archive, one, kinds[one.capture_id], page if one.capture_id in of_article else None)
        for one in parts:
            kinds[one.capture_id] = of_part if isinstance(one.derived.found, Article) else one.derived.found
            _note_kind(archive, one, kinds[one.capture_id], page if one.article and articles else None)
        article_id: int | None = None
        if articles and not instead:
            article_id = _replace_article(archive, url, history, articles)
            fetch_schedule.article(connection, url)
            _fold(archive, same.copies, is_copy.reason, article_id)
        else:
            _remove_article(archive, url, same.original)
            fetch_schedule.no_article(connection, url)
        for address in {one.url for one in parts if one.url not in own}:
            _remove_article(archive, address, article_id or same.original)
            fetch_schedule.part(connection, address, url)
        if page_before and page_before != page:
            copies.release(connection, page_before)
    return kinds


def _on_topic(history: list[Reading]) -> tuple[dict[int, Article | NotAnArticle], list[_Version]]:
    """What each capture of a page is by its number, and those that hold an article: all since the first that is on topic."""
    kinds: dict[int, Article | NotAnArticle] = {}
    articles: list[_Version] = []
    for one in history:
        found = one.derived.found
        if isinstance(found, Article) and not (one.derived.topic.on or one.any_topic or articles):
            found = NotAnArticle(CaptureKind.OFF_TOPIC, one.derived.topic.reason)
        if isinstance(found, Article):
            articles.append(_Version(one, found))
        kinds[one.capture_id] = found
    return kinds, articles


def _elsewhere(
    connection: sqlite3.Connection, url: str, page: str, articles: list[_Version]
) -> tuple[bool, copies.Same]:
    """Whether an article was taken down, and where its outlet has it at other addresses."""
    if not articles:
        return False, copies.Same()
    texts = {article.text for _, article in articles}
    outlet_id = articles[-1][0].outlet_id
    if erased.tells_erased(connection, url, page, outlet_id, texts):
        return True, copies.Same()
    return False, copies.find(connection, url, page, outlet_id, texts)


def _of_part(
    url: str, kinds: dict[int, Article | NotAnArticle], *, has_article: bool, was_erased: bool
) -> NotAnArticle:
    """What the further pages of an article are: what the first one is, if that is off topic."""
    if was_erased:
        return erased.TAKEN_DOWN
    refused = (
        found for found in kinds.values() if isinstance(found, NotAnArticle) and found.kind == CaptureKind.OFF_TOPIC
    )
    off_topic = None if has_article else next(refused, None)
    return off_topic or NotAnArticle(CaptureKind.PART, f"a page of the article at {url}")


def _fold(archive: Archive, urls: Iterable[str], reason: str, article_id: int) -> None:
    """Make the articles at other addresses copies of an article."""
    for url in urls:
        copies.fold(archive.connection, url, reason)
        _remove_article(archive, url, article_id)
        fetch_schedule.no_article(archive.connection, url)


def _note_kind(archive: Archive, one: Reading, found: Article | NotAnArticle, page: str | None) -> None:
    """Write into a capture's row what it is."""
    kind, reason = (CaptureKind.ARTICLE, "") if isinstance(found, Article) else (found.kind, found.reason)
    archive.connection.execute(
        "update captures set kind = ?, reason = ?, page_key = ?, reader_version = ?, extractor_version = ? where id = ?",
        [kind, reason, page, one.derived.reader, facts.VERSION, one.capture_id],
    )


def _replace_article(archive: Archive, url: str, history: list[Reading], articles: list[_Version]) -> int:
    connection = archive.connection
    versions: list[_Version] = []
    for one, article in articles:
        if not versions or _words(*versions[-1]) != _words(one, article):
            versions.append(_Version(one, article))
    last, article = versions[-1]
    seen_last = max(one.lead if one.is_part else one.capture_id for one, _ in articles)
    gone = [one.fetched_at for one in history if one.status in _GONE and one.capture_id > seen_last]
    row = _article_row(archive, last, article, len(versions), gone[0] if gone else None)
    row["missing_pages"] = packed(articles[-1][0].missing_pages)
    article_id, changed = upsert(connection, "articles", "url", row)
    _keep_revisions(connection, article_id, versions)
    touched = _keep_facts(archive, article_id, [_Stated(article, one.derived) for one, article in versions])
    identity.settle(connection, touched, archive.decisions())
    connection.execute(
        "update facts set station_id = null where article_id = ? and station_name_id is null and station_id is not null",
        [article_id],
    )  # a later version no longer names the station that the words stood beside
    connection.execute(
        "update facts set station_id = names.station_id from station_names names"
        " where names.id = station_name_id and article_id = ? and facts.station_id is not names.station_id",
        [article_id],
    )
    if changed:
        reprints.record(connection, article_id, article.text, last.derived.bands)
    return article_id


def _remove_article(archive: Archive, url: str, original: int | None = None) -> None:
    """Take back an article that its captures, read again, turn out not to be, or that is a copy of another (`original`, its
    number), whose statements take the place of its own."""
    connection = archive.connection
    found = connection.execute("select id from articles where url = ?", [url]).fetchone()
    if found is None:
        return
    there = _facts_there(connection, found[0])
    lost = [*_statements(there), *evidence.former(connection, url)]
    evidence.keep_former(connection, url, lost, _following(connection, lost, original) if original else {})
    touched = identity.tails(connection, _drop_facts(connection, there, set()))
    reprints.forget(connection, found[0])
    connection.execute("delete from revisions where article_id = ?", found)
    connection.execute("delete from articles where id = ?", found)
    identity.settle(connection, touched, archive.decisions())


def _following(connection: sqlite3.Connection, lost: list[Statement], article_id: int) -> dict[str, str]:
    """Key of a copy's statement -> key of the original's."""
    now = [one for one in _statements(_facts_there(connection, article_id)) if one.shown]
    texts = dict(connection.execute("select number, text from revisions where article_id = ?", [article_id]).fetchall())
    return evidence.successors(lost, now, texts)


def _words(one: Reading, article: Article) -> tuple[str, str | None, str]:
    """What makes two readings of an address the same version: title (for readers; the capture keeps it as published),
    time and text."""
    return one.derived.title, article.published_iso or None, article.text


def _article_row(archive: Archive, one: Reading, article: Article, revision: int, gone: str | None) -> dict[str, Value]:
    host = urlsplit(article.url).netloc
    title, published, text = _words(one, article)
    return {
        "url": article.url,
        "outlet_id": one.outlet_id or archive.outlet(host or article.outlet or "unknown", host),
        "title": title,
        "published": published,
        "source": article.outlet,
        "authors": "、".join(article.authors),
        "editor": article.editor,
        "text": text,
        "revision": revision,
        "capture_id": one.lead or one.capture_id,
        "page_spans": packed(one.page_spans),
        "encoding": packed(vars(article.encoding)),
        "method": article.method,
        "dated_by": article.dated_by,
        "blocks": packed([[block.kind, block.start, block.end] for block in article.blocks]),
        "links": packed([[link.start, link.end, link.href] for link in article.links]),
        "images": packed([[image.at, image.src, image.caption] for image in article.images]),
        "cut": packed(dict(article.cut)),
        "provenance": article.provenance.kind,
        "provenance_reasons": packed(article.provenance.reasons),
        "likely_original": article.provenance.original,
        "topic": one.derived.topic.reason,
        "reader_version": one.derived.reader,
        "extractor_version": facts.VERSION,
        "gone_at": gone,
    }


def _keep_revisions(connection: sqlite3.Connection, article_id: int, versions: list[_Version]) -> None:
    wanted = [
        (number, one.capture_id, *_words(one, article), packed(one.page_spans))
        for number, (one, article) in enumerate(versions, 1)
    ]
    there = connection.execute(
        "select number, capture_id, title, published, text, page_spans from revisions where article_id = ? order by number",
        [article_id],
    ).fetchall()
    if there == wanted:
        return
    # A capture may have been a version of another page's article, which is removed or brought in line afterwards.
    connection.execute(
        "delete from revisions where article_id = ? or capture_id in (select value from json_each(?))",
        [article_id, packed([one.capture_id for one, _ in versions])],
    )
    connection.executemany(
        "insert into revisions (article_id, number, capture_id, title, published, text, page_spans) values (?, ?, ?, ?, ?, ?, ?)",
        [(article_id, *row) for row in wanted],
    )


def _keep_facts(archive: Archive, article_id: int, versions: list[_Stated]) -> set[str]:
    """The facts and candidates of all versions; those of the last are current. Returns the tails of the station names
    concerned."""
    connection = archive.connection
    url = versions[-1][0].url
    there = _facts_there(connection, article_id)
    stated = _with_keys(archive, url, versions, there)
    before = _drop_facts(connection, there, set(stated))
    name_ids = [_station_names(connection, derived) for _, derived in versions]
    mentions = []
    for key, revisions in stated.items():
        number = max(revisions)
        fact = revisions[number]
        row = _fact_row(versions[-1][0], fact, name_ids[number - 1]) | {
            **statement_keys(fact, versions[number - 1][0].text),
            "article_id": article_id,
            "revision": number,
            "current": int(number == len(versions)),
            "evidence": key,
        }
        spans = [(n, then.start, then.end) for n, then in sorted(revisions.items())]
        if fact.is_candidate:
            _put_fact(connection, "candidates", row | {"mentions": packed(spans)}, there.get(key))
            continue
        fact_id = _put_fact(connection, "facts", row, there.get(key))
        mentions += [_Mention(fact_id, *span) for span in spans]
    _keep_mentions(connection, article_id, mentions, is_new=not there)
    used = {number for of_article in name_ids for number in of_article.values()}
    return identity.tails(connection, before | used)


def _with_keys(
    archive: Archive, url: str, versions: list[_Stated], there: dict[str, _There]
) -> dict[str, dict[int, Fact]]:
    """Key -> revision -> fact. A statement has the key that an earlier reader, or a person's decision, knows it by; what
    is stated no more becomes former."""
    stated: dict[str, dict[int, Fact]] = {}
    for number, (_, derived) in enumerate(versions, 1):
        for fact in derived.facts:
            stated.setdefault(evidence.key_of(url, fact), {}).setdefault(number, fact)
    read_before = [*_statements(there), *evidence.former(archive.connection, url)]
    known = [*read_before, *archive.reviews.statements(url, {one.key for one in read_before})]
    if not known:
        return stated
    texts = {number: article.text for number, (article, _) in enumerate(versions, 1)}
    statements = [
        Statement.of(vars(revisions[max(revisions)]), key=key, revision=max(revisions))
        for key, revisions in stated.items()
    ]
    keys = evidence.keys(statements, known, texts)
    kept = set(keys)
    lost = [one for one in read_before if one.key not in kept]
    shown = [replace(one, key=key) for one, key in zip(statements, keys, strict=True)]
    facts_now = [one for one, then in zip(shown, stated.values(), strict=True) if not then[one.revision].is_candidate]
    evidence.keep_former(archive.connection, url, lost, evidence.successors(lost, facts_now, texts))
    return dict(zip(keys, stated.values(), strict=True))


def _statements(there: dict[str, _There]) -> list[Statement]:
    return [Statement.of(one.row, key=key, shown=one.table == "facts") for key, one in there.items()]


def _fact_row(article: Article, fact: Fact, of_article: dict[str, int]) -> dict[str, Value]:
    """The columns of a fact that its article and its words decide."""
    return {
        "type": fact.type,
        "subject": fact.subject,
        "value": fact.value,
        "value_high": fact.value_high,
        "unit": fact.unit,
        "approx": fact.approx,
        "qualifier": fact.qualifier,
        "date": fact.date,
        "as_of": fact.date if fact.date[:1].isdigit() else None,
        "reported_on": article.published_iso[:10] or None,
        "quote": fact.quote,
        "station_name_id": of_article.get(fact.subject) if fact.subject_certain else None,
        "start": fact.start,
        "end": fact.end,
        "donor": fact.donor,
        "recipient": fact.recipient,
        "repaired": int(fact.repaired),
        "probability": fact.probability,
        "subject_probability": fact.subject_probability,
        "measure": fact.measure,
    }


def _facts_there(connection: sqlite3.Connection, article_id: int) -> dict[str, _There]:
    """Evidence -> row, of the facts and candidates that an article has."""
    found = {}
    for table in _TABLES:
        cursor = connection.execute(f"select * from {table} where article_id = ?", [article_id])
        columns = [column[0] for column in cursor.description]
        for values in cursor:
            row = dict(zip(columns, values, strict=True))
            number = row.pop("id")
            row.pop("station_id", None)  # the names decide it
            found[row["evidence"]] = _There(table, number, row)
    return found


def _put_fact(connection: sqlite3.Connection, table: str, row: dict[str, Value], old: _There | None) -> int:
    """Bring a row in line. It keeps its number from one table to the other. Returns the number."""
    if old and (old.table, old.row) == (table, row):
        return old.id
    if old and old.table == table:
        return put(connection, table, row, old.id)
    if old:
        _delete(connection, old)
    return put(connection, table, {"id": old.id if old else _next_number(connection)} | row, None)


def _next_number(connection: sqlite3.Connection) -> int:
    """Facts and candidates are numbered in one series."""
    return 1 + max(connection.execute(f"select coalesce(max(id), 0) from {t}").fetchone()[0] for t in _TABLES)


def _keep_mentions(connection: sqlite3.Connection, article_id: int, mentions: list[_Mention], *, is_new: bool) -> None:
    """Where each version says each fact."""
    if not is_new:
        there = connection.execute(
            'select fact_id, fact_mentions.revision, fact_mentions.start, fact_mentions."end" from fact_mentions join facts on facts.id = fact_id'
            " where article_id = ?",
            [article_id],
        ).fetchall()
        if set(there) == set(mentions):
            return
        connection.execute(
            "delete from fact_mentions where fact_id in (select id from facts where article_id = ?)", [article_id]
        )
    connection.executemany("insert into fact_mentions values (?, ?, ?, ?)", mentions)


def _drop_facts(connection: sqlite3.Connection, there: dict[str, _There], kept: set[str]) -> set[int]:
    """Delete those facts and candidates of an article that no version says; returns the station names that all had."""
    for key, one in there.items():
        if key not in kept:
            _delete(connection, one)
    return {int(name_id) for one in there.values() if (name_id := one.row["station_name_id"])}


def _delete(connection: sqlite3.Connection, there: _There) -> None:
    connection.execute(f"delete from {there.table} where id = ?", [there.id])


def _station_names(connection: sqlite3.Connection, derived: Derived) -> dict[str, int]:
    """Subject of a fact -> id of the name of the station that the fact is about, where there is one."""
    certain = [fact for fact in derived.facts if fact.subject_certain]
    ids: dict[str, int] = {}
    for subject, station in names.served(certain, derived.stations).items():
        row: dict[str, Value] = {
            "key": names.key(station),
            "name": names.normal(station.subject),
            "place": names.place(station),
            "division": station.division,
            "tail": names.tail(station.subject),
        }
        ids[subject] = upsert(connection, "station_names", "key", row).id
    return ids
