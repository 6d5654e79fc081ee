"""`dangqun accounts`: who may log in to the site."""

import sys
from pathlib import Path

import click

from archive.decisions.accounts import Accounts, Role, check_name, check_password
from crawler.cli.console import message, table


@click.group()
def accounts() -> None:
    """Manage the accounts of editors.

    Editors review facts and follow searches; admins can also take down articles and names. A change takes effect at
    once and ends all sessions of the account.
    """


@accounts.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.EDITOR.value,
    show_default=True,
    help="What the account is allowed to do.",
)
@click.pass_obj
def add(folder: Path, name: str, role: str) -> None:
    """Add the account NAME, or change its role and password.

    The command asks for the password, or reads it from standard input if that is a pipe.
    """
    check_name(name)
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    check_password(password)

    from datasette_auth_passwords.utils import hash_password  # imports Datasette

    Accounts(folder).put(name, hash_password(password), Role(role))
    message(f"{name} may log in as {role}.", account=name, role=role)


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
    message(f"{name} is removed.", account=name)
