"""How `dangqun` starts: what it imports, and the list of commands."""

import subprocess
import sys

import pytest
from support import ROOT

from crawler.cli.main import COMMANDS

HEAVY = ("scrapy", "onnxruntime", "datasette", "numpy", "pyarrow", "lxml", "archive.facts")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["accounts", "--help"]])
def test_help_imports_no_heavy_library(arguments: list[str]) -> None:
    code = f"""
import sys
from crawler.cli import main
try:
    main({arguments!r}, prog_name="dangqun")
finally:
    print("imported", *(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120, cwd=ROOT
    )
    assert done.stderr == "imported\n"
    if arguments == ["--help"]:
        listed = " ".join(done.stdout.split())
        assert all(f" {name} {one.help}" in listed for name, one in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_listed_line_begins_the_help_of_the_command(name: str) -> None:
    command = COMMANDS[name].load()
    assert command.name == name
    assert (command.help or "").split("\n\n")[0] == COMMANDS[name].help
