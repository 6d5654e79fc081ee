"""`dangqun review`, `reviews` and `stations`: decisions about facts and stations."""

import json
from pathlib import Path

import click

from archive.decisions.records import Decision
from archive.decisions.reviews import as_row, statement
from archive.pipeline.stations import decide_different, decide_same, names_of_station, undo_decision
from archive.storage.store import open_for_reading
from crawler.cli import options, renamed
from crawler.cli.console import message, table
from crawler.cli.opening import open_archive

_reason = click.option("--reason", required=True, help="The reason of the decision.")


@click.command()
@click.argument("fact", type=options.NUMBER)
@click.argument("decision", type=click.Choice([one.value for one in Decision]))
@options.by
@click.option("--value", type=float, help="The correct number.")
@click.option("--value-high", type=float, help="The correct upper end of a range.")
@click.option("--type", "type_", help="The correct fact type.")
@click.option("--subject", help="The correct subject.")
@click.option("--date", help="The correct date (ISO).")
@click.option("--note", default="", help="A note on the decision.")
@click.pass_obj
def review(
    folder: Path,
    fact: int,
    decision: str,
    by: str,
    value: float | None,
    value_high: float | None,
    type_: str | None,
    subject: str | None,
    date: str | None,
    note: str,
) -> None:
    """Confirm, reject or correct a fact.

    FACT is the `id` of a fact or a candidate, in the table `facts` or `candidates`. DECISION `note` only adds a note.
    The decision shows from the next `dangqun publish` on, also in reprints with the same statement. It stays when the
    article is read again. A candidate that is confirmed or corrected becomes a fact.
    """
    fields = {"value": value, "value_high": value_high, "type": type_, "subject": subject, "date": date}
    corrected = {name: value for name, value in fields.items() if value is not None}
    with open_for_reading(folder) as archive:
        row = statement(archive.connection, "facts", fact) or statement(archive.connection, "candidates", fact)
        if row is None:
            raise click.ClickException(f"There is no fact {fact}.")
        number = archive.reviews.record(row, decision, by, corrected=corrected, note=note)
    message(
        f"Review {number}: {decision} fact {fact}. `dangqun reviews --undo {number}` undoes it.",
        review=number,
        fact=fact,
    )


@click.command()
@click.option("--undo", type=options.NUMBER, metavar="N", help="Undo the review with the number N; print nothing else.")
@click.option(
    "--by", default="", envvar="DANGQUN_REVIEWER", show_envvar=True, help="With --undo: the person who undoes it."
)
@renamed.option(
    "--evidence-changed",
    former="--open",
    is_flag=True,
    help="Print only the reviews whose evidence has changed, which need a new decision.",
)
@click.pass_obj
def reviews(folder: Path, undo: int | None, by: str, evidence_changed: bool) -> None:
    """Print the reviews, or undo one.

    The reviews are JSON lines, oldest first. A table on standard error shows how many reviewed facts of each type were
    confirmed.
    """
    with open_for_reading(folder) as archive:
        if undo is not None:
            archive.reviews.undo(undo, by)
            message(f"Review {undo} is undone.", review=undo)
            return
        found = archive.reviews.attached(archive.connection).open if evidence_changed else archive.reviews.history()
        for one in found:
            click.echo(json.dumps(as_row(one), ensure_ascii=False))
        counts = archive.reviews.accuracy()
    if counts:
        rows = [(type_, f"{right} of {all_}") for type_, (right, all_) in sorted(counts.items())]
        table("Confirmed of reviewed", ("type", "confirmed"), rows)


@click.group()
def stations() -> None:
    """Decide which names are one station.

    Every decision has a reason and can be undone.
    """


@stations.command()
@click.argument("station", type=options.NUMBER)
@click.pass_obj
def names(folder: Path, station: int) -> None:
    """Print the names of STATION: number, name, place, division."""
    with open_for_reading(folder) as archive:
        for row in names_of_station(archive, station):
            click.echo("\t".join(map(str, row)))


@stations.command()
@click.argument("one", type=options.NUMBER)
@click.argument("other", type=options.NUMBER)
@_reason
@options.by
@click.pass_obj
def same(folder: Path, one: int, other: int, reason: str, by: str) -> None:
    """Decide that two stations are the same.

    ONE and OTHER are values of `id` in the table `stations`.
    """
    with open_archive(folder) as archive:
        number = decide_same(archive, one, other, by, reason)
    message(f"Decision {number}: the same station. `dangqun stations undo {number}` undoes it.", decision=number)


@stations.command()
@click.argument("one", type=options.NUMBER)
@click.argument("other", type=options.NUMBER)
@_reason
@options.by
@click.pass_obj
def different(folder: Path, one: int, other: int, reason: str, by: str) -> None:
    """Decide that two names are different stations.

    ONE and OTHER are numbers of names (see `stations names`).
    """
    with open_archive(folder) as archive:
        number = decide_different(archive, one, other, by, reason)
    message(f"Decision {number}: different stations. `dangqun stations undo {number}` undoes it.", decision=number)


@stations.command()
@click.argument("decision", type=options.NUMBER)
@options.by
@click.pass_obj
def undo(folder: Path, decision: int, by: str) -> None:
    """Undo the decision about stations with the number DECISION."""
    with open_archive(folder) as archive:
        undo_decision(archive, decision, by)
    message(f"Decision {decision} is undone.", decision=decision)
