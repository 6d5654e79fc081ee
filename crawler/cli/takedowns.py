"""`dangqun takedown`: removing articles and names from what is published, and erasing articles."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from archive.decisions.records import TakedownKind
from archive.decisions.reviews import Reviews
from archive.publishing.purge import PurgePlan, archives_of_sites, article_to_purge, look, purge
from archive.publishing.snapshot import withdraw
from archive.reprints import copies
from archive.storage.store import DATABASE, Archive, connect, ensure_there
from crawler.cli import options
from crawler.cli.console import console, message, table
from crawler.cli.opening import open_archive
from crawler.cli.priority import give_way
from crawler.discovery.layouts import known_layouts

_SHOWN = 20  # addresses
_OUTSIDE = (
    "You must erase yourself what has left the archive: backups of warc/, archive.db and reviews.db; the files of `dangqun"
    " export`; downloads from the site (tables, WARC records, snapshots); snapshots and parts of a cluster's store in other"
    " places; alerts that were sent."
)
_OTHER_RECORDS = "Lists, feeds and sitemaps that contain its title or address are other records. They stay."


@click.group()
def takedown() -> None:
    """Remove articles or names from what is published.

    A list holds the takedowns: who decided what, and why. The archive keeps the captures until you purge them.
    """


@takedown.command()
@click.argument("kind", type=click.Choice([one.value for one in TakedownKind]))
@click.argument("value")
@click.option("--reason", required=True, help="The reason, for the list.")
@options.by
@click.pass_obj
def add(folder: Path, kind: str, value: str, reason: str, by: str) -> None:
    """Add an article or a name to the list.

    VALUE is the address of an article, or a name, which is blacked out. It disappears from the published snapshot at
    once.
    """
    with _decisions(folder) as decided:
        if kind == TakedownKind.ARTICLE and not _has_article(folder, value):
            raise click.ClickException(f"There is no article with the address {value}.")
        number = decided.take_down(kind, value, by, reason)
        gone = (folder / "published" / "archive.db").exists() and withdraw(folder)
    message(f"Takedown {number} is listed{', and removed from the snapshot' if gone else ''}.", takedown=number)


@takedown.command("list")
@click.pass_obj
def list_entries(folder: Path) -> None:
    """Print the list as JSON lines."""
    with _decisions(folder) as decided:
        for row in decided.takedown_list():
            click.echo(json.dumps(row, ensure_ascii=False))


@takedown.command()
@click.argument("number", type=options.NUMBER)
@options.by
@click.pass_obj
def undo(folder: Path, number: int, by: str) -> None:
    """Undo the takedown NUMBER (see `takedown list`).

    The article or name appears again with the next publication. What was purged stays erased.
    """
    with _decisions(folder) as decided:
        decided.undo_takedown(number, by)
    message(
        f"Takedown {number} is undone, from the next publication on. What was purged stays erased.", takedown=number
    )


@takedown.command("purge")
@click.argument("number", type=options.NUMBER)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def purge_takedown(folder: Path, number: int, yes: bool) -> None:
    """Erase the article of the takedown NUMBER from the archive, for good.

    The command erases all captures of the article: every version, its copies for phones and for print, and all else
    that was fetched from its addresses. It also erases what was made of them: text, versions, facts and candidates,
    search entries, reviews of its facts, decided.db, the published snapshot and the previous one. It shows first what
    it will erase, and asks for confirmation.

    The command rewrites each WARC file concerned, with a tombstone in place of each capture: a `metadata` record with
    the address, the date, the digest of the bytes, and the reason of the takedown. `dangqun verify` counts tombstones.
    The command compacts the databases. It needs free space of the size of the largest WARC file, or of archive.db if
    that is larger. After an interruption, or if the disk is full, run it again: nothing else is lost.

    The article stays out: the crawler does not fetch it again, `import` skips it and its copies, and `takedown undo`
    does not restore it. Only an article can be purged. For a name, purge the articles that contain it.

    A purge does not reach what has left the archive: backups, exports, downloads, snapshots in other places, the store
    of a cluster. It also keeps other articles with the same story, which it lists, and lists and feeds with its title.
    """
    ensure_there(folder)
    url, reason = article_to_purge(folder, number)
    sites = archives_of_sites(folder)
    with open_archive(folder) as archive:
        found = look(archive, url, known_layouts())
        _show(found)
        if not yes:
            click.confirm("Erase all of this for good?", abort=True, err=True)
        give_way()
        _purge(archive, found, reason)
    for site in sites:
        with open_archive(site) as archive:
            _purge(archive, look(archive, url, known_layouts()), reason)
    message(f"Purged: tombstones replace {found.captures} captures of {url}.", wrap=False, takedown=number)
    _show_what_stays(found)


@contextmanager
def _decisions(folder: Path) -> Iterator[Reviews]:
    """The database of decisions. A takedown does not wait until an outdated archive.db is rebuilt."""
    ensure_there(folder)
    with closing(Reviews(folder / "reviews.db")) as opened:
        yield opened


def _has_article(folder: Path, url: str) -> bool:
    with closing(connect(folder / DATABASE)) as connection:
        return copies.is_there(connection, url)


def _purge(archive: Archive, found: PurgePlan, reason: str) -> None:
    with console.status("Erasing"):
        purge(archive, found.addresses, reason, known_layouts())


def _show(found: PurgePlan) -> None:
    shown = list(found.addresses[:_SHOWN])
    if more := len(found.addresses) - len(shown):
        shown.append(f"and {more} more")
    table("To be erased, at all of these addresses", ("address",), [(address,) for address in shown])
    rows = [
        ("captures", f"{found.captures} (and {found.tombstones} earlier tombstones)"),
        ("WARC files to be rewritten", f"{found.files} ({found.size / 1e6:.1f} MB)"),
        ("versions", found.versions),
        ("facts, candidates, former facts", found.facts),
        ("reviews of them", found.decisions),
        ("the texts in decided.db", "all: the file is deleted"),
        ("the published snapshot and the previous one", "published again"),
    ]
    table("What is erased", ("what", "how many"), rows)


def _show_what_stays(found: PurgePlan) -> None:
    message(_OUTSIDE)
    message(_OTHER_RECORDS)
    if found.alike:
        message(f"{len(found.alike)} other articles have the same story. They stay until you take them down too:")
        for address in found.alike:
            message(f"  {address}", wrap=False)
