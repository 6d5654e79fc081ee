"""`dangqun import`: pages on disk, as if they had been crawled."""

import errno
import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.progress import Progress

from archive.captures.foreign import exchanges, is_container, likely, refused
from archive.captures.warc import Exchange
from archive.model import Article
from archive.pipeline.ingest import catch_up, ingest
from archive.publishing.snapshot import publish
from archive.storage.erased import TAKEN_DOWN
from archive.storage.store import Archive
from archive.web.addresses import normal
from crawler.cli import options
from crawler.cli.console import console, progress, table
from crawler.cli.files import Found, find
from crawler.cli.opening import open_archive
from crawler.cli.priority import give_way
from crawler.discovery.layouts import known_layouts

_COUNTED = ("article", "part", "unchanged", "off_topic")  # named each by itself
_NOT_CHINESE = ("other_language", "not_a_page", "revisit", "no_date", "too_large")


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--any-topic", is_flag=True, help="Take articles about other things as well.")
@click.option(
    "--prefilter",
    is_flag=True,
    help="Of WARC files that hold everything (Common Crawl's), leave out pages that are not Chinese or hold no word of the topic.",
)
@options.engine
@options.publishing
@click.pass_obj
def import_(
    folder: Path,
    paths: tuple[str, ...],
    any_topic: bool,
    prefilter: bool,
    cluster: options.Cluster | None,
    publishing: bool,
) -> None:
    """Take pages into the archive as if they had been crawled: HTML and MHTML files (also .gz), pages saved from a browser or
    by another program, WARC, ARC and WACZ files, folders of them.

    The pages of a WARC, ARC or WACZ file (made by warcio, wget --warc-file, Scrapy, Common Crawl …) keep their addresses,
    times, headers and bytes; records that are no page with status 200 are counted and left out.

    An index.jsonl in a file's folder may name its address and encoding: {"file": "a.html.gz", "url": "http://…",
    "declared_charset": "gb2312"}. Without one, a saved page states its address itself, and most state their time: pages saved
    from a browser ("saved from url"; the time is that of the file), with SingleFile, monolith or HTTrack, as MHTML, or in a
    folder of ArchiveBox. The archive marks such addresses and times "as supplied". A page without an address is known by its
    digest. Every page becomes an article, or is listed with the reason why not (a page about something else is `off_topic`).
    Importing the same page twice adds nothing.

    A PATH may be an address of an object store with a pattern (s3://bucket/news-*.warc.gz). With --engine ray each WARC file is
    read by a task, on any node, into a shard (Parquet), and the rows come from these; they are the same.

    Exit code 1 where a file or a page could not be read at all.
    """
    give_way()
    from crawler.cluster.storage import is_remote, matching, without_secret  # Arrow takes a moment to load

    here, remote = [path for path in paths if not is_remote(path)], [path for path in paths if is_remote(path)]
    files = find(tuple(here)) if here else []
    containers = [str(file.path) for file in files if file.path and is_container(file.path)]
    containers += [address for pattern in remote for address in matching(pattern)]
    archive = open_archive(folder)
    try:
        catch_up(archive, known_layouts())
        run_id = archive.start_run("import", " ".join(without_secret(p) if is_remote(p) else p for p in paths))
        counts: Counter[str] = Counter()
        before, started = _facts(archive), time.monotonic()
        others: list[tuple[str, str, str]] = []
        with progress() as bar:
            pages = [file for file in files if not (file.path and is_container(file.path))]
            task = bar.add_task("import", total=len(pages), articles=0, visible=bool(pages))
            for file in pages:
                kind, reason = _take(archive, run_id, file, any_topic)
                counts[kind] += 1
                if kind not in ("article", "unchanged"):
                    others.append((file.source, kind, reason))
                bar.update(task, advance=1, articles=counts["article"])
            last_file = archive.connection.execute("select coalesce(max(id), 0) from captures").fetchone()[0]
            take = _take_here if cluster is None else partial(_take_there, cluster)
            for name, error in take(archive, run_id, containers, any_topic, prefilter, counts, bar):
                counts["unreadable"] += 1
                others.append((name, "unreadable", error))
        if prefilter:
            _report(counts, _facts(archive) - before, time.monotonic() - started)
        others += archive.connection.execute(
            "select url, kind, reason from captures where id > ?"
            " and kind in ('undecodable', 'truncated', 'too_large', 'unreadable') order by id",
            [last_file],
        ).fetchall()
        archive.finish_run(run_id, "finished", {f"read/{kind}": n for kind, n in counts.items()})
        if others:
            table("Not taken", ("file", "kind", "reason"), others)
        left_out = {kind: n for kind, n in sorted(counts.items()) if kind not in _COUNTED}
        counted = [f"{counts['article']} new articles", f"{counts['unchanged']} known already"]
        counted += [f"{counts['part']} further pages of articles"] if counts["part"] else []
        counted += [f"{counts['off_topic']} off topic"] if counts["off_topic"] else []
        console.print(f"{counts.total()} pages: {', '.join(counted)}, {sum(left_out.values())} not articles.")
        if left_out:
            console.print("Not articles: " + ", ".join(f"{n} {kind}" for kind, n in left_out.items()) + ".")
        if publishing:
            publish(archive)
    finally:
        archive.close()
    if counts["unreadable"]:
        raise click.ClickException(f"{counts['unreadable']} files or pages could not be read.")


def _report(counts: Counter[str], facts: int, seconds: float) -> None:
    """What files that hold everything held."""
    on_topic = counts["article"] + counts["unchanged"]
    others = sum(n for kind, n in counts.items() if kind in _NOT_CHINESE or kind.startswith("status_"))
    table(
        "What the files held",
        ("pages seen", "Chinese", "on topic", "new articles", "facts", "seconds"),
        [(counts.total(), counts.total() - others, on_topic, counts["article"], facts, f"{seconds:.1f}")],
    )


def _facts(archive: Archive) -> int:
    return archive.connection.execute("select count(*) from facts where current").fetchone()[0]


def _take_here(
    archive: Archive,
    run_id: int,
    containers: list[str],
    any_topic: bool,
    prefilter: bool,
    counts: Counter[str],
    bar: Progress,
) -> Iterator[tuple[str, str]]:
    """Import WARC, ARC and WACZ files one after the other; yields those that could not be read, with the reason."""
    from crawler.cluster.storage import split

    for container in containers:
        storage, name = split(container)
        with storage.local(name) as path:
            error = _take_all(archive, run_id, path, any_topic, prefilter, counts, bar)
        if error:
            yield name, error


def _take_there(
    cluster: options.Cluster, archive: Archive, run_id: int, containers: list[str], any_topic: bool, prefilter: bool,
    counts: Counter[str], bar: Progress,
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """The same on a cluster."""
    from crawler.cluster import engine, reading
    from crawler.cluster.storage import Storage, split

    task = bar.add_task("WARC files", total=len(containers), articles=0)
    articles = 0

    def report(file: str, found: Counter[str]) -> None:
        nonlocal articles
        counts.update(found)
        articles += found["article"]
        bar.update(task, advance=1, articles=articles)

    with engine.connected(cluster.address):
        errors = reading.import_all(
            archive, run_id, containers, Storage(cluster.storage or str(archive.folder)),
            any_topic=any_topic, prefilter=prefilter, report=report,
        )  # fmt: skip
    for file, error in errors.items():
        yield split(file)[1], error


def _take_all(
    archive: Archive, run_id: int, path: Path, any_topic: bool, prefilter: bool, counts: Counter[str], bar: Progress
) -> str:
    """Import the pages of a WARC, ARC or WACZ file, one in memory at a time; returns what was wrong with the file."""
    task = bar.add_task(path.name[:18], total=None, articles=0)
    before = counts["article"]
    try:
        for found in likely(path) if prefilter else exchanges(path):
            kind = found if isinstance(found, str) else _keep(archive, run_id, replace(found, any_topic=any_topic))[0]
            counts[kind] += 1
            bar.update(task, advance=1, articles=counts["article"] - before)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None and error.errno != errno.ENOENT:
            raise  # the disk refuses: that is no fault of the file
        return str(error)
    return ""


def _take(archive: Archive, run_id: int, file: Found, any_topic: bool) -> tuple[str, str]:
    """Import one file; gives the kind that it ended as, and the reason."""
    try:
        page = file.page()
    except (OSError, ValueError) as error:
        return "unreadable", str(error)
    url = normal(page.url) or f"urn:sha256:{hashlib.sha256(page.body).hexdigest()}"
    if refusal := refused(url):
        return refusal, "an address that is not taken"
    supplied = " and ".join(name for name, value in (("address", page.url), ("time", page.at)) if value)
    source = file.source + (f" ({supplied} as supplied)" if supplied else "")
    exchange = Exchange(
        url, page.at or datetime.now(UTC), 200, (("Content-Type", page.content_type),), page.body, method="",
        source=source, is_file=True, any_topic=any_topic,
    )  # fmt: skip
    return _keep(archive, run_id, exchange)


def _keep(archive: Archive, run_id: int, exchange: Exchange) -> tuple[str, str]:
    """Archive and read one page; gives the kind that it ended as, and the reason."""
    if archive.is_erased(exchange.url):
        return TAKEN_DOWN.kind, TAKEN_DOWN.reason
    capture_id = archive.save_capture(exchange, run_id)
    if capture_id is None:
        return "unchanged", ""
    found = ingest(archive, capture_id, known_layouts())
    return ("article", "") if isinstance(found, Article) else (found.kind, found.reason)
