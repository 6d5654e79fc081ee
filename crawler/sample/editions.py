"""When the sample site publishes its second edition."""

from datetime import datetime, timedelta
from pathlib import Path

from archive.storage.store import open_for_reading

SITES = ("sample-city", "sample-district", "sample-mirror")


def correction_time(folder: Path) -> str | None:
    """The time (ISO) of the correction in the second edition: one second after the first crawl into an archive ended; None
    if it has not been crawled."""
    with open_for_reading(folder) as archive:
        row = archive.connection.execute(
            "select finished from runs where site = ? and finished is not null order by id limit 1", [SITES[0]]
        ).fetchone()
    return (datetime.fromisoformat(row[0]) + timedelta(seconds=1)).isoformat() if row else None
