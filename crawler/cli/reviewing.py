"""`dangqun review`, `reviews` and `stations`: people's decisions from the command line."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import click

from archive.decisions.reviews import DECISIONS, ReviewError, Reviews, as_row, statement
from archive.pipeline.ingest import settle_stations
from archive.publishing.snapshot import withdraw
from archive.reprints import copies
from archive.storage.store import DATABASE, Archive, connect, ensure_there, open_for_reading
from crawler.cli import options
from crawler.cli.console import console, table
from crawler.cli.opening import open_archive

_T = TypeVar("_T")
_by = click.option("--by", required=True, envvar="DANGQUN_REVIEWER", show_envvar=True, help="Who decides.")


@click.command()
@click.argument("fact", type=options.NUMBER)
@click.argument("decision", type=click.Choice(DECISIONS))
@_by
@click.option("--value", type=float, help="The right number.")
@click.option("--value-high", type=float, help="The right upper end of a range.")
@click.option("--type", "type_", help="The right fact type.")
@click.option("--subject", help="The right subject.")
@click.option("--date", help="The right date (ISO).")
@click.option("--note", default="", help="Why.")
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
    """Decide about the fact or candidate with the number FACT: confirm, reject, correct it, or leave a note.

    The number is `id` in the table `facts`. The decision shows from the next `dangqun publish` on, also in reprints that
    say the same. It stays when the article is read again. A candidate that is confirmed or corrected is then a fact.
    """
    fields = {"value": value, "value_high": value_high, "type": type_, "subject": subject, "date": date}
    corrected = {name: given for name, given in fields.items() if given is not None}
    with open_for_reading(folder) as archive:
        said = statement(archive.connection, "facts", fact) or statement(archive.connection, "candidates", fact)
        if said is None:
            raise click.ClickException(f"There is no fact {fact}.")
        number = _try(lambda: archive.reviews.record(said, decision, by, corrected=corrected, note=note))
    console.print(f"Review {number}: {decision} fact {fact}. `dangqun reviews --undo {number}` takes it back.")


@click.command()
@click.option("--undo", type=options.NUMBER, metavar="N", help="Take review N back.")
@click.option("--open", "only_open", is_flag=True, help="Only those whose evidence has changed: to be looked at again.")
@click.pass_obj
def reviews(folder: Path, undo: int | None, only_open: bool) -> None:
    """Print all reviews as JSON lines, oldest first, and how often the machine was right."""
    with open_for_reading(folder) as archive:
        if undo is not None:
            _try(lambda: archive.reviews.undo(undo))
            console.print(f"Review {undo} is taken back.")
            return
        found = archive.reviews.attached(archive.connection)[1] if only_open else archive.reviews.history()
        for one in found:
            click.echo(json.dumps(as_row(one), ensure_ascii=False))
        counts = archive.reviews.accuracy()
    if counts:
        rows = [(type_, f"{right} of {all_}") for type_, (right, all_) in sorted(counts.items())]
        table("Confirmed of reviewed", ("type", "confirmed"), rows)


@click.group()
def takedown() -> None:
    """Keep an article or a name out of what is published. The captures stay, unless they are purged; the list says who
    decided what, and why."""


@takedown.command("add")
@click.argument("kind", type=click.Choice(["article", "name"]))
@click.argument("value")
@click.option("--reason", required=True, help="Why.")
@_by
@click.pass_obj
def add_takedown(folder: Path, kind: str, value: str, reason: str, by: str) -> None:
    """Add VALUE to the list: the address of an article, or a name, which is blacked out. It is gone from what is
    published at once."""
    with _decisions(folder) as decided:
        if kind == "article" and not _has_article(folder, value):
            raise click.ClickException(f"There is no article with the address {value}.")
        number = _try(lambda: decided.take_down(kind, value, by, reason))
        gone = (folder / "published" / "archive.db").exists() and withdraw(folder)
    console.print(f"Takedown {number} is listed{', and gone from the snapshot' if gone else ''}.")


@takedown.command("list")
@click.pass_obj
def list_takedowns(folder: Path) -> None:
    """Print the list as JSON lines."""
    with _decisions(folder) as decided:
        for row in decided.takedown_list():
            click.echo(json.dumps(row, ensure_ascii=False))


@takedown.command("undo")
@click.argument("number", type=options.NUMBER)
@click.pass_obj
def undo_takedown(folder: Path, number: int) -> None:
    """Take entry NUMBER of the list back (see `takedown list`)."""
    with _decisions(folder) as decided:
        _try(lambda: decided.undo_takedown(number))
    console.print(f"Takedown {number} is taken back, from the next publication on. What was purged stays erased.")


@contextmanager
def _decisions(folder: Path) -> Iterator[Reviews]:
    """What people decided, without the database: a takedown cannot wait until that is made anew."""
    ensure_there(folder)
    with closing(Reviews(folder / "reviews.db")) as opened:
        yield opened


def _has_article(folder: Path, url: str) -> bool:
    with closing(connect(folder / DATABASE)) as connection:
        return copies.is_there(connection, url)


@click.group()
def stations() -> None:
    """Decide which names are one station. Every decision is a row with a reason, and can be taken back."""


@stations.command()
@click.argument("station", type=options.NUMBER)
@click.pass_obj
def names(folder: Path, station: int) -> None:
    """List the names that are taken for STATION: number, name, places, division."""
    with open_for_reading(folder) as archive:
        rows = archive.connection.execute(
            "select id, name, place, division from station_names where station_id = ? order by key", [station]
        ).fetchall()
    if not rows:
        raise click.ClickException(f"There is no station {station}.")
    for row in rows:
        click.echo("\t".join(map(str, row)))


@stations.command()
@click.argument("one", type=options.NUMBER)
@click.argument("other", type=options.NUMBER)
@click.option("--reason", required=True, help="Why.")
@_by
@click.pass_obj
def same(folder: Path, one: int, other: int, reason: str, by: str) -> None:
    """Decide that stations ONE and OTHER (`id` in the table `stations`) are the same."""
    with open_archive(folder) as archive:
        _decide(archive, "same", _key(archive, "station_id", one), _key(archive, "station_id", other), by, reason)


@stations.command()
@click.argument("one", type=options.NUMBER)
@click.argument("other", type=options.NUMBER)
@click.option("--reason", required=True, help="Why.")
@_by
@click.pass_obj
def different(folder: Path, one: int, other: int, reason: str, by: str) -> None:
    """Decide that names ONE and OTHER (numbers of `stations names`) are different stations."""
    with open_archive(folder) as archive:
        _decide(archive, "different", _key(archive, "id", one), _key(archive, "id", other), by, reason)


@stations.command()
@click.argument("decision", type=options.NUMBER)
@click.pass_obj
def undo(folder: Path, decision: int) -> None:
    """Take a decision about stations back."""
    with open_archive(folder) as archive:
        _try(lambda: archive.reviews.undo_stations(decision))
        settle_stations(archive)
    console.print(f"Decision {decision} is taken back.")


def _key(archive: Archive, column: str, number: int) -> str:
    row = archive.connection.execute(f"select min(key) from station_names where {column} = ?", [number]).fetchone()
    if row[0] is None:
        raise click.ClickException(f"There is no {'station' if column == 'station_id' else 'name'} {number}.")
    return str(row[0])


def _decide(archive: Archive, kind: str, one: str, other: str, by: str, reason: str) -> None:
    number = _try(lambda: archive.reviews.decide_stations(kind, one, other, by, reason))
    settle_stations(archive)
    console.print(f"Decision {number}: {one} and {other} are {kind}. `dangqun stations undo {number}` takes it back.")


def _try(decide: Callable[[], _T]) -> _T:
    """What a decision gives; a ReviewError is told in a sentence."""
    try:
        return decide()
    except ReviewError as error:
        raise click.ClickException(str(error)) from None
