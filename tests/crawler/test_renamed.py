"""Options and commands by the names that they had in the version before."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support import dangqun

from crawler.cli import main
from crawler.cli.main import COMMANDS
from crawler.cli.renamed import RenamedOption


def _commands(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    found = [(path, command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found += _commands(command.get_command(context, name) or command, f"{path} {name}")
    return found


EVERY = [one for name in COMMANDS for one in _commands(COMMANDS[name].load(), name)]
RENAMED = [
    (path, command, option) for path, command in EVERY for option in command.params if isinstance(option, RenamedOption)
]


def test_the_former_names() -> None:
    former = {f"{path} {option.former}": option.opts[0] for path, _, option in RENAMED}
    assert former["publish --fall"] == "--max-shrink"
    assert former["crawl --longest"] == former["refresh --longest"] == former["schedule --longest"] == "--max-seconds"
    assert former["serve --also"] == "--with-archive"
    assert len(former) == len(RENAMED)


@pytest.mark.parametrize(("path", "command", "option"), RENAMED)
def test_a_former_name_sets_the_same_and_is_not_shown(
    path: str, command: click.Command, option: RenamedOption, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [word for one in command.params if isinstance(one, click.Argument) for word in _examples(one)]
    words += [
        word for one in command.params if isinstance(one, click.Option) and one.required for word in (one.opts[0], "x")
    ]
    example = [] if option.is_flag else [_example(option, tmp_path)]
    first = option.former.partition("/")[0]

    def parsed(*more: str) -> object:
        context = command.make_context(path, [*words, *more], auto_envvar_prefix="DANGQUN_X", resilient_parsing=False)
        return context.params[str(option.name)]

    assert parsed(first, *example) == parsed(option.opts[0], *example) != ()
    variable = first.strip("-").replace("-", "_").upper()
    monkeypatch.setenv(f"DANGQUN_X_{variable}", (example or ["1"])[0])
    assert parsed() == parsed(option.opts[0], *example)
    shown = command.get_help(click.Context(command))
    assert option.opts[0] in shown and f"{first} " not in shown


def _examples(argument: click.Argument) -> list[str]:
    return ["http://a.example/"] if argument.required else []


def _example(option: click.Option, folder: Path) -> str:
    if isinstance(option.type, click.types.IntRange | click.types.FloatRange):
        return "1"
    if isinstance(option.type, click.Path):
        return str(folder)
    return "10.0.0.1" if option.callback else "x"


def test_the_former_name_of_a_command() -> None:
    assert "alerts" in COMMANDS
    listed = CliRunner().invoke(main, ["alerts", "--help"]).output
    assert "remove" in listed and "\n  end" not in listed
    assert CliRunner().invoke(main, ["alerts", "end", "--help"]).exit_code == 0


@pytest.mark.parametrize(("path", "command"), EVERY)
def test_help_is_readable(path: str, command: click.Command) -> None:
    """No number that only the database knows, and a help text for every option."""
    assert str(2**63 - 1) not in command.get_help(click.Context(command))
    assert all(one.help for one in command.params if isinstance(one, click.Option) and not one.hidden), path
    assert (command.help or "").split("\n\n")[0].rstrip().endswith("."), path


@pytest.mark.parametrize("number", ["x", "-1", str(2**63), "1.5"])
def test_a_wrong_number_is_refused(number: str) -> None:
    done = dangqun("stations", "undo", "--", number)
    assert done.returncode == 2 and "is not the number of a row" in done.stderr and str(2**63 - 1) not in done.stderr


def test_wrong_hours_are_refused() -> None:
    for command in ("status", "refresh", "schedule", "crawl"):
        done = dangqun(command, "--hours", "late", *(["sample-city"] if command == "crawl" else []))
        assert done.returncode == 2 and "22-6" in done.stderr and "Traceback" not in done.stderr
