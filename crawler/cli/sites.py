"""`dangqun sites`."""

import json
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from archive.configuration import configuration, set_enabled
from archive.model import Article, Capture
from archive.reading import Layout, read
from archive.storage.store import open_for_reading
from crawler import scaffold, session
from crawler.cli import options
from crawler.cli.console import console
from crawler.discovery.links import links
from crawler.discovery.sites import ANYWHERE, known_platforms, known_sites, refuse_unknown, settings_for
from crawler.identity import without_contact
from crawler.run import require_contact, run
from crawler.scaffold import Proposal

_PAGES = 15  # looked at for a proposal
_CHECKOUT = Path(__file__).parents[2]
ROOT = _CHECKOUT if (_CHECKOUT / "scrapy.cfg").exists() else Path()


@click.group(invoke_without_command=True)
@click.pass_context
def sites(ctx: click.Context) -> None:
    """List the sites that can be crawled: name, outlet, address, rhythm, whether enabled.

    `sites enable` and `sites disable` say which ones `refresh` and `schedule` crawl; `sites new URL` describes another.
    """
    if ctx.invoked_subcommand is None:
        enabled = configuration(ctx.obj).enabled_sites
        for name, site in known_sites(settings_for(ctx.obj)).items():
            rhythm = f"{site.every.total_seconds() / 3600:g} h"
            click.echo("\t".join((name, site.outlet, site.home, rhythm, "enabled" if name in enabled else "")).rstrip())


@sites.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.pass_obj
def enable(folder: Path, names: tuple[str, ...]) -> None:
    """Let `refresh` and `schedule` crawl these sites, from now on.

    It is written into dangqun.toml in the archive's folder. `dangqun crawl NAME` needs no enabling.
    """
    settings = settings_for(folder)
    refuse_unknown(names, known_sites(settings))
    set_enabled(folder, [*configuration(folder).enabled_sites, *names])
    _tell_enabled(folder)
    if missing := without_contact(settings):
        console.print(missing)


@sites.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.pass_obj
def disable(folder: Path, names: tuple[str, ...]) -> None:
    """Let `refresh` and `schedule` leave these sites alone, from now on.

    It is written into dangqun.toml in the archive's folder. What was fetched from them stays.
    """
    enabled = configuration(folder).enabled_sites
    refuse_unknown([name for name in names if name not in enabled], known_sites(settings_for(folder)))
    if not set(enabled).isdisjoint(names):
        set_enabled(folder, [name for name in enabled if name not in names])
    _tell_enabled(folder)


def _tell_enabled(folder: Path) -> None:
    console.print(f"`dangqun refresh` crawls: {', '.join(configuration(folder).enabled_sites) or 'nothing'}.")


@sites.command()
@click.argument("url", callback=lambda _ctx, _param, url: options.web_address(url))
@click.option("--name", default="", help="The site's short name.  [default: from its host]")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=ROOT, show_default="this checkout; installed, the folder you are in",
              help="Where spiders/ and tests/spiders/pages/ are.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the class; write nothing.")
@click.option("--loopback", is_flag=True, hidden=True)
@click.pass_obj
def new(archive: Path, url: str, name: str, into: Path, dry_run: bool, loopback: bool) -> None:
    """Look at URL, a list page, and propose a site: its platform, the forms of its addresses, selectors.

    Some fifteen pages are fetched, as politely as ever. Written are a class in spiders/sites/ and a test of it in
    tests/spiders/pages/ (the pages as fetched, and what is read from them), for a person to check and finish.
    """
    name = name or _name_of(url)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise click.UsageError(f"A name is of small letters, digits and hyphens, not {name!r}.")
    target, pages = (
        into / "spiders" / "sites" / f"{name.replace('-', '_')}.py",
        into / "tests" / "spiders" / "pages" / name,
    )
    if not dry_run and (target.exists() or pages.exists()):
        raise click.ClickException(f"{target} or {pages} exists already. Choose another --name.")
    settings, asked = settings_for(archive), {"url": url, "depth": 1, "pages": _PAGES, "loopback": loopback}
    require_contact(settings, {}, [(ANYWHERE, asked)])
    listing, others = _looked_at(asked, settings["USER_AGENT"])
    found = scaffold.propose(name, listing, others, known_platforms(settings))
    click.echo(scaffold.source(found))
    for doubt in found.doubts:
        console.print(f"- {doubt}")
    if dry_run:
        return
    if not found.examples:
        raise click.ClickException("Nothing was written: no article was seen. Try a page that lists articles.")
    try:
        pages.mkdir(parents=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_test(found, listing, pages)
        target.write_text(scaffold.source(found), "utf-8")
    except OSError as error:
        raise click.ClickException(f"The class cannot be written into {into.resolve()}: {error.strerror}.") from None
    console.print(f"Wrote {target} and {pages}. Check both.", soft_wrap=True)
    folder = target.parent.resolve()
    if (into / "scrapy.cfg").exists():
        console.print(f"Then run pytest tests/spiders -k {name}.")
    else:
        console.print(
            f"To crawl it: PYTHONPATH={folder} DANGQUN_SITES={target.stem} dangqun crawl {name}", soft_wrap=True
        )


def _name_of(url: str) -> str:
    host = re.sub(r"^www\.|\.(?:com|gov|org|net)?\.?(?:cn|com|net|org)$", "", urlsplit(url).hostname or "")
    return re.sub(r"[^a-z0-9]+", "-", host.lower()).strip("-")


def _looked_at(asked: dict[str, Any], agent: str) -> tuple[Capture, list[Capture]]:
    """The page at an address, and pages of its site that it links to; `asked` are the arguments of a crawl of it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        run(folder, [(ANYWHERE, asked)], agent=agent)
        session.close_all()
        with open_for_reading(folder) as archive:
            rows = archive.connection.execute(
                "select id, url from captures where role = '' and status = 200 order by id"
            ).fetchall()
            captures = [archive.capture(number) for number, _ in rows]
    if not captures:
        raise click.ClickException(f"{asked['url']} gave no page.")
    return captures[0], captures[1:]


def _write_test(found: Proposal, listing: Capture, pages: Path) -> None:
    """The pages as they came, and what is read from them."""
    example = found.examples[0]
    layouts = {example.host: (Layout(**found.layout),)} if found.layout else {}
    article = read(example, layouts)
    assert isinstance(article, Article)
    (pages / "list.html").write_bytes(listing.body)
    (pages / "article.html").write_bytes(example.body)
    matching = [address for address in _addresses(listing) if re.fullmatch(found.article, urlsplit(address).path)]
    expected: dict[str, Any] = {
        "list": {"url": listing.url, "articles": matching, "next": []},
        "article": {
            "url": example.url, "title": article.title, "published": article.published and article.published.isoformat(),
            "outlet": article.outlet, "authors": list(article.authors), "editor": article.editor,
            "begins": article.text[:16], "ends": article.text[-14:],
        },
    }  # fmt: skip
    (pages / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _addresses(listing: Capture) -> list[str]:
    from scrapy.http import Response

    response = Response(listing.url, body=listing.body, headers={"Content-Type": listing.header("content-type")})
    return [
        entry.address for entry in links(response) if urlsplit(entry.address).netloc == urlsplit(listing.url).netloc
    ]
