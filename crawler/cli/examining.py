"""`dangqun doctor`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from crawler.doctor import State, examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines with name, state and message.")
@click.pass_obj
def doctor(folder: Path, as_json: bool) -> None:
    """Look for what would keep the archive from working.

    Each line is ok, a warning or an error, and says what to do. The command looks at Python, SQLite, the packages, the
    configuration with its plug-ins, and the model; at disk space, permissions, contact, clock and secret; whether this version has read and published everything;
    and for what killed commands left. It changes nothing. `dangqun verify` checks the contents.

    The exit code is 1 if there is an error.
    """
    failed = False
    for check in examine(folder):
        failed |= check.state == State.ERROR
        if as_json:
            click.echo(json.dumps(asdict(check), ensure_ascii=False))
        else:
            click.echo(f"{check.state:<8} {check.name:<13} {check.message}")
    raise SystemExit(failed)
