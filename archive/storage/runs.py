"""Runs: each execution of a crawl or an import is a row, with its counts and its outcome. So is a check after which a site must
be left alone."""

import json
import sqlite3
from enum import StrEnum
from typing import TypedDict

from archive.sql.rows import rows

_CRAWLS = """
select id, started, finished, outcome, stats from runs where site = :site and command = :command
and (:up_to is null or id <= :up_to and finished is not null) order by id desc limit :most
"""


class RunCommand(StrEnum):
    """What a run does."""

    CRAWL = "crawl"
    IMPORT = "import"
    CHECK = "check"  # of a site, after which it must be left alone; other checks are not recorded


class RunOutcome(StrEnum):
    """How a run ended. If Scrapy ended it for a reason that is not listed here, its row has that reason."""

    FINISHED = "finished"
    UNANSWERED = "unanswered"
    SHUTDOWN = "shutdown"
    HOURS_OVER = "hours_over"
    TIME_OVER = "closespider_timeout"
    CHALLENGED = "challenged"
    ASKED_TO_WAIT = "asked_to_wait"
    ARCHIVE_UNWRITABLE = "archive_unwritable"


class Run(TypedDict):
    """A row of the table `runs`. Times are UTC, ISO 8601."""

    id: int
    started: str
    finished: str | None  # None: running, or killed
    outcome: str | None  # a RunOutcome, or another reason of Scrapy
    stats: dict[str, int]  # counts by name


def crawls(
    connection: sqlite3.Connection,
    site: str,
    most: int,
    up_to: int | None = None,
    command: RunCommand = RunCommand.CRAWL,
) -> list[Run]:
    """The last crawls of a site, or its last runs of another command.

    Args:
        connection: the database of an archive or a snapshot.
        site: the site's name.
        most: the number of runs to return at most.
        up_to: the id of a run; if it is set, only finished runs count, and none after this one.
        command: what the runs do.

    Returns:
        The runs, the newest first.
    """
    found = rows(connection, _CRAWLS, {"site": site, "most": most, "up_to": up_to, "command": command})
    return [Run(**row | {"stats": json.loads(row["stats"])}) for row in found]  # type: ignore[typeddict-item]
