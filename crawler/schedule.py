"""When a site is due, by its own interval. Several missed runs count as one. Pure, from the runs in the archive."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from archive.entries import hours_of_day
from archive.reading.stamps import CHINA
from archive.storage.runs import Run, RunCommand, RunOutcome, crawls
from archive.storage.store import Archive

# A run with these outcomes may continue at once; the archive knows what it has fetched.
_CONTINUES = (RunOutcome.SHUTDOWN, RunOutcome.HOURS_OVER, RunOutcome.TIME_OVER)
_TROUBLE = timedelta(hours=1)  # after a run that failed in another way


@dataclass(frozen=True)
class Due:
    """When a site may be crawled next, and why not sooner (empty if only because of its interval)."""

    when: datetime
    why: str = ""


def within(hours: str, now: datetime) -> bool:
    """Whether a moment lies within the hours of the day in China, "22-6"; '' means always.

    Raises ValueError if the hours are malformed.
    """
    if not hours:
        return True
    first, last = hours_of_day(hours)
    hour = now.astimezone(CHINA).hour
    return first <= hour < last if first < last else hour >= first or hour < last


def last_crawl(archive: Archive, site: str) -> Run | None:
    """The last crawl of a site; None if it never ran."""
    return next(iter(crawls(archive.connection, site, 1)), None)


def last_run(archive: Archive, site: str, now: datetime) -> Run | None:
    """The run that decides when a site may be crawled next: a check, as long as the site must be left alone after it, or else the
    last crawl; None if there is neither."""
    checks = crawls(archive.connection, site, 1, command=RunCommand.CHECK)
    return next((run for run in checks if left_alone(run, now)), None) or last_crawl(archive, site)


def due(run: Run | None, every: timedelta, hours: str, now: datetime) -> Due:
    """When a site may be crawled next, by its last run, its interval and its hours."""
    following = _by_last(run, every, now)
    if within(hours, max(following.when, now)):
        return following
    return Due(_opening(hours, max(following.when, now)), following.why or f"crawled between {hours} o'clock only")


def left_alone(run: Run | None, now: datetime) -> str:
    """Why a site must not be crawled now, whatever its schedule; '' if it may."""
    following = _by_last(run, timedelta(0), now)
    if not following.why or following.when <= now:
        return ""
    return f"{following.why}, until {following.when.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _by_last(run: Run | None, every: timedelta, now: datetime) -> Due:
    if run is None or run["outcome"] is None or run["finished"] is None:  # new, or killed
        return Due(now)
    ended = datetime.fromisoformat(run["finished"])
    if run["outcome"] == RunOutcome.CHALLENGED:
        day = ended.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return Due(day.astimezone(UTC), "left alone because it sent a challenge")
    if run["outcome"] == RunOutcome.ASKED_TO_WAIT:
        wait = timedelta(seconds=min(float(run["stats"].get("wait/seconds", 3600)), 7 * 86400))
        return Due(ended + wait, "left alone because it demanded a wait")
    if run["outcome"] in _CONTINUES:
        return Due(ended)
    if run["outcome"] != RunOutcome.FINISHED:
        return Due(ended + min(_TROUBLE, every))
    return Due(datetime.fromisoformat(run["started"]) + every)


def _opening(hours: str, now: datetime) -> datetime:
    first, _ = hours_of_day(hours)
    day = now.astimezone(CHINA).replace(hour=first, minute=0, second=0, microsecond=0)
    return (day if day > now else day + timedelta(days=1)).astimezone(UTC)
