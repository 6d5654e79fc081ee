"""`dangqun extract` and `dangqun verify`: reading again from the captures, and proving that the database is what they say."""

from collections.abc import Callable
from pathlib import Path

import click
from rich.progress import Progress

from archive.pipeline.ingest import catch_up, source
from archive.pipeline.reread import Job, outdated, reread, store_derived
from archive.pipeline.verify import verify as differences
from archive.publishing.snapshot import publish
from archive.storage.store import Archive, ensure_there
from crawler.cli import options
from crawler.cli.console import console, progress, table
from crawler.cli.opening import bring_up_to_date, open_archive
from crawler.cli.priority import give_way
from crawler.discovery.layouts import known_layouts

_LISTED = 10  # decisions


@click.command()
@click.option("--all", "everything", is_flag=True, help="Read everything, not only what another version read.")
@options.processes
@options.engine
@options.publishing
@click.pass_obj
def extract(folder: Path, everything: bool, processes: int, cluster: options.Cluster | None, publishing: bool) -> None:
    """Read articles and facts again from the captures, without fetching anything.

    Only pages that another version of the reader or the extractor read, unless --all is given. The rows of a page are
    replaced in one transaction; killed in the middle, the next run goes on with what is left. What people decided stays.
    Facts of a text that this version of the extractor has met before come from decided.db; to decide them again, delete it.
    An archive.db that is gone comes back: the WARC files are enough. One that another version of dangqun made is made
    again from them; until that is done, the old one stays as it is.

    With --engine ray each WARC file is read by a task, on any node, into a shard (Parquet); then the rows come from these.
    """
    give_way()
    if not (folder / "warc").exists():
        ensure_there(folder)
    bring_up_to_date(folder, processes)
    with open_archive(folder) as archive:
        jobs = outdated(archive, known_layouts(), everything=everything)
        with progress() as bar:
            task = bar.add_task("extract", total=len(jobs), articles=0)
            counts = [0, 0]

            def report(addresses: int, articles: int) -> None:
                counts[0] += addresses
                counts[1] += articles
                bar.update(task, completed=counts[0], articles=counts[1])

            if cluster is None:
                found = reread(archive, jobs, known_layouts(), processes=processes, report=report)
            else:
                found = _reread_there(archive, jobs, cluster, bar, report)
        catch_up(archive, known_layouts())  # copies whose original is an article no more
        console.print(f"{len(jobs)} pages read again: {found} articles.")
        damaged = archive.connection.execute(
            "select url, reason from captures where kind = 'damaged' order by id"
        ).fetchall()
        if publishing:
            publish(archive)
    if damaged:
        table("Damaged", ("page", "reason"), damaged)
        raise click.ClickException(
            f"{len(damaged)} captures are damaged; all others are read. Put the files named above back from a backup and"
            " run `dangqun extract` again."
        )


def _reread_there(
    archive: Archive, jobs: list[Job], cluster: options.Cluster, bar: Progress, report: Callable[[int, int], None]
) -> int:
    from crawler.cluster import engine, reading
    from crawler.cluster.storage import Storage

    task = bar.add_task("read on the cluster", total=sum(len(ids) for _, ids in jobs), articles=0)
    storage = Storage(cluster.storage or str(archive.folder))
    with engine.connected(cluster.address):
        coming = reading.derive_all(archive, jobs, storage, lambda captures: bar.update(task, advance=captures))
        return store_derived(archive, coming, report, source(archive, known_layouts()))


@click.command()
@options.processes
@click.option(
    "--sample", type=click.IntRange(0), metavar="N", show_default="all",
    help="Decide again about only N texts, always the same; take the facts of the others from decided.db where it has them.",
)  # fmt: skip
@click.pass_obj
def verify(folder: Path, processes: int, sample: int | None) -> None:
    """Prove that the database is what the captures say.

    Checks every record's digests, derives every row into a fresh database beside this one (it needs as much room)
    and prints each difference, one a line: where TAB what. Exit code 1 where there is any.

    Facts are decided again, whatever decided.db remembers; with --sample, of N texts only. Probabilities may differ from one
    machine to another: where one is within 15 thousandths of a threshold and of what is recorded, the recorded
    decision stands; how many these are, and the first ten, is said on standard error.
    """
    ensure_there(folder)
    bring_up_to_date(folder, processes)
    with open_archive(folder) as archive:
        for name in archive.cut:
            console.print(f"A record cut short by a crash was taken off the end of {name}.")
        count = 0
        kept: list[str] = []
        with progress() as bar:
            task = bar.add_task("verify", total=len(outdated(archive, everything=True)), articles=0)
            for difference in differences(
                archive,
                known_layouts(),
                processes=processes,
                sample=sample,
                report=lambda n: bar.update(task, advance=n),
                kept=kept.append,
            ):
                count += 1
                click.echo(f"{difference.where}\t{difference.what}")
        tombstones, pages = archive.connection.execute("select count(*), count(distinct page) from erased").fetchone()
    if tombstones:
        console.print(f"{tombstones} tombstones stand for captures of {pages} pages that were taken down and erased.")
    if kept:
        console.print(f"{len(kept)} recorded decisions stand that came out otherwise here, close to a threshold:")
        for decision in kept[:_LISTED]:
            console.print(f"  {decision}", markup=False, soft_wrap=True)
    if count:
        raise click.ClickException(f"{count} differences between the database and its captures.")
    console.print("The database is what the captures say.")
