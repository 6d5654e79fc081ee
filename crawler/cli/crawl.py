"""`dangqun crawl` and `dangqun sites`."""

from collections import Counter
from pathlib import Path

import click
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from archive.publishing.snapshot import publish
from crawler import session
from crawler import settings as defaults
from crawler.cli import options
from crawler.cli.console import console, progress, table
from crawler.cli.progress import ProgressBar
from crawler.runs import run_stats


def _settings(folder: Path) -> Settings:
    settings = Settings()
    settings.setmodule(defaults, priority="project")
    settings.set("ARCHIVE", str(folder), priority="cmdline")
    return settings


@click.command()
@click.pass_obj
def sites(folder: Path) -> None:
    """List the sites that can be crawled: name, outlet, address."""
    loader = SpiderLoader.from_settings(_settings(folder))
    for name in sorted(loader.list()):
        site = loader.load(name)
        click.echo("\t".join((name, getattr(site, "outlet", ""), getattr(site, "home", ""))))


@click.command()
@click.argument("names", metavar="SITE...", nargs=-1, required=True)
@options.publishing
@click.pass_obj
def crawl(folder: Path, names: tuple[str, ...], publishing: bool) -> None:
    """Fetch what is new on one or more sites, read it, and publish.

    SITE is a name from `dangqun sites`. Pages that the archive has are not fetched again, unless the site's
    sitemap says that they have changed. The run and its counts are kept in the table `runs`.
    """
    run(folder, names)
    if publishing:
        archive = session.archive_of(_settings(folder))
        publish(archive)
    session.close_all()


def run(folder: Path, names: tuple[str, ...]) -> Counter[str]:
    """Crawl sites side by side in this process (once a process); gives the counts of all together.

    Raises UsageError for an unknown site, ClickException where a crawl did not finish.
    """
    settings = _settings(folder)
    known = SpiderLoader.from_settings(settings).list()
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.UsageError(f"Unknown site {', '.join(unknown)}. Known are: {', '.join(sorted(known))}.")
    crawlers: list[Crawler] = []
    session.archive_of(settings)  # a locked archive is told before anything starts
    process = AsyncCrawlerProcess(settings)
    with progress() as bar:
        bars = []  # signals hold their receivers weakly
        for name in names:
            crawlers.append(process.create_crawler(name))
            bars.append(ProgressBar(crawlers[-1], bar))
            process.crawl(crawlers[-1])
        process.start()
    return _report(crawlers)


def _report(crawlers: list[Crawler]) -> Counter[str]:
    total: Counter[str] = Counter()
    rows, failed = [], []
    for crawler in crawlers:
        counts = Counter(run_stats(crawler))
        total += counts
        others = {
            name[5:]: n
            for name, n in counts.items()
            if name.startswith("read/") and name not in ("read/article", "read/unchanged")
        }
        rows.append(
            (crawler.spidercls.name, counts["capture/new"], counts["read/article"], counts["list/known"],
             ", ".join(f"{n} {kind}" for kind, n in others.items()) or "-")
        )  # fmt: skip
        reason = crawler.stats.get_value("finish_reason")
        if reason != "finished":
            failed.append(f"{crawler.spidercls.name}: {reason}")
        if crawler.stats.get_value("downloader/response_count", 0) == 0:
            failed.append(f"{crawler.spidercls.name}: nothing answered")
    table("Crawled", ("site", "captures", "articles", "known", "not articles"), rows)
    if failed:
        console.print("; ".join(failed))
        raise click.ClickException("Not every crawl finished.")
    return total
