"""`dangqun accounts`: who may log in to the site."""

import re
import sys
from pathlib import Path

import click
from datasette_auth_passwords.utils import hash_password

from archive.decisions.accounts import Accounts
from crawler.cli.console import console, table

ROLES = ("reader", "editor", "admin")
_SHORTEST = 10


@click.group()
def accounts() -> None:
    """Decide who may log in: editors review and follow searches, admins take down as well.

    A change takes effect at once, and ends all logins of the account.
    """


@accounts.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="editor", show_default=True)
@click.pass_obj
def add(folder: Path, name: str, role: str) -> None:
    """Make the account NAME, or change its role and password. The command asks for the password, or reads
    it from a pipe."""
    if not re.fullmatch(r"[\w.\-]{1,40}", name):
        raise click.ClickException("A name has up to 40 letters, digits, dots, dashes and underscores.")
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < _SHORTEST:
        raise click.ClickException(f"A password has at least {_SHORTEST} characters.")
    Accounts(folder).put(name, hash_password(password), role)
    console.print(f"{name} may log in as {role}.")


@accounts.command("list")
@click.pass_obj
def list_accounts(folder: Path) -> None:
    """Print the accounts and their roles."""
    known = sorted(Accounts(folder).all().items())
    table("Accounts", ("name", "role"), [(name, account.role) for name, account in known])


@accounts.command()
@click.argument("name")
@click.pass_obj
def remove(folder: Path, name: str) -> None:
    """Remove the account NAME."""
    if not Accounts(folder).remove(name):
        raise click.ClickException(f"There is no account {name}.")
    console.print(f"{name} is removed.")
