"""Erasure: what was taken down and must not be kept leaves the archive for good, and cannot be put back.

Every capture of the article (at its own address, at those of its copies, of each version) becomes a tombstone: a new WARC
file is written beside each one concerned, and replaces it atomically. Then the rows that were read from them are deleted,
with people's decisions about their facts, `decided.db`, and what is published. The databases are packed, because their
files would keep what was deleted. If the purge is killed or the disk is full, the archive stays whole, and the same purge
can be run again to finish.

What stays: the addresses, the reason, digests and hashes (archive/storage/erased.py). Other articles with the same story, and lists
that hold its title, are other records: the purge lists the former and changes neither.
"""

import json
import logging
import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from archive.captures.warc import RecordLocation, Replacement, write_with
from archive.decisions.records import TakedownKind
from archive.decisions.reviews import Reviews
from archive.model import AddressKind, Article, CaptureRole, NotAnArticle
from archive.pipeline.deriving import read_isolated
from archive.pipeline.ingest import catch_up, replace_page
from archive.pipeline.verify import remove_leftovers
from archive.publishing.keys import key_of
from archive.publishing.snapshot import publish
from archive.reading import Layouts
from archive.reading.pager import positions
from archive.reprints import copies
from archive.storage.erased import are_alike, story_of
from archive.storage.store import DATABASE, PAGES, PATIENCE, Archive, ArchiveBusy, ArchiveError
from archive.web.addresses import page_key

_NO_PAGES = ("list", "sitemap", "robots")
_OF_ARTICLES = "article_id in (select id from articles where url in (select value from json_each(?)))"
# Names of stations that nothing else says.
_ONLY_NAMED_THERE = f"""
select key from station_names where exists (
    select 1 from (select station_name_id, article_id from facts union all select station_name_id, article_id from candidates)
    where station_name_id = station_names.id and {_OF_ARTICLES})
and not exists (
    select 1 from (select station_name_id, article_id from facts union all select station_name_id, article_id from candidates)
    where station_name_id = station_names.id and not {_OF_ARTICLES})
"""
# The keys of the facts that an article states or stated.
_FACTS_THERE = f"""
select evidence from facts where {_OF_ARTICLES}
union all select key from former_facts where url in (select value from json_each(?))
"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PurgePlan:
    """What an archive holds of an article: its addresses, captures (and those that are tombstones already), WARC files to
    be rewritten with their size in bytes, versions, facts and candidates, people's decisions about these; and the addresses
    of other articles with the same story, which stay."""

    addresses: tuple[str, ...]
    captures: int
    tombstones: int
    files: int
    size: int
    versions: int
    facts: int
    decisions: int
    alike: tuple[str, ...]


class ArticleToPurge(NamedTuple):
    """The address of an article that is taken down, and the reason."""

    url: str
    reason: str


class _Trace(NamedTuple):
    """The page and the story of an article, by which a tombstone knows it again (archive/storage/erased.py)."""

    page: str
    story: str


class _Capture(NamedTuple):
    """A capture that is to be erased."""

    id: int
    location: RecordLocation
    url: str


def article_to_purge(folder: Path, number: int) -> ArticleToPurge:
    """Returns the article of an entry of the takedown list. Raises ArchiveError if there is no such entry, it was undone, or it
    is not an article."""
    with closing(Reviews(folder / "reviews.db")) as reviews:
        entry = next((row for row in reviews.takedown_list() if row["id"] == number), None)
    if entry is None:
        raise ArchiveError(f"There is no takedown {number}. `dangqun takedown list` shows all.")
    if entry["undone_at"]:
        raise ArchiveError(f"Takedown {number} was undone. Only an article that is taken down can be purged.")
    if entry["kind"] != TakedownKind.ARTICLE:
        raise ArchiveError(
            f"Takedown {number} is of a name, not of an article. Take down the articles that contain it, and purge these."
        )
    return ArticleToPurge(entry["value"], entry["reason"])


def archives_of_sites(folder: Path) -> list[Path]:
    """The folders of the archives that a crawl on a cluster keeps, one for each site."""
    return sorted(path.parent for path in (folder / "sites").glob(f"*/{DATABASE}"))


def look(archive: Archive, url: str, layouts: Layouts | None = None) -> PurgePlan:
    """Find out what a purge of the article of an address would erase.

    Args:
        archive: the archive.
        url: the address of the article.
        layouts: the layouts of known hosts.

    Returns:
        What would be erased.

    Raises:
        ArchiveError: a capture cannot be read.
    """
    connection = archive.connection
    urls = _addresses(archive, url, layouts)
    given = json.dumps(urls)
    among = "url in (select value from json_each(?))"

    def count(table: str, where: str) -> int:
        return connection.execute(f"select count(*) from {table} where {where}", [given]).fetchone()[0]

    names = connection.execute(
        f"select distinct warc_file from captures where {among} and role != 'tombstone'", [given]
    ).fetchall()
    alike = connection.execute(
        f"select url from articles where id in (select other_id from similar_articles where {_OF_ARTICLES} union select article_id"
        f" from similar_articles where {_OF_ARTICLES.replace('article_id', 'other_id')}) and not {among} order by url",
        [given] * 3,
    )
    return PurgePlan(
        tuple(urls),
        count("captures", f"{among} and role != 'tombstone'"),
        count("erased", among),
        len(names),
        sum((archive.warc.path / name).stat().st_size for (name,) in names),
        count("revisions", _OF_ARTICLES),
        count("facts", _OF_ARTICLES) + count("candidates", _OF_ARTICLES) + count("former_facts", among),
        sum(str(review.fact.get("url")) in urls for review in archive.reviews.history()),
        tuple(address for (address,) in alike),
    )


def purge(archive: Archive, urls: Sequence[str], reason: str, layouts: Layouts | None = None) -> None:
    """Erase all captures of addresses, and what was made of them. Nothing can be put back. If this fails, what was erased
    until then stays erased.

    Args:
        archive: the archive, open for writing.
        urls: the addresses, as `look` found them.
        reason: the reason, for the tombstones.
        layouts: the layouts of known hosts.

    Raises:
        ArchiveError: a record is not there, or the archive cannot be published.
        ArchiveBusy: another process keeps a database open.
        OSError: the disk is full.
        sqlite3.Error: the disk is full.
    """
    archive.connection.execute("pragma synchronous = full")
    archive.connection.execute("pragma secure_delete = on")
    _take_out_of_snapshot(archive, urls)  # as any takedown, so that its keys are known to have been there
    _forget_decisions(archive, urls)
    for path, draft in _rewritten(archive, urls, reason, layouts):
        archive.put_in_place(path, draft)
        logger.info("Rewrote %s without the captures to be erased", path, extra={"file": path})
    _forget_rows(archive, urls)
    catch_up(archive, layouts)  # copies of other articles that named its page
    _remove_spare_copies(archive)
    _pack(archive.connection, archive.folder / DATABASE)
    _publish(archive)


def _addresses(archive: Archive, url: str, layouts: Layouts | None) -> list[str]:
    """An address with all others of its outlet that show the same article, or may: what cannot be read at an address of the
    same page is no article of its own."""
    connection = archive.connection
    outlet = _outlet(connection, url)
    pages = {page_key(url)} | {
        page
        for (page,) in connection.execute(
            "select page_key from captures where url = ?1 and page_key is not null union select page_key from erased where url = ?1",
            [url],
        )
    }
    texts, story = _texts(archive, url, layouts), _story(archive, url)
    story = f"{story} {story_of(texts)}"
    found = [url]
    further = _further_pages(connection, url, pages)
    for other in sorted((_of_pages(connection, pages) | further) - {url}):
        if not copies.are_of_one_outlet(url, outlet, other, _outlet(connection, other)):
            continue
        if other in further:
            found.append(other)
            continue
        theirs, its_story = _texts(archive, other, layouts), _story(archive, other)
        is_same = copies.are_the_same(texts, theirs) or are_alike(story, f"{its_story} {story_of(theirs)}")
        if is_same if theirs or its_story else page_key(other) in pages:
            found.append(other)
    return found


def _further_pages(connection: sqlite3.Connection, url: str, pages: set[str]) -> set[str]:
    """The addresses of the other pages of an article that its site shows in several, and of those of its copies; of these
    pages, or waiting for a first page of the same stem."""
    given = [url, json.dumps(sorted(pages)), json.dumps([position.stem for position in positions(url)])]
    rows = connection.execute(
        "select url from captures where kind = 'part' and page_key in (select value from json_each(?2))"
        " union select url from captures where kind = 'part' and page_key is null and stem in (select value from json_each(?3))"
        " union select url from captures where kind in ('article', 'copy') and stem is not null"
        " and page_key in (select value from json_each(?2)) and exists (select 1 from captures where url = ?1 and kind = 'part')",
        given,
    )
    return {address for (address,) in rows}


def _of_pages(connection: sqlite3.Connection, pages: set[str]) -> set[str]:
    """The addresses of these pages: by what they name as their own, or by how they are written."""
    connection.create_function("page_key", 1, page_key, deterministic=True)
    given = [json.dumps(sorted(pages)), json.dumps(sorted({page.partition("/")[0] for page in pages}))]
    rows = connection.execute(
        "select url from captures where page_key in (select value from json_each(?1))"
        " union select url from erased where page_key in (select value from json_each(?1))"
        " union select url from captures where exists (select 1 from json_each(?2) where instr(url, value))"
        f" and role not in {_NO_PAGES} and page_key(url) in (select value from json_each(?1))",
        given,
    )
    return {url for (url,) in rows}


def _outlet(connection: sqlite3.Connection, url: str) -> int | None:
    row = connection.execute("select max(outlet_id) from captures where url = ?", [url]).fetchone()
    return row[0]


def _texts(archive: Archive, url: str, layouts: Layouts | None) -> set[str]:
    """The texts of all versions of the article of an address."""
    rows = archive.connection.execute(f"select id from captures where url = ? and {PAGES}", [url]).fetchall()
    found = (_read(archive, number, layouts) for (number,) in rows)
    return {article.text for article in found if isinstance(article, Article)}


def _read(archive: Archive, number: int, layouts: Layouts | None) -> Article | NotAnArticle:
    """What a capture says. Raises ArchiveError if its record is damaged or its file is missing."""
    return read_isolated(archive.capture(number), layouts)


def _story(archive: Archive, url: str) -> str:
    """What is known of the texts of an address that were erased."""
    return " ".join(story for (story,) in archive.connection.execute("select story from erased where url = ?", [url]))


def _take_out_of_snapshot(archive: Archive, urls: Sequence[str]) -> None:
    snapshot = archive.folder / "published" / DATABASE
    if not snapshot.exists():
        return
    with closing(sqlite3.connect(f"file:{quote(str(snapshot))}?mode=ro", uri=True)) as connection:
        is_there = connection.execute(
            "select 1 from articles where url in (select value from json_each(?))", [json.dumps(urls)]
        ).fetchone()
    if is_there:
        publish(archive, fall=1)


def _forget_decisions(archive: Archive, urls: Sequence[str]) -> None:
    """Delete what people decided and reported about the article and its facts, and about the names that only it named; from
    copies of reviews.db that were kept beside it, too."""
    given = json.dumps(urls)
    names = [key for (key,) in archive.connection.execute(_ONLY_NAMED_THERE, [given, given])]
    reported = [key for (key,) in archive.connection.execute(_FACTS_THERE, [given, given])]
    reported += [key_of(AddressKind.ARTICLE, url) for url in urls]
    for path in sorted(archive.folder.glob("reviews*.db")):
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("pragma secure_delete = on")
            connection.execute("begin immediate")
            _delete_decisions(connection, given, json.dumps(names), json.dumps(reported))
            connection.commit()
            _pack(connection, path)


def _delete_decisions(connection: sqlite3.Connection, urls: str, names: str, reported: str) -> None:
    of_article = "select evidence from reviews where said ->> '$.url' in (select value from json_each(?))"
    of_names = "in (select value from json_each(?1))"
    there = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    for table, sql, given in (
        ("skips", f"delete from skips where evidence in ({of_article})", urls),
        ("reviews", f"delete from reviews where evidence in ({of_article})", urls),
        ("station_decisions", f"delete from station_decisions where one_name {of_names} or other_name {of_names}", names),
        ("station_names", f"delete from station_names where name {of_names}", names),
        ("reports", f"delete from reports where key {of_names}", reported),
    ):  # fmt: skip
        if table in there:  # a copy of an early version has fewer
            connection.execute(sql, [given])


def _rewritten(
    archive: Archive, urls: Sequence[str], reason: str, layouts: Layouts | None
) -> Iterator[tuple[Path, Path]]:
    """Each WARC file concerned, with a copy beside it that has tombstones instead of the captures, checked whole."""
    for left in archive.warc.path.glob(".*.draft"):
        left.unlink()
    notes = {"erased": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "reason": reason}
    for file, captures in _by_file(archive, urls).items():
        path = archive.warc.path / file
        draft = path.with_name(f".{file}.draft")
        try:
            instead = {}
            for one in captures:
                page, story = _known_by(archive, one, urls, layouts)
                tombstone = archive.warc.tombstone(one.location, one.url, page, story, notes)
                instead[one.location.offset] = Replacement(one.location.length, tombstone)
            write_with(path, draft, instead)
            _check(archive, path, draft, captures)
            yield path, draft
        except ValueError as error:
            raise ArchiveError(f"Nothing of {file} is erased: {error}. `dangqun verify` says what is wrong.") from None
        finally:
            draft.unlink(missing_ok=True)


def _by_file(archive: Archive, urls: Sequence[str]) -> dict[str, list[_Capture]]:
    """WARC file -> the captures of these addresses in it that are to be erased."""
    found: dict[str, list[_Capture]] = defaultdict(list)
    for number, url, *location in archive.connection.execute(
        "select id, url, warc_file, warc_offset, warc_length from captures where role != ?"
        " and url in (select value from json_each(?)) order by warc_file, warc_offset",
        [CaptureRole.TOMBSTONE, json.dumps(urls)],
    ):
        found[location[0]].append(_Capture(number, RecordLocation(*location), url))
    return found


def _known_by(archive: Archive, one: _Capture, urls: Sequence[str], layouts: Layouts | None) -> _Trace:
    """What is kept of a capture's article; of one page of several, that of the whole article as well."""
    page, is_page = archive.connection.execute(
        f"select page_key, {PAGES} from captures where id = ?", [one.id]
    ).fetchone()
    found = _read(archive, one.id, layouts) if is_page else None
    if not isinstance(found, Article):
        return _Trace(page or page_key(one.url), "")
    whole = archive.connection.execute(
        f"select text from revisions where ? and {_OF_ARTICLES}", [bool(found.parts), json.dumps(urls)]
    )
    return _Trace(page or copies.page_of(found), story_of([found.text, *(text for (text,) in whole)]))


def _check(archive: Archive, path: Path, draft: Path, captures: list[_Capture]) -> None:
    """Raise ValueError where a copy does not hold what it should: tombstones for these captures, and the others as they
    were."""
    erased = {one.location.offset for one in captures}
    before, after = archive.warc.scan(path).found, archive.warc.scan(draft)
    wanted = [
        (one.url, one.fetched_at, one.digest, one.location.offset in erased or one.role == CaptureRole.TOMBSTONE)
        for one in before
    ]
    there = [(one.url, one.fetched_at, one.digest, one.role == CaptureRole.TOMBSTONE) for one in after.found]
    if there != wanted or after.damaged:
        raise ValueError("written again, it does not hold the same records")


def _forget_rows(archive: Archive, urls: Sequence[str]) -> None:
    with archive.transaction() as connection:
        for url in urls:
            replace_page(archive, url, [])  # as of an address that has no capture
            connection.execute("delete from former_facts where url = ?", [url])
            stems = json.dumps([position.stem for position in positions(url)])
            connection.execute(  # what stood alone because this address held no first page is read again
                "update captures set kind = null where kind = 'article' and stem in (select value from json_each(?))",
                [stems],
            )


def _remove_spare_copies(archive: Archive) -> None:
    """Delete what holds texts and can be made again, and what commands that were killed left."""
    archive.decided.delete()
    remove_leftovers(archive.folder)
    restored = (folder.glob(".restore-*") for folder in (archive.folder, archive.folder / "warc"))
    for path in (archive.folder / ".rebuild", *chain.from_iterable(restored)):
        shutil.rmtree(path, ignore_errors=True)
    for shard in (archive.folder / "shards").glob("*"):
        shard.unlink()


def _pack(connection: sqlite3.Connection, path: Path) -> None:
    """Write a database again without what was deleted, its log too. Raises ArchiveBusy where somebody reads it for too
    long."""
    connection.execute("vacuum")
    deadline = time.monotonic() + PATIENCE
    while connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
        if time.monotonic() > deadline:
            raise ArchiveBusy(
                f"Somebody has {path} open: its log still holds what was erased. Close what reads it, and purge again."
            )
        time.sleep(0.2)


def _publish(archive: Archive) -> None:
    """Publish again, where anything was: the records lie elsewhere in the files. The snapshot before goes."""
    folder = archive.folder / "published"
    if not (folder / DATABASE).exists():
        return
    try:
        publish(archive, fall=1)
    except ArchiveError as error:
        raise ArchiveError(
            f"{error} Captures and database are purged; what is published, and the snapshot before it, is not. Mend what is"
            " wrong, and purge again."
        ) from None
    for left in folder.glob("archive.previous.db*"):
        left.unlink()
