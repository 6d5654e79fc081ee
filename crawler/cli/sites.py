"""`dangqun sites`."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import click

from archive.configuration import FILE, configuration, enabled_in_file, set_enabled, with_sources
from archive.entries import ENTRIES
from archive.web.outgoing import is_of_this_machine
from crawler.cli import options, renamed
from crawler.cli.console import message, table
from crawler.discovery.sites import known_platforms, known_sites, refuse_unknown, settings_for
from crawler.identity import without_contact
from crawler.scaffold import SiteFiles, fetch_pages, name_of, propose, source
from crawler.scheduler import interval_of
from crawler.site_checks import Verdict, check_sites

_CHECKOUT = Path(__file__).parents[2]
ROOT = _CHECKOUT if (_CHECKOUT / "scrapy.cfg").exists() else Path()


@click.group(invoke_without_command=True)
@click.pass_context
def sites(ctx: click.Context) -> None:
    """List, check, enable, disable and describe sites.

    Without a command, it prints the sites that can be crawled: name, outlet, address, interval, and whether the site is
    enabled. `refresh` and `schedule` crawl the sites that are enabled.
    """
    if ctx.invoked_subcommand is None:
        operator = configuration(ctx.obj)
        for name, site in known_sites(settings_for(ctx.obj)).items():
            interval = f"{interval_of(site, operator).total_seconds() / 3600:g} h"
            mark = "enabled" if name in operator["enabled_sites"] else ""
            click.echo(f"{name}\t{site.outlet}\t{site.home}\t{interval}\t{mark}".rstrip())


@sites.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.pass_obj
def enable(folder: Path, names: tuple[str, ...]) -> None:
    """Let `refresh` and `schedule` crawl these sites from now on.

    The command writes this into dangqun.toml in the archive's folder. `dangqun crawl NAME` also crawls sites that are not
    enabled.
    """
    settings = settings_for(folder)
    refuse_unknown(names, known_sites(settings))
    set_enabled(folder, [*enabled_in_file(folder), *names])
    _show_enabled(folder)
    if missing := without_contact(settings):
        message(missing)


@sites.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.pass_obj
def disable(folder: Path, names: tuple[str, ...]) -> None:
    """Stop `refresh` and `schedule` from crawling these sites from now on.

    The command writes this into dangqun.toml in the archive's folder. The archive keeps what was fetched from them.
    """
    enabled = enabled_in_file(folder)
    refuse_unknown([name for name in names if name not in enabled], known_sites(settings_for(folder)))
    if not set(enabled).isdisjoint(names):
        set_enabled(folder, [name for name in enabled if name not in names])
    _show_enabled(folder)


def _show_enabled(folder: Path) -> None:
    enabled, source = with_sources(folder)["enabled_sites"]
    message(f"`dangqun refresh` crawls: {', '.join(enabled) or 'nothing'}.")
    if source == ENTRIES["enabled_sites"].environment:
        message(f"{source} decides that, as the environment overrides {FILE}. Change or unset it, too.")


@sites.command()
@click.argument("names", metavar="[SITE...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines with site, name, verdict and message.")
@click.pass_obj
def check(folder: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Compare sites as they are today with what their classes say.

    The crawler fetches robots.txt, one list and up to three articles of each SITE, or of each enabled site, under the rules
    of a crawl. The archive stays as it is, unless a site must be left alone from now on: that is recorded. Each row is about
    one thing: robots.txt, the links of the list, the host, the articles (title, date, text), the layout. It shows whether the
    class holds, and what to change.

    The exit code is 1 unless everything holds at least in part.
    """
    chosen = list(dict.fromkeys(names or configuration(folder)["enabled_sites"]))
    if not chosen:
        message("No site is enabled. Name one, or run `dangqun sites enable NAME`.")
        return
    checks = check_sites(folder, chosen)
    if as_json:
        for one in checks:
            click.echo(json.dumps(asdict(one), ensure_ascii=False))
    else:
        table(
            "Sites", ("site", "what", "", "found"), ((one.site, one.name, one.verdict, one.message) for one in checks)
        )
    raise SystemExit(any(one.verdict in (Verdict.FAILS, Verdict.UNKNOWN) for one in checks))


@sites.command()
@click.argument("url", callback=lambda _ctx, _param, url: options.web_address(url))
@click.option("--name", default="", show_default="from its host", help="The short name of the site.")
@renamed.option(
    "--project-folder",
    former="--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT,
    show_default="this checkout; if installed, the current folder",
    help="The folder that has spiders/ and tests/spiders/pages/.",
)
@click.option("--dry-run", is_flag=True, help="Print the class only; write nothing.")
@click.option("--loopback", is_flag=True, help="Allow an address of this machine.")
@click.pass_obj
def new(archive: Path, url: str, name: str, project_folder: Path, dry_run: bool, loopback: bool) -> None:
    """Propose the class of a site from one of its list pages.

    URL is the address of the list page. The crawler fetches it and up to 14 pages that it links to, with the usual
    delays. The command recognises the platform of the site, the patterns of its addresses, and CSS selectors. It writes
    a class into spiders/sites/ and a test of it into tests/spiders/pages/ (the pages as fetched, and what is read from them).
    Check and complete both.
    """
    if is_of_this_machine(url) and not loopback:
        raise click.UsageError(f"{url} is an address of this machine. Add --loopback to fetch it.")
    name = name or name_of(url)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise click.UsageError(f"A name has small letters, digits and hyphens only, not {name!r}.")
    files = SiteFiles(project_folder, name)
    if not dry_run:
        files.refuse_existing()
    listing, others = fetch_pages(archive, url, loopback=loopback)
    proposal = propose(name, listing, others, known_platforms(settings_for(archive)))
    click.echo(source(proposal))
    for doubt in proposal.doubts:
        message(f"- {doubt}")
    if dry_run:
        return
    if not proposal.examples:
        raise click.ClickException("Nothing was written: no article was seen. Try a page that lists articles.")
    files.write(proposal, listing)
    message(f"Wrote {files.module} and {files.pages}. Check both.", wrap=False)
    if (project_folder / "scrapy.cfg").exists():
        message(f"Then run: make check && .venv/bin/python -m pytest tests/spiders -k {name}", wrap=False)
    else:
        folder = files.module.parent.resolve()
        message(f"To crawl it: PYTHONPATH={folder} DANGQUN_SITES={files.module.stem} dangqun crawl {name}", wrap=False)
