"""`dangqun alerts`: searches and stations that people follow."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path

import click

from archive.configuration import configuration
from archive.language import NAME
from archive.publishing.snapshot import published
from archive.search.wanted import Wanted
from archive.site.alerts import Alerts, FollowKind
from archive.site.delivery import Channel, Mail, shown
from crawler.cli import options, renamed
from crawler.cli.console import message

_KEYS = tuple(one.name for one in fields(Wanted))
_NO_ADDRESS = (
    "The address of the site is not set, so these messages had no links. Set `site` in dangqun.toml, or use --site."
)


@click.group()
def alerts() -> None:
    """Manage and send alerts about searches and stations.

    Run `alerts send` after each publication, for example from cron.
    """


@alerts.command()
@click.argument("target")
@click.option(
    "--by", required=True, envvar="DANGQUN_REVIEWER", show_envvar=True, help="The person to whom the alert belongs."
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in FollowKind]),
    default=FollowKind.ARTICLES.value,
    show_default=True,
    help="What the alert is about: a search over articles or facts, a station, or unusual results of crawls.",
)
@click.option(
    "--search",
    default="",
    metavar="KEY=VALUE,…",
    help="The search, with the keys of its address on the site: q=揭牌,place=望潭区,since=2024.",
)
@click.option("--station", default="", help="With --kind station: the key or the number of the station.")
@click.pass_obj
def add(folder: Path, target: str, by: str, kind: str, search: str, station: str) -> None:
    """Add an alert.

    TARGET is the address of a webhook, an e-mail address, Bark (barks://api.day.app/KEY), or the robot of a group in WeCom
    (wecombot://KEY), DingTalk (dingtalk://SECRET@TOKEN) or Feishu (feishu://TOKEN). It receives the new results of a search,
    what is new about a station, or the unusual results of crawls.
    """
    channel = Channel.WEBHOOK if "://" in target else Channel.EMAIL
    pairs = dict(part.partition("=")[::2] for part in search.split(",") if part)
    if unknown := pairs.keys() - {*_KEYS}:
        name = min(unknown)
        near = get_close_matches(name, _KEYS, 1)
        hint = f" The nearest is '{near[0]}'." if near else f" The keys are {', '.join(_KEYS)}."
        raise click.BadParameter(f"there is no key '{name}'.{hint}", param_hint="--search")
    with _opened(folder) as (connection, opened):
        number = opened.follow(connection, by, kind, Wanted.of(pairs), channel, target, station)
    message(f"Alert {number}: to {shown(target)}. Only results that appear from now on are sent.", alert=number)


@alerts.command("list")
@click.pass_obj
def list_alerts(folder: Path) -> None:
    """Print the alerts as JSON lines.

    `target` leaves out what may be secret in an address. `unknown` counts results that may have been sent: a run was interrupted, or the receiver did not answer. The next run
    sends them again, marked `again`.
    """
    with _opened(folder) as (_, opened):
        for row in opened.follows():
            click.echo(json.dumps(row, ensure_ascii=False))


@alerts.command()
@click.argument("number", type=options.NUMBER)
@click.pass_obj
def remove(folder: Path, number: int) -> None:
    """Remove the alert with the number NUMBER (see `alerts list`)."""
    with _opened(folder) as (_, opened):
        opened.end(number, "", anybody=True)
    message(f"Alert {number} is removed.", alert=number)


renamed.keep_former_command(alerts, remove, "end")


@alerts.command()
@options.site
@options.configured("alerts.send.smtp_server", former="--smtp", metavar="HOST:PORT")
@options.configured("alerts.send.sender")
@options.configured("alerts.send.smtp_user")
@click.option(
    "--smtp-password",
    default="",
    help="The password on the mail server. Set DANGQUN_ALERTS_SEND_SMTP_PASSWORD instead: other users can see the"
    " command line.",
)
@options.configured("alerts.send.starttls", former="--tls/--no-tls")
@options.configured("alerts.send.allow_private_addresses", former="--private/--no-private")
@click.option(
    "--test",
    type=options.NUMBER,
    help="Send nothing but a test message, to the receiver of the alert with this number.",
)
@click.pass_obj
def send(
    folder: Path,
    site: str,
    smtp_server: str,
    sender: str,
    smtp_user: str,
    smtp_password: str,
    starttls: bool,
    allow_private_addresses: bool,
    test: int | None,
) -> None:
    """Send each alert what is new in the published snapshot, once.

    An interrupted run, or one that got no answer, may have sent a message. It is sent again, marked `again`, with the id that
    it had.
    """
    mail = None
    if smtp_server:
        host, _, port = smtp_server.partition(":")
        if port and not port.isdecimal():
            raise click.UsageError(f"{smtp_server!r} is not the address of a mail server, such as mail.example:25.")
        mail = Mail(host, int(port or 25), sender, smtp_user, smtp_password, starttls)
    operator = configuration(folder)
    NAME.set((operator["pages.title_zh"], operator["pages.title_en"]))
    failed = any_sent = 0
    with _opened(folder) as (connection, opened):
        if test is not None:
            sent = opened.test(test, mail, private=allow_private_addresses)
            result = f"not sent ({sent.error})" if sent.error else "a test was sent"
            message(f"Alert {test} to {sent.target}: {result}.", alert=test, message_id=sent.message)
            raise SystemExit(1 if sent.error else 0)
        for sent in opened.send(connection, site, mail, private=allow_private_addresses):
            failed += bool(sent.error)
            any_sent += not sent.error
            result = f"not sent ({sent.error}); the next run tries again" if sent.error else f"{sent.matches} new"
            message(
                f"Alert {sent.follow_id} to {sent.target}: {result}. Message {sent.message}.",
                alert=sent.follow_id,
                message_id=sent.message,
            )
    if any_sent and not site:
        message(_NO_ADDRESS)
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
