"""`dangqun extract` and `dangqun verify`: reading the captures again, and comparing the database with them."""

from pathlib import Path

import click

from archive.pipeline.ingest import catch_up
from archive.pipeline.reread import damaged_captures, outdated, reread
from archive.pipeline.verify import tombstones
from archive.pipeline.verify import verify as differences
from archive.publishing.snapshot import publish
from archive.storage import schema
from archive.storage.store import ensure_there
from crawler.cli import options
from crawler.cli.console import message, progress, table
from crawler.cli.opening import bring_up_to_date, open_archive
from crawler.cli.priority import give_way
from crawler.discovery.layouts import known_layouts

_SHOWN = 10  # decisions


@click.command()
@click.option("--all", "everything", is_flag=True, help="Read all pages, not only those that another version read.")
@options.processes
@options.engine
@options.publishing
@click.pass_obj
def extract(folder: Path, everything: bool, processes: int, cluster: options.Cluster | None, publishing: bool) -> None:
    """Read the captures again, without fetching.

    Without --all, the command reads only pages that another version of the reader or the extractor read. It replaces
    the rows of a page in one transaction. After an interruption, run it again: it continues. Reviews and other
    decisions stay. For a text that this version of the extractor has processed before, the facts come from decided.db.
    To decide them again, delete that file.

    If archive.db is missing, the command rebuilds it from the WARC files. If another version of dangqun made it, the
    command rebuilds it and keeps the old file until the new one is complete.

    With --engine ray, a task on any node reads each WARC file into a shard (Parquet). The rows are built from these.
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

            def written(addresses: int, articles: int) -> None:
                counts[0] += addresses
                counts[1] += articles
                bar.update(task, completed=counts[0], articles=counts[1])

            if cluster is None:
                found = reread(archive, jobs, known_layouts(), processes=processes, report=written)
            else:
                from crawler.cluster.run import reread_on_cluster

                captures = bar.add_task("read on the cluster", total=sum(len(ids) for _, ids in jobs), articles=0)
                found = reread_on_cluster(
                    archive, jobs, cluster.address, cluster.storage, lambda n: bar.update(captures, advance=n), written
                )
        catch_up(archive, known_layouts())  # copies whose original is no longer an article
        schema.refresh_fact_types(archive.connection)  # of a plug-in that is gone
        message(f"{len(jobs)} pages read again: {found} articles.", pages=len(jobs), articles=found)
        damaged = damaged_captures(archive)
        if publishing:
            publish(archive)
    if damaged:
        table("Damaged", ("page", "reason"), damaged)
        raise click.ClickException(
            f"{len(damaged)} captures are damaged; all others are read. Restore the files named above from a backup and"
            " run `dangqun extract` again."
        )


@click.command()
@options.processes
@click.option(
    "--sample", type=click.IntRange(0), metavar="N", show_default="all texts",
    help="Decide again about N texts only, always the same ones. For the others, use the facts in decided.db.",
)  # fmt: skip
@click.pass_obj
def verify(folder: Path, processes: int, sample: int | None) -> None:
    """Check the database against its captures.

    The command checks the digests of every record. It derives every row into a new database beside the present one,
    which needs as much disk space. It prints each difference on a line: where TAB what. The exit code is 1 if there
    is any.

    The command decides about all facts again and does not use decided.db; with --sample, only those of N texts.
    Probabilities may differ between machines. If a probability lies within 0.015 of a threshold and of the recorded
    one, the recorded decision stands. The command reports how many decisions these are, and the first ten.
    """
    ensure_there(folder)
    bring_up_to_date(folder, processes)
    with open_archive(folder) as archive:
        for name in archive.cut:
            message(f"The last record of {name} was incomplete after a crash. It was removed.")
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
        erased, pages = tombstones(archive)
    if erased:
        message(f"{erased} tombstones replace the erased captures of {pages} pages that were taken down.")
    if kept:
        message(f"{len(kept)} recorded decisions close to a threshold came out differently here. They stand:")
        for decision in kept[:_SHOWN]:
            message(f"  {decision}", wrap=False)
    if count:
        raise click.ClickException(f"{count} differences between the database and its captures.")
    message("The database agrees with its captures.")
