"""docs/data-model.md promises names to programs outside: they are there."""

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support import ROOT, page

from archive.publishing.changes import Reason
from archive.publishing.snapshot import publish
from archive.storage.store import Archive
from crawler.cli import main

_PAGE = (ROOT / "docs" / "data-model.md").read_text("utf-8")
_TEXT = "望潭区青萝街道青禾小区党群服务站揭牌，投入资金14万元，青禾小区现有在册党员36名，居民860户。大家来了就能坐下说话，有人接，有人办。"


def _promised(heading: str) -> list[tuple[str, list[str]]]:
    """The rows of the table below a heading: the name in the first cell, and those in the second."""
    table = _PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", first)[0], re.findall(r"`([^`]+)`", second)) for first, second in rows]


def test_the_page_promises_what_the_contract_requires() -> None:
    tables = dict(_promised("Tables"))
    assert {"articles", "statements", "findings"} <= tables.keys()
    assert {"cut", "provenance_reasons"} <= set(tables["articles"]) and "sources" in tables["statements"]
    assert {"--no-publish"} <= set(dict(_promised("Commands"))["dangqun import"])
    assert len(_promised("Lines of JSON")) == 3


@pytest.mark.parametrize("where", [lambda archive: archive.folder / "archive.db", publish], ids=["archive", "snapshot"])
def test_tables_and_columns(store: Archive, where: Callable[[Archive], Path]) -> None:
    with closing(sqlite3.connect(where(store))) as connection:
        for table, columns in _promised("Tables"):
            there = {row[1] for row in connection.execute(f"pragma table_info({table})")}
            assert set(columns) <= there, table


def test_reasons() -> None:
    table = _PAGE.split("\n## Changes\n")[1].split("| reason |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(Reason)


def test_keys(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page("青禾小区党群服务站揭牌", _TEXT), "utf-8")
    (tmp_path / "none.html").write_text("<html><body>404</body></html>", "utf-8")
    of_article, of_none, of_fact = (set(keys) for _, keys in _promised("Lines of JSON"))
    article, none = (json.loads(line) for line in _printed("read", str(tmp_path)).splitlines())
    assert of_article <= article.keys() and article["title"]
    assert of_article | of_none <= none.keys() and none["title"] is None
    lines = [
        json.loads(line)
        for line in _printed("facts", "--published", "2024-01-31", str(tmp_path / "a.html")).splitlines()
    ]
    assert lines and all(of_fact == line.keys() for line in lines)


def _printed(*arguments: str) -> str:
    return CliRunner().invoke(main, arguments).stdout


def test_options() -> None:
    for words, options in _promised("Commands"):
        command: click.Command | None = main
        for word in words.split()[1:]:
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), word)
        assert isinstance(command, click.Command)
        there = {
            name for option in command.params if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }  # fmt: skip
        assert set(options) <= there, words
