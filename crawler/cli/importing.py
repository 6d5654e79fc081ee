"""`dangqun import`: pages on disk, as if they had been crawled."""

from collections import Counter
from pathlib import Path

import click
from rich.progress import Progress

from archive.captures.files import find_files
from archive.captures.foreign import is_container
from archive.pipeline.importing import Import
from archive.publishing.snapshot import publish
from crawler.cli import options
from crawler.cli.console import message, progress, table
from crawler.cli.opening import open_archive
from crawler.cli.priority import give_way
from crawler.discovery.layouts import known_layouts

_COUNTED = ("article", "part", "unchanged", "off_topic")  # reported one by one


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--any-topic", is_flag=True, help="Import articles about other topics as well.")
@click.option(
    "--prefilter",
    is_flag=True,
    help="For WARC files with pages of all kinds, such as those of Common Crawl: skip pages that are not Chinese"
    " (other_language) or contain no word of the topic (unlikely). Their bytes decide, before any page is parsed; what is in"
    " doubt is read. The command counts what it skips by reason.",
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
    """Import pages, WARC files and folders of them.

    The archive treats the pages as if they had been crawled. PATH is an HTML or MHTML file (also .gz), a page that a
    browser or another program saved, a WARC, ARC or WACZ file, or a folder of these.

    The pages of a WARC, ARC or WACZ file (made by warcio, wget --warc-file, Scrapy, Common Crawl …) keep their addresses,
    times, headers and bytes. The command counts and skips records that are not a page with status 200.

    An index.jsonl in the folder of a file may state its address and encoding: {"file": "a.html.gz", "url": "http://…",
    "declared_charset": "gb2312"}. Without an index, the address comes from the saved page itself. Most saved pages also
    state their time: those saved with SingleFile, monolith or HTTrack, as MHTML, or in a folder of ArchiveBox. For a page
    saved from a browser ("saved from url") the time is that of the file. The archive marks such addresses and times "as
    supplied". A page without an address is identified by its digest. Every page becomes an article, or the command lists
    it with the reason (a page about another topic is `off_topic`). Importing the same page twice adds nothing.

    PATH may also be the address of an object store with a pattern (s3://bucket/news-*.warc.gz). With --engine ray, a task
    on any node reads each WARC file into a shard (Parquet). The rows are built from these; they are the same.

    The exit code is 1 if a file or a page could not be read at all.
    """
    give_way()
    from crawler.cluster.storage import is_remote, matching, without_secret  # imports pyarrow

    here, remote = [path for path in paths if not is_remote(path)], [path for path in paths if is_remote(path)]
    files = find_files(here) if here else []
    containers = [str(file.path) for file in files if file.path and is_container(file.path)]
    containers += [address for pattern in remote for address in matching(pattern)]
    label = " ".join(without_secret(path) if is_remote(path) else path for path in paths)
    with open_archive(folder) as archive:
        work = Import(archive, label, known_layouts(), any_topic=any_topic, prefilter=prefilter)
        with progress() as bar:
            pages = [file for file in files if not (file.path and is_container(file.path))]
            task = bar.add_task("import", total=len(pages), articles=0, visible=bool(pages))
            for file in pages:
                work.file(file)
                bar.update(task, advance=1, articles=work.counts["article"])
            if cluster is None:
                _import_here(work, containers, bar)
            else:
                _import_on_cluster(work, containers, cluster, bar)
        work.finish()
        _report(work)
        if publishing:
            publish(archive)
    if work.counts["unreadable"]:
        raise click.ClickException(f"{work.counts['unreadable']} files or pages could not be read.")


def _import_here(work: Import, containers: list[str], bar: Progress) -> None:
    """Import WARC, ARC and WACZ files one after the other."""
    from crawler.cluster.storage import split

    for container in containers:
        storage, name = split(container)
        with storage.local(name) as path:
            task = bar.add_task(path.name[:18], total=None, articles=0)
            before = work.counts["article"]
            for _ in work.container(path, name):
                bar.update(task, advance=1, articles=work.counts["article"] - before)


def _import_on_cluster(work: Import, containers: list[str], cluster: options.Cluster, bar: Progress) -> None:
    """Import WARC, ARC and WACZ files by tasks of a cluster."""
    from crawler.cluster.run import import_on_cluster

    task = bar.add_task("WARC files", total=len(containers), articles=0)
    articles = 0

    def imported(counts: Counter[str]) -> None:
        nonlocal articles
        articles += counts["article"]
        bar.update(task, advance=1, articles=articles)

    import_on_cluster(work, containers, cluster.address, cluster.storage, imported)


def _report(work: Import) -> None:
    """Print what was imported, and what was not."""
    counts = work.counts
    if work.prefilter:
        held = work.held()
        columns = ("pages seen", "Chinese", "on topic", "new articles", "facts", "seconds")
        row = (held.pages, held.chinese, held.on_topic, held.new_articles, held.facts, f"{held.seconds:.1f}")
        table("What the files held", columns, [row])
    if work.rejected:
        table("Not imported", ("file", "kind", "reason"), [(one.name, one.kind, one.reason) for one in work.rejected])
    others = {kind: n for kind, n in sorted(counts.items()) if kind not in _COUNTED}
    new = work.new_articles()
    counted = [_number(new, "new article"), f"{counts['unchanged']} known already"]
    counted += [_number(counts["article"] - new, "further version")] if counts["article"] > new else []
    counted += [_number(counts["part"], "further page") + " of articles"] if counts["part"] else []
    counted += [f"{counts['off_topic']} off topic"] if counts["off_topic"] else []
    message(
        f"{_number(counts.total(), 'page')}: {', '.join(counted)}, {sum(others.values())} not articles.",
        pages=counts.total(),
        counts=dict(counts),
    )
    if others:
        message("Not articles: " + ", ".join(f"{n} {kind}" for kind, n in others.items()) + ".")


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' if count != 1 else ''}"
