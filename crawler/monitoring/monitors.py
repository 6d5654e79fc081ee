"""Monitors: compare a run with the history of its site, and with the site's class.

Pure: from the counts of a run and of the runs before to findings. A share is unusual if it lies below the usual one by three
standard deviations and by 0.3 at least. One new article may thus suffice if something always holds; a hundred are needed if it
holds now and then.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import sqrt
from statistics import median

from archive.storage.runs import RunOutcome

Counts = Mapping[str, int]
_MIN_DROP = 0.3  # of a share
_SIGMAS = 3
_TYPICAL = 0.5  # the share from which on a value is typical of a site
_MIN_RATIO, _MAX_RATIO = 0.3, 4  # of the usual amount
_MIN_SILENCE = timedelta(days=7)
HISTORY = 30  # runs that are compared with

_EXPECTED = (
    RunOutcome.FINISHED, RunOutcome.UNANSWERED, RunOutcome.SHUTDOWN, RunOutcome.HOURS_OVER, RunOutcome.TIME_OVER,
)  # fmt: skip
# Pages that are not articles, by the KIND of the count `page/KIND`.
_TROUBLE = {
    "challenge": "are challenge pages", "login": "ask to log in", "shell": "are empty until a script runs",
    "error": "are error pages", "untitled": "have no title", "notice": "are notices", "several": "hold several articles", "undecodable": "cannot be decoded", "empty": "are empty",
    "gone": "are gone", "list": "hold no article's text", "other": "are no web pages", "feed": "are feeds",
    "redirect": "lead elsewhere", "too_large": "are too large", "truncated": "are cut off",
}  # fmt: skip
_MIN_PAGES = {"gone": 3, "list": 2}  # fewer are usual on any site
_VALUES = {
    "method": "found by", "dated_by": "dated by", "encoding": "encoded in", "declared": "declared as", "provenance": "held to be",
}  # fmt: skip
_FILLED = {"minute": "state a time of day", "dated": "state a date", "credited": "name an author or editor"}
_NEVER = {
    "title_again": "have the title of another article", "in_the_future": "are dated in the future",
    "repaired": "have characters beyond repair",
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Something unusual in a run: the name of the expectation, a sentence, the value and the usual one (shares or means)."""

    expectation: str
    message: str
    observed: float | None = None
    usual: float | None = None


@dataclass(frozen=True)
class Expected:
    """What a site's class declares: whether it has layouts, and whether it has lists."""

    layouts: bool = False
    lists: bool = True


def findings(now: Counts, history: list[Counts], expected: Expected, outcome: str) -> list[Finding]:
    """Compare a run with the runs before.

    Args:
        now: the counts of the run (`seen/`, `list/`, …).
        history: the counts of the runs before, oldest first.
        expected: what the site's class declares.
        outcome: how the run ended.
    """
    usual: Counter[str] = Counter()
    for counts in history[-HISTORY:]:
        usual.update(counts)
    return [
        *_ended(now, outcome), *_failures(now), *_refused(now), *_lists(now, history, usual, expected), *_pages(now, usual), *_articles(now, usual, expected),
    ]  # fmt: skip


def silence(times: list[datetime], now: datetime) -> Finding | None:
    """A finding if a site has had no article for much longer than usual.

    Args:
        times: the start of the runs that had articles, oldest first.
        now: the present time.
    """
    if not times:
        return None
    gaps = [(b - a).total_seconds() / 86400 for a, b in pairwise(times)]
    interval = median(gaps) if gaps else 1.0
    quiet = (now - times[-1]).total_seconds() / 86400
    if quiet <= max(_MIN_SILENCE.days, 4 * interval):
        return None
    return Finding(
        "silence", f"No article for {quiet:.0f} days; usually one comes every {interval:.1f} days.", quiet, interval
    )


def _ended(now: Counts, outcome: str) -> Iterator[Finding]:
    if outcome == RunOutcome.CHALLENGED:
        yield Finding("challenge", "The site sent a challenge; it is left alone until tomorrow.")
    elif outcome == RunOutcome.ASKED_TO_WAIT:
        yield Finding(
            "wait", f"The site demanded a wait of {now.get('wait/seconds', 0)} seconds; it is left alone until then."
        )
    elif outcome not in _EXPECTED:
        yield Finding("outcome", f"The run ended early: {outcome}.")
    if now.get("robots/unknown"):
        yield Finding("robots", "robots.txt could not be fetched or parsed; the site is left alone until it can.")
    if now.get("robots/too_slow"):
        yield Finding(
            "robots",
            f"robots.txt demands {now['robots/too_slow']} seconds between requests, more than a run waits; the site is left"
            " alone.",
        )
    rested = outcome == RunOutcome.FINISHED and now.get("list/resting")  # so that nothing was requested
    if not rested and not sum(count for name, count in now.items() if name.startswith("capture/")):
        yield Finding("answer", "Nothing answered.")


def _failures(now: Counts) -> Iterator[Finding]:
    """Answers that could not be read, and requests without one."""
    undecodable = now.get("failed/Undecodable")
    if undecodable:
        yield Finding("undecodable", f"{undecodable} responses could not be unpacked; they are kept and not read.")
    unreadable = now.get("read/unreadable")
    if unreadable:
        yield Finding(
            "unreadable", f"The reader failed at {unreadable} pages; they are kept, and listed with the reason."
        )
    cut_off = now.get("failed/cut_off")
    if cut_off:
        yield Finding("cut_off", f"{cut_off} responses were cut off; they are kept, and requested again.", cut_off)
    failed = {name[7:]: count for name, count in now.items() if name.startswith("failed/")}
    requests = sum(count for name, count in now.items() if name.startswith("capture/")) + sum(failed.values())
    if failed and sum(failed.values()) > 0.1 * requests:
        kinds = ", ".join(f"{count} {name}" for name, count in sorted(failed.items()))
        yield Finding(
            "failures",
            f"{sum(failed.values())} of {requests} requests failed: {kinds}.",
            sum(failed.values()) / requests,
        )


def _refused(now: Counts) -> Iterator[Finding]:
    """Addresses that the crawler does not follow."""
    for name, what in (("trap", "addresses that look like a trap"), ("offsite", "requests that led to other hosts"),
                       ("private", "requests that led to private addresses"),
                       ("address", "requests to impossible addresses"), ("credentials", "addresses with a name or password"),
                       ("too_long", "addresses of more than 2,000 characters")):  # fmt: skip
        if now.get(f"scope/{name}"):
            yield Finding(f"scope_{name}", f"{now[f'scope/{name}']} {what} were not followed.", now[f"scope/{name}"])


def _lists(now: Counts, history: list[Counts], usual: Counts, expected: Expected) -> Iterator[Finding]:
    if not expected.lists:
        return
    if now.get("list/unreadable"):
        yield Finding("list_unreadable", f"{now['list/unreadable']} sitemaps, feeds or JSON lists could not be read.")
    fewer = now.get("list/resting") or now.get("list/unchanged")  # a list that was skipped is no evidence
    pages = now.get("list/pages", 0)
    if not pages:
        if not fewer:
            yield Finding("list_pages", "No list page could be read.")
        return
    links, before = now.get("list/links", 0), usual.get("list/links", 0) / max(usual.get("list/pages", 0), 1)
    empty = now.get("list/without_articles", 0)
    usually = 1 - usual.get("list/without_articles", 0) / max(usual.get("list/pages", 0), 1)
    if not links and (not fewer or _is_low(0, usually, pages)):
        yield Finding(
            "list_links",
            f"None of {pages} list pages names an article: `article` or the lists no longer fit.",
            0,
            before,
        )
    elif links and history and not fewer and links / pages < _MIN_RATIO * before:
        yield Finding(
            "list_links", f"{links / pages:.1f} articles a list page, usually {before:.1f}.", links / pages, before
        )
    if links and empty and _is_low(1 - empty / pages, usually, pages):
        yield Finding("list_empty", f"{empty} of {pages} list pages name no article.", empty / pages)


def _pages(now: Counts, usual: Counts) -> Iterator[Finding]:
    """Pages that turned out not to be articles."""
    kinds = {name[10:]: count for name, count in now.items() if name.startswith("seen/page/")}
    before = {name[10:]: count for name, count in usual.items() if name.startswith("seen/page/")}
    total, total_before = sum(kinds.values()), sum(before.values())
    if not total:
        return
    for kind, what in _TROUBLE.items():
        count = kinds.get(kind, 0)
        usually = before.get(kind, 0) / total_before if total_before else 0.05
        if count >= _MIN_PAGES.get(kind, 1) and _is_low(1 - count / total, 1 - usually, total):
            yield Finding(f"page_{kind}", f"{count} of {total} pages {what}.", count / total, usually)


def _share(counts: Counts, name: str, total: int) -> float:
    return counts.get(f"seen/{name}", 0) / total


def _articles(now: Counts, usual: Counts, expected: Expected) -> Iterator[Finding]:
    count, before = now.get("seen/page/article", 0), usual.get("seen/page/article", 0)
    if not count:
        return
    laid_out = sum(n for name, n in now.items() if name.startswith("seen/method/layout"))
    if expected.layouts and _is_low(laid_out / count, 1.0, count):
        yield Finding(
            "layout",
            f"The layouts fit {laid_out} of {count} articles; the others were read in the general way.",
            laid_out / count,
            1.0,
        )
    if before:
        yield from _values(now, usual, count, before)
        yield from _fill(now, usual, count, before)
    elif _is_low(_share(now, "dated", count), 0.95, count):
        dated = now.get("seen/dated", 0)
        yield Finding("fill_dated", f"{dated} of {count} articles state a date.", dated / count)
    for name, what in _NEVER.items():
        found, usually = _share(now, name, count), _share(usual, name, before) if before else 0.02
        if found and _is_low(1 - found, 1 - usually, count):
            yield Finding(name, f"{found:.0%} of {count} articles {what}.", found, usually)
    yield from _days(now, usual, before)


def _fill(now: Counts, usual: Counts, count: int, before: int) -> Iterator[Finding]:
    """What articles have more or less of than those of the runs before."""
    for name, what in _FILLED.items():
        found, usually = _share(now, name, count), _share(usual, name, before)
        if _is_low(found, usually, count):
            yield Finding(
                f"fill_{name}", f"{found:.0%} of {count} articles {what}, usually {usually:.0%}.", found, usually
            )
    for name in ("characters", "paragraphs"):
        found, usually = _share(now, name, count), _share(usual, name, before)
        if found < _MIN_RATIO * usually or found > _MAX_RATIO * usually:
            yield Finding(name, f"{found:.0f} {name} an article, usually {usually:.0f}.", found, usually)
    found, usually = _share(now, "facts", count), _share(usual, "facts", before)
    if usually * count >= 8 and found < _MIN_RATIO * usually:
        yield Finding("facts", f"{found:.1f} facts an article, usually {usually:.1f}.", found, usually)


def _days(now: Counts, usual: Counts, before: int) -> Iterator[Finding]:
    """Articles whose day is not that of their list."""
    stated = now.get("seen/day_stated", 0)
    if not stated:
        return
    differs = _share(now, "day_differs", stated)
    usually = _share(usual, "day_differs", max(usual.get("seen/day_stated", 0), 1)) if before else 0.05
    if differs and _is_low(1 - differs, 1 - usually, stated):
        yield Finding(
            "day_differs", f"{differs:.0%} of {stated} articles state another day than their list.", differs, usually
        )


def _values(now: Counts, usual: Counts, count: int, before: int) -> Iterator[Finding]:
    """Values that were typical of the site's pages, and no longer are."""
    for group, what in _VALUES.items():
        for name, times in usual.items():
            if not name.startswith(f"seen/{group}/") or times / before < _TYPICAL:
                continue
            found = now.get(name, 0) / count
            if _is_low(found, times / before, count):
                value = name.rsplit("/", 1)[1]
                instead = _most_frequent(now, f"seen/{group}/", name)
                yield Finding(
                    group, f"{found:.0%} of {count} articles are {what} {value}, usually {times / before:.0%}{instead}.",
                    found, times / before,
                )  # fmt: skip


def _most_frequent(now: Counts, prefix: str, but: str) -> str:
    others = {name: count for name, count in now.items() if name.startswith(prefix) and name != but and count}
    return f"; now {max(others, key=lambda name: others[name])[len(prefix) :]}" if others else ""


def _is_low(share: float, usual: float, count: int) -> bool:
    """Whether a share of `count` pages lies lower than chance explains."""
    return share < usual - max(_MIN_DROP, _SIGMAS * sqrt(max(usual * (1 - usual), 0) / count))
