"""`dangqun alerts`: what people follow, and telling them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from archive.decisions.reviews import ReviewError
from archive.publishing.snapshot import published
from archive.search.engine import SearchError, Wanted
from archive.site.alerts import Alerts, Mail
from crawler.cli import options
from crawler.cli.console import console


@click.group()
def alerts() -> None:
    """Searches and stations that people follow. Run `alerts send` after each publication, say from cron."""


@alerts.command()
@click.argument("target")
@click.option("--by", required=True, envvar="DANGQUN_REVIEWER", show_envvar=True, help="Who follows.")
@click.option(
    "--kind", type=click.Choice(["articles", "facts", "station", "health"]), default="articles", show_default=True
)
@click.option(
    "--search", default="", metavar="KEY=VALUE,…", help="As in the address of a search: q=揭牌,place=望潭区,since=2024."
)
@click.option("--station", default="", help="The key of the station to follow, or its number (with --kind station).")
@click.pass_obj
def add(folder: Path, target: str, by: str, kind: str, search: str, station: str) -> None:
    """Send TARGET, a webhook's address or an e-mail address, what is new in a search or of a station, or (--kind health)
    what was not as usual in a crawl."""
    channel = "webhook" if "://" in target else "email"
    pairs = dict(part.split("=", 1) for part in search.split(",") if "=" in part)
    try:
        with _opened(folder) as (connection, opened):
            number = opened.follow(connection, by, kind, Wanted.of(pairs), channel, target, station)
    except (ReviewError, SearchError) as error:
        raise click.ClickException(str(error)) from None
    console.print(f"Alert {number}: {channel} to {target}. What matches already is not sent.")


@alerts.command("list")
@click.pass_obj
def list_alerts(folder: Path) -> None:
    """Print what is followed, as JSON lines. `unknown` counts messages that a killed run may have sent: the next
    run sends them again, marked `again`."""
    with _opened(folder) as (_, opened):
        for row in opened.follows():
            click.echo(json.dumps(row, ensure_ascii=False))


@alerts.command()
@click.argument("number", type=options.NUMBER)
@click.pass_obj
def end(folder: Path, number: int) -> None:
    """End alert NUMBER (see `alerts list`)."""
    with _opened(folder) as (_, opened):
        try:
            opened.end(number, "", anybody=True)
        except ReviewError as error:
            raise click.ClickException(str(error)) from None
    console.print(f"Alert {number} is ended.")


@alerts.command()
@options.site
@click.option("--smtp", default="", metavar="HOST:PORT", help="The mail server; alerts to e-mail addresses need it.")
@click.option(
    "--sender", default="dangqun-archive@localhost", show_default=True, help="The address that e-mail comes from."
)
@click.option("--smtp-user", default="", help="The account on the mail server.")
@click.option(
    "--smtp-password", default="", help="Better in DANGQUN_ALERTS_SEND_SMTP_PASSWORD than on the command line."
)
@click.option("--tls/--no-tls", default=False, show_default=True, help="Use STARTTLS.")
@click.option("--private", is_flag=True, help="Let webhooks go to private addresses.")
@click.pass_obj
def send(
    folder: Path, site: str, smtp: str, sender: str, smtp_user: str, smtp_password: str, tls: bool, private: bool
) -> None:
    """Send each alert what is new in the published snapshot, once. What a killed run may have sent is marked `again`."""
    address = options.own_address(folder, site) or "http://127.0.0.1:8001"
    mail = None
    if smtp:
        host, _, port = smtp.partition(":")
        mail = Mail(host, int(port or 25), sender, smtp_user, smtp_password, tls)
    failed = 0
    with _opened(folder) as (connection, opened):
        try:
            for sent in opened.send(connection, address, mail, private=private):
                failed += bool(sent.error)
                told = f"not sent ({sent.error}); the next run tries again" if sent.error else f"{sent.matches} new"
                console.print(f"Alert {sent.follow_id} to {sent.target}: {told}.")
        except ReviewError as error:
            raise click.ClickException(str(error)) from None
    raise SystemExit(1 if failed else 0)


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[sqlite3.Connection, Alerts]]:
    snapshot = published(folder)
    connection = sqlite3.connect(f"file:{snapshot}?immutable=1", uri=True)
    opened = Alerts(folder / "reviews.db")
    try:
        yield connection, opened
    finally:
        opened.close()
        connection.close()
