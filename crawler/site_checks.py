"""Compares sites as they are today with what their classes say: `dangqun sites check`."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from archive.errors import ArchiveError
from archive.model import Article, Capture, CaptureRole
from archive.reading import read
from archive.reading.decode import decode
from archive.reading.page import Page
from archive.storage.runs import Run, RunCommand
from archive.storage.store import DATABASE, Archive, open_unrecovered
from archive.web.addresses import resolved
from crawler.discovery.layouts import Layout, known_layouts
from crawler.discovery.sites import known_sites, refuse_unknown, settings_for
from crawler.discovery.urls import host_of
from crawler.jobs import SiteJob
from crawler.run import Watcher, allowed
from crawler.scaffold import layout_of, links_within, shapes
from crawler.schedule import last_crawl, left_alone
from crawler.trial import trial

_ARTICLES = 3  # that are fetched of a site
_DEMANDS = ("challenge/pages", "wait/seconds")  # the counts of a run after which a site is left alone


class Verdict(StrEnum):
    """Whether what a class says holds."""

    HOLDS = "holds"
    PARTLY = "partly"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SiteCheck:
    """One thing that was compared: of which site, what, whether it holds, and in sentences what was found and what to change."""

    site: str
    name: str
    verdict: Verdict
    message: str


_Finding = tuple[Verdict, str]


class _Article(NamedTuple):
    """A page that the list named, and the article on it if one was read."""

    capture: Capture
    article: Article | None
    problem: str


@dataclass(frozen=True)
class _Visit:
    """What a visit to a site brought: the responses by role, and the counts of the crawl."""

    site: Any  # an instance of the class
    counts: Counter[str]
    captures: dict[CaptureRole, list[Capture]] = field(default_factory=dict)

    def of(self, *roles: CaptureRole) -> list[Capture]:
        """The responses with these roles, in the order of fetching."""
        return [capture for role in roles for capture in self.captures.get(role, ())]

    def articles(self) -> list[_Article]:
        """The pages that the list named, read as a crawl reads them."""
        return [_read(capture) for capture in self.of(CaptureRole.PAGE)]


class _Skipped(Watcher):
    """Notes which sites may not be fetched now, and why."""

    def __init__(self) -> None:
        self.why: dict[str, str] = {}

    def skipped(self, site: str, why: str) -> None:
        """A site is not crawled now."""
        self.why[site] = why


def check_sites(folder: Path, names: list[str]) -> list[SiteCheck]:
    """Fetch robots.txt, one list and up to three articles of each site, and compare them with its class.

    The rules of a crawl hold: contact, robots.txt, delays, hours, and the waits that a site has demanded. Nothing is stored
    in the archive, which no other process may crawl meanwhile, except that a site demands a wait now or sent a challenge: the
    next check and the next crawl must know it.

    Args:
        folder: the folder of the archive. There may be none yet; a wait that is to be remembered makes one.
        names: the sites.

    Returns:
        The checks of each site, in the order of `names`.

    Raises:
        WrongRequest: a site is unknown.
        ArchiveError: as `crawler.run.run`; ArchiveBusy if another process crawls the archive.
    """
    known = known_sites(settings_for(folder))
    refuse_unknown(names, known)
    skipped = _Skipped()
    jobs = [SiteJob(name, {"sample": _ARTICLES}) for name in names]
    with ExitStack() as stack:
        # Open until the end, so that no other process can come before a wait is recorded.
        own = stack.enter_context(open_unrecovered(folder)) if (folder / DATABASE).exists() else None
        if own:
            jobs = allowed(own, known, jobs, "", skipped)
        result, archive = stack.enter_context(trial(folder, jobs, skipped))
        counts = dict(result.counts)
        visits = {name: _visit(archive, known[name](), counts.get(name, Counter())) for name in names}
        runs = {name: run for name in names if (run := last_crawl(archive, name))}
        unrecorded = _remember_waits(own, folder, runs)
    return [
        check
        for name in names
        for check in (
            [SiteCheck(name, "visit", Verdict.UNKNOWN, f"The site is {skipped.why[name]}.")]
            if name in skipped.why
            else [*_compare(visits[name]), *unrecorded.get(name, ())]
        )
    ]


def _remember_waits(own: Archive | None, folder: Path, runs: Mapping[str, Run]) -> dict[str, list[SiteCheck]]:
    """Record the runs after which a site must be left alone, in the archive or, if there is none yet, a new one. Returns what is to
    be reported where that fails."""
    now = datetime.now(UTC)
    waits = {name: why for name, run in runs.items() if (why := left_alone(run, now))}
    if not waits:
        return {}
    try:
        with nullcontext(own) if own else open_unrecovered(folder) as archive:
            for name in waits:
                demand = {count: runs[name]["stats"][count] for count in _DEMANDS if count in runs[name]["stats"]}
                archive.finish_run(archive.start_run(RunCommand.CHECK, name), str(runs[name]["outcome"]), demand)
    except (ArchiveError, OSError, sqlite3.Error) as error:
        return {
            name: [
                SiteCheck(
                    name,
                    "wait",
                    Verdict.UNKNOWN,
                    f"The site must be {why}. This could not be recorded: {error} Do not crawl the site before.",
                )
            ]
            for name, why in waits.items()
        }
    return {}


def _visit(archive: Archive, site: Any, counts: Counter[str]) -> _Visit:
    rows = archive.connection.execute(
        "select captures.id, role from captures join runs on runs.id = run_id where site = ? order by captures.id",
        [site.name],
    ).fetchall()
    visit = _Visit(site, counts)
    for number, role in rows:
        visit.captures.setdefault(CaptureRole(role), []).append(archive.capture(number))
    return visit


def _compare(visit: _Visit) -> Iterator[SiteCheck]:
    """The checks in the order of a crawl; those that follow from a failure are left out."""
    for name, look in _CHECKS.items():
        verdict, message = look(visit)
        yield SiteCheck(visit.site.name, name, verdict, message)
        if verdict in (Verdict.FAILS, Verdict.UNKNOWN) and name in ("robots", "list", "articles"):
            return


def _robots(visit: _Visit) -> _Finding:
    counts = visit.counts
    if any(counts[demand] for demand in _DEMANDS):
        return Verdict.UNKNOWN, (
            "The site sent a challenge or demanded a wait. The crawler bypasses neither: check the site again tomorrow."
        )
    if counts["robots/too_slow"]:
        seconds = counts["robots/too_slow"]
        return Verdict.FAILS, (
            f"robots.txt demands {seconds} s between requests, more than crawl.max_wait in dangqun.toml. Raise that, or"
            " disable the site."
        )
    if counts["robots/unknown"] or not (visit.of(CaptureRole.ROBOTS) or visit.of(CaptureRole.REDIRECT)):
        return Verdict.FAILS, (
            "robots.txt could not be fetched or read, so the site is left alone. Check `home`; if it is right, try again later."
        )
    if forbidden := counts["robotstxt/forbidden"]:
        return Verdict.FAILS, (
            f"robots.txt forbids {forbidden} of the addresses. Leave them out of the class, or ask the outlet."
        )
    return Verdict.HOLDS, "robots.txt allows the list and its articles."


def _list(visit: _Visit) -> _Finding:
    address = visit.site.entry_requests()[0].url
    lists = visit.of(CaptureRole.LIST, CaptureRole.SITEMAP)
    if not lists:
        return Verdict.FAILS, f"{address} returned no page. {_moved(visit) or 'Set the address that it has now.'}"
    listing = lists[-1]
    if listing.status != 200:
        return Verdict.FAILS, f"{listing.url} answered with HTTP {listing.status}. Set the address that it has now."
    if visit.counts["list/unreadable"]:
        return (
            Verdict.FAILS,
            f"{listing.url} is no feed, sitemap or JSON list. Set the address or the form that it has now.",
        )
    if found := visit.counts["list/links"]:
        return Verdict.HOLDS, f"{listing.url} has {found} links that match `article`."
    forms = shapes([urlsplit(link).path for link in links_within(listing)])
    seen = f" Most of its links have the form {' or '.join(forms)}." if forms else " It has no links to its own host."
    return Verdict.FAILS, f"{listing.url} has no link that matches `article`.{seen} Set `article`, or another list."


def _host(visit: _Visit) -> _Finding:
    """Whether `home` has the scheme and the host that the site itself uses."""
    if moved := _moved(visit):
        return Verdict.PARTLY, moved
    named = Counter(
        host_of(found.article.canonical) for found in visit.articles() if found.article and found.article.canonical
    )
    if foreign := [host for host in named if host not in visit.site.hosts]:
        return Verdict.PARTLY, (
            f"Articles name an address on {', '.join(foreign)} as their own. If the site has moved there, set `home`, and add"
            " the former host to `mobile`; if they are reprints, all is well."
        )
    return Verdict.HOLDS, f"Pages stay on {visit.site.home}."


def _moved(visit: _Visit) -> str:
    """Where the list is sent on to, if that has another scheme or host; empty if it is not."""
    for capture in visit.of(CaptureRole.REDIRECT):
        here, there = urlsplit(capture.url), urlsplit(resolved(capture.url, capture.header("location")) or "")
        if capture.url == visit.site.entry_requests()[0].url and here[:2] != there[:2]:
            former = "" if here.netloc == there.netloc else ", and add the former host to `mobile`"
            return f"{capture.url} sends on to {there.scheme}://{there.netloc}. Set `home` to that{former}."
    return ""


def _articles(visit: _Visit) -> _Finding:
    found = visit.articles()
    if not found:
        elsewhere = (
            " Their addresses lead to a host that the class does not name." if visit.counts["scope/offsite"] else ""
        )
        return Verdict.FAILS, f"No article could be fetched.{elsewhere} Change `article`, `home` or `also`."
    problems = [f"{one.capture.url} {one.problem}." for one in found if one.problem]
    if not problems:
        return Verdict.HOLDS, f"{len(found)} articles have title, date and text."
    advice = "Look where the pages have these today, and change `article` or `layouts`."
    verdict = Verdict.FAILS if len(problems) == len(found) else Verdict.PARTLY
    return verdict, f"{' '.join(problems)} {advice}"


def _layout(visit: _Visit) -> _Finding:
    if not visit.site.layouts:
        return Verdict.HOLDS, "The class has no layout: the general reader finds the articles."
    read_pages = [one for one in visit.articles() if one.article]
    problems = [problem for one in read_pages if (problem := _misfit(visit.site.layouts, one))]
    if not problems:
        return Verdict.HOLDS, "The layout finds all that it names."
    pages = [_page(one.capture) for one in read_pages]
    proposed = ", ".join(
        f'{key}="{value}"' for key, value in layout_of([page for page in pages if page.root is not None]).items()
    )
    advice = f" Layout({proposed}) fits these pages." if proposed else ""
    verdict = Verdict.FAILS if len(problems) == len(read_pages) else Verdict.PARTLY
    return verdict, f"{' '.join(problems)}{advice} Add a layout, and set `until` in the former one."


def _misfit(layouts: tuple[Layout, ...], one: _Article) -> str:
    """What of its layout is not on the page of an article; empty if all is."""
    assert one.article
    layout = next((layout for layout in layouts if layout.name == one.article.method), None)
    if layout is None:
        return f"No layout finds the body of {one.capture.url}."
    root = _page(one.capture).root
    named = {"title": layout.title, "time": layout.time, "outlet": layout.outlet}
    missing = [
        f'{key}="{selector}"' for key, selector in named.items() if selector and layout.select(root, selector) is None
    ]
    return f"{', '.join(missing)} finds nothing in {one.capture.url}." if missing else ""


def _read(capture: Capture) -> _Article:
    if capture.status != 200:
        return _Article(capture, None, f"answered with HTTP {capture.status}")
    found = read(capture, known_layouts())
    if not isinstance(found, Article):
        return _Article(capture, None, f"has no article ({found.reason})")
    lacks = [
        part for part, value in (("title", found.title), ("date", found.published), ("text", found.text)) if not value
    ]
    return _Article(capture, found, f"has no {' and no '.join(lacks)}" if lacks else "")


def _page(capture: Capture) -> Page:
    return Page(decode(capture.body, capture.header("content-type"))[0])


_CHECKS = {"robots": _robots, "list": _list, "host": _host, "articles": _articles, "layout": _layout}
