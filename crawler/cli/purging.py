"""`dangqun takedown purge`: erasing what was taken down."""

from contextlib import closing
from pathlib import Path

import click

from archive.decisions.reviews import Reviews
from archive.publishing.purge import PurgePlan, look, purge
from archive.storage.store import DATABASE, Archive, ensure_there
from crawler.cli.console import console, table
from crawler.cli.opening import open_archive
from crawler.cli.priority import give_way
from crawler.discovery.layouts import known_layouts

_SHOWN = 20  # addresses


@click.command("purge")
@click.argument("number", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def purge_takedown(folder: Path, number: int, yes: bool) -> None:
    """Erase the article of entry NUMBER of the list from the archive. This cannot be taken back.

    Erased are all captures of it (every version, its copies for phones and for print, what its address answered besides)
    and all that was made of them: text, versions, facts and candidates, search, what people decided about its facts,
    decided.db, the published snapshot and the one before. What will be erased is shown first, and has to be confirmed.

    Each WARC file concerned is written again, with a tombstone in the place of each capture: a `metadata` record with the
    address, the date, the digest of the bytes, and the reason of the entry. `dangqun verify` counts tombstones. The
    databases are packed; reckon with as much room again as the largest WARC file, or archive.db, takes. Killed, or out of
    room, nothing else is lost: run the command again.

    The article stays away: it is not fetched or imported again, at this address or as a copy, and `takedown undo` does
    not bring it back. Only an article can be purged; for a name, purge the articles that contain it.

    A purge does not reach what left the archive before: backups, exports, downloads, snapshots elsewhere, a cluster's store.
    Nor are other articles with the same story (they are listed), nor list pages and feeds that hold its title.
    """
    ensure_there(folder)
    url, reason = _entry(folder, number)
    folders = [folder, *sorted(path.parent for path in (folder / "sites").glob(f"*/{DATABASE}"))]
    with open_archive(folder) as archive:
        found = look(archive, url, known_layouts())
        _show(found)
        if not yes:
            click.confirm("Erase all of this for good?", abort=True, err=True)
        give_way()
        _purge(archive, found, reason)
    for site in folders[1:]:  # what a crawl on a cluster keeps of each site
        with open_archive(site) as archive:
            _purge(archive, look(archive, url, known_layouts()), reason)
    console.print(f"Purged: {found.captures} captures of {url} are tombstones now.", markup=False, soft_wrap=True)
    _say_what_is_left(found)


def _entry(folder: Path, number: int) -> tuple[str, str]:
    """The address and the reason of an entry that stands."""
    with closing(Reviews(folder / "reviews.db")) as reviews:
        entry = next((row for row in reviews.takedown_list() if row["id"] == number), None)
    if entry is None:
        raise click.ClickException(f"There is no takedown {number}. `dangqun takedown list` shows all.")
    if entry["undone_at"]:
        raise click.ClickException(f"Takedown {number} was taken back: only what is taken down can be purged.")
    if entry["kind"] != "article":
        raise click.ClickException(
            f"Takedown {number} is of a name: take down the articles that say it, and purge these."
        )
    return str(entry["value"]), str(entry["reason"])


def _purge(archive: Archive, found: PurgePlan, reason: str) -> None:
    with console.status("Erasing"):
        purge(archive, found.addresses, reason, known_layouts())


def _show(found: PurgePlan) -> None:
    shown = [
        *found.addresses[:_SHOWN],
        *([f"and {len(found.addresses) - _SHOWN} more"] if found.addresses[_SHOWN:] else []),
    ]
    table("Will be erased, at all of these addresses", ("address",), [(address,) for address in shown])
    rows = [
        ("captures", f"{found.captures} (and {found.tombstones} tombstones of before)"),
        ("WARC files to be written again", f"{found.files} ({found.size / 1e6:.1f} MB)"),
        ("versions", found.versions),
        ("facts, candidates, former facts", found.facts),
        ("decisions of people about them", found.decisions),
        ("the texts that decided.db remembers", "all: it is deleted"),
        ("the published snapshot and the one before", "published again"),
    ]
    table("What", ("", ""), rows)


def _say_what_is_left(found: PurgePlan) -> None:
    for line in (
        "What left the archive before, you must erase yourself: backups of warc/, archive.db and reviews.db, what `dangqun export`"
        " wrote, downloads of the site (tables, WARC records, snapshots), snapshots and parts of a cluster's store elsewhere,"
        " alerts that were sent.",
        "List pages, feeds and sitemaps that name its title or address are other records, and stay.",
    ):
        console.print(line)
    if found.alike:
        console.print(
            f"{len(found.alike)} other articles have the same story, and stay until they are taken down themselves:"
        )
        for address in found.alike:
            console.print(f"  {address}", markup=False, soft_wrap=True)
