"""Decisions about stations, recorded and applied to the rows of an archive."""

from typing import NamedTuple

from archive.decisions.records import StationDecision
from archive.errors import ArchiveError
from archive.pipeline.ingest import settle_stations
from archive.storage.store import Archive


class NameRow(NamedTuple):
    """A name of a station, with the places above it and the code of its division; both may be empty."""

    id: int
    name: str
    place: str
    division: str


def names_of_station(archive: Archive, station_id: int) -> list[NameRow]:
    """Returns the names of a station. Raises ArchiveError if there is no such station."""
    found = archive.connection.execute(
        "select id, name, place, division from station_names where station_id = ? order by key", [station_id]
    ).fetchall()
    if not found:
        raise ArchiveError(f"There is no station {station_id}.")
    return [NameRow(*row) for row in found]


def decide_same(archive: Archive, one: int, other: int, by: str, reason: str) -> int:
    """Record that two stations (their ids) are the same; returns the number of the decision. Raises ArchiveError."""
    return _decide(
        archive, StationDecision.SAME, _key(archive, "station_id", one), _key(archive, "station_id", other), by, reason
    )


def decide_different(archive: Archive, one: int, other: int, by: str, reason: str) -> int:
    """Record that two names (their ids) are different stations; returns the number of the decision. Raises ArchiveError."""
    return _decide(archive, StationDecision.DIFFERENT, _key(archive, "id", one), _key(archive, "id", other), by, reason)


def undo_decision(archive: Archive, number: int, by: str) -> None:
    """Undo a decision about stations, in the name of `by`. Raises ReviewError if there is none with this number."""
    archive.reviews.undo_stations(number, by)
    settle_stations(archive)


def _decide(archive: Archive, kind: StationDecision, one: str, other: str, by: str, reason: str) -> int:
    number = archive.reviews.decide_stations(kind, one, other, by, reason)
    settle_stations(archive)
    return number


def _key(archive: Archive, column: str, number: int) -> str:
    row = archive.connection.execute(f"select min(key) from station_names where {column} = ?", [number]).fetchone()
    if row[0] is None:
        raise ArchiveError(f"There is no {'station' if column == 'station_id' else 'name'} {number}.")
    return str(row[0])
