"""`dangqun accounts`: who may log in to the site."""

import json
import os
import re
import sys
from pathlib import Path

import click
from datasette_auth_passwords.utils import hash_password

from crawler.cli.console import console, table

ROLES = ("reader", "editor", "admin")
_SHORTEST = 10


@click.group()
def accounts() -> None:
    """Who may log in: editors review and follow searches, admins take down as well.

    A change takes effect when `dangqun serve` is started again; everybody then has to log in again.
    """


@accounts.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="editor", show_default=True)
@click.pass_obj
def add(folder: Path, name: str, role: str) -> None:
    """Make the account NAME, or change its role and password. The command asks for the password, or reads
    it from a pipe."""
    if not re.fullmatch(r"[\w.\-]{1,40}", name) or "_password_hash" in name:
        raise click.ClickException("A name has up to 40 letters, digits, dots, dashes and underscores.")
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    if len(password) < _SHORTEST:
        raise click.ClickException(f"A password has at least {_SHORTEST} characters.")
    known = _read(folder)
    known[name] = {"hash": hash_password(password), "role": role}
    _write(folder, known)
    console.print(f"{name} may log in as {role}, from the next start of `dangqun serve`.")


@accounts.command("list")
@click.pass_obj
def list_accounts(folder: Path) -> None:
    """Print the accounts and their roles."""
    table("Accounts", ("name", "role"), [(name, account["role"]) for name, account in sorted(_read(folder).items())])


@accounts.command()
@click.argument("name")
@click.pass_obj
def remove(folder: Path, name: str) -> None:
    """Remove the account NAME."""
    known = _read(folder)
    if name not in known:
        raise click.ClickException(f"There is no account {name}.")
    del known[name]
    _write(folder, known)
    console.print(f"{name} is removed.")


def secret(folder: Path) -> str:
    """What signs the site's cookies and forms; made at the first use, kept so that a restart logs nobody out."""
    path = folder / ".secret"
    if not path.exists():
        _private(path, os.urandom(32).hex())
    return path.read_text("utf-8")


def _read(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / "accounts.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _write(folder: Path, known: dict[str, dict[str, str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _private(folder / "accounts.json", json.dumps(known, ensure_ascii=False, indent=1))
    (folder / ".secret").unlink(missing_ok=True)  # cookies of before are void


def _private(path: Path, content: str) -> None:
    spare = path.with_name(f"{path.name}.draft")
    spare.unlink(missing_ok=True)
    with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(content)
    spare.replace(path)
