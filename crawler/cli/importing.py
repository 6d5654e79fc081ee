"""`dangqun import`: pages on disk, as if they had been crawled."""

import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from archive.captures.warc import Exchange
from archive.ingest import catch_up, ingest
from archive.publish import publish
from archive.records import Article
from archive.store import Archive, open_for_writing
from crawler.cli.console import console, progress, table
from crawler.cli.files import Found, find
from crawler.layouts import known_layouts


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--any-topic", is_flag=True, help="Take articles about other things as well.")
@click.option(
    "--publish/--no-publish",
    "publishing",
    default=True,
    show_default=True,
    help="Bring out a new snapshot afterwards.",
)
@click.pass_obj
def import_(folder: Path, paths: tuple[str, ...], any_topic: bool, publishing: bool) -> None:
    """Take HTML files or folders of them (also .gz) into the archive, as if they had been crawled.

    An index.jsonl in a file's folder may name its address and encoding: {"file": "a.html.gz", "url": "http://…",
    "declared_charset": "gb2312"}. A page without an address is known by its digest. Every page ends as an
    article or is listed with the reason why it is none (a page about something else is `off_topic`). Importing the same page twice adds nothing.

    Exit code 1 where a file could not be read at all.
    """
    files = find(paths)
    archive = open_for_writing(folder)
    try:
        catch_up(archive, known_layouts())
        run_id = archive.start_run("import", " ".join(paths))
        counts: Counter[str] = Counter()
        others: list[tuple[str, str, str]] = []
        with progress() as bar:
            task = bar.add_task("import", total=len(files), articles=0)
            for file in files:
                kind, reason = _take(archive, run_id, file, any_topic)
                counts[kind] += 1
                if kind not in ("article", "unchanged"):
                    others.append((Path(file.name).name, kind, reason))
                bar.update(task, advance=1, articles=counts["article"])
        archive.finish_run(run_id, "finished", {f"read/{kind}": n for kind, n in counts.items()})
        if others:
            table("Not taken", ("file", "kind", "reason"), others)
        off_topic = counts["off_topic"]
        counted = [f"{counts['article']} new articles", f"{counts['unchanged']} known already"]
        counted += [f"{off_topic} off topic"] if off_topic else []
        console.print(f"{len(files)} pages: {', '.join(counted)}, {len(others) - off_topic} not articles.")
        if publishing:
            publish(archive)
    finally:
        archive.close()
    if counts["unreadable"]:
        raise click.ClickException(f"{counts['unreadable']} files could not be read.")


def _take(archive: Archive, run_id: int, file: Found, any_topic: bool) -> tuple[str, str]:
    """Import one file; gives the kind that it ended as, and the reason."""
    try:
        capture = file.capture()
    except (OSError, ValueError) as error:
        return "unreadable", str(error)
    url = file.url or f"urn:sha256:{hashlib.sha256(capture.body).hexdigest()}"
    exchange = Exchange(
        url, datetime.now(UTC), 200, capture.headers, capture.body, method="", source=Path(file.name).name, is_file=True,
        any_topic=any_topic,
    )  # fmt: skip
    capture_id = archive.save_capture(exchange, run_id)
    if capture_id is None:
        return "unchanged", ""
    found = ingest(archive, capture_id, known_layouts())
    return ("article", "") if isinstance(found, Article) else (found.kind, found.reason)
