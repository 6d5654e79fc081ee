"""Logging of the command line: levels, JSON lines, and where Scrapy's records go."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support import dangqun, page
from web import web

from crawler.cli import main

PAGE = page(
    "青禾小区党群服务站揭牌",
    "望潭区青萝街道青禾小区党群服务站于6月30日揭牌，青禾小区现有在册党员36名，居民860户、2310人。",
    "大家都说这里办事方便，说话热乎，来了还想再来坐一坐。",
)


def _lines(stderr: str) -> list[dict[str, Any]]:
    """The records on standard error. Fails if a line is not JSON."""
    return [json.loads(line) for line in stderr.splitlines()]


def test_standard_error_has_json_lines_only(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    (tmp_path / "b.html").write_text("<html><body><a href=/1>一条标题很长的新闻</a></body></html>")
    data = ("--archive", str(tmp_path / "data"))
    done = dangqun(*data, "--log-json", "import", str(tmp_path / "a.html"), str(tmp_path / "b.html"))
    lines = _lines(done.stderr)
    assert done.returncode == 0 and all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    assert [line["row"]["file"] for line in lines if line["message"] == "Not imported"] == ["b.html"]
    summary = next(line for line in lines if "pages" in line)
    assert summary["message"].startswith("2 pages: 1 new article,") and summary["counts"]["article"] == 1
    plain = dangqun(*data, "status")
    as_json = dangqun(*data, "--log-json", "status", "--json")
    assert plain.stderr.startswith("No site is enabled") and _lines(as_json.stderr)[0]["logger"] == "dangqun"


def test_errors_are_json_lines_too(tmp_path: Path) -> None:
    archive = ("--archive", str(tmp_path / "none"), "--log-json")
    for command, code in ((("publish",), 1), (("crawl", "no-such-site"), 2), (("read", "--nonsense"), 2)):
        done = dangqun(*archive, *command)
        assert done.returncode == code
        assert [line["level"] for line in _lines(done.stderr)] == ["ERROR"]


def test_verbose_says_what_is_done(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    levels = []
    for number, option in enumerate([(), ("-v",), ("-vv",)]):
        data = ("--archive", str(tmp_path / f"data{number}"), "--log-json")
        done = dangqun(*data, *option, "import", str(tmp_path / "a.html"))
        levels.append({line["level"] for line in _lines(done.stderr) if line["logger"].startswith("archive.")})
    assert levels == [set(), {"INFO"}, {"INFO", "DEBUG"}]
    plain = dangqun("--archive", str(tmp_path / "data"), "-v", "import", str(tmp_path / "a.html"))
    assert " [archive.pipeline.importing] INFO: Imported " in plain.stderr


def test_records_of_scrapy_are_among_them(tmp_path: Path) -> None:
    with web({"/": "<html></html>"}) as site:
        command = ("crawl", "--loopback", "--no-publish", "--max-pages", "1", site.address)
        done = dangqun("--archive", str(tmp_path / "a"), "--log-json", "-v", *command)
        opened = [line for line in _lines(done.stderr) if line["logger"].startswith("scrapy.core")]
        assert any(line["message"] == "Spider opened" and "spider" in line for line in opened)
        quiet = dangqun("--archive", str(tmp_path / "b"), *command)
    assert "Spider opened" not in quiet.stderr


def test_an_error_of_the_program_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.decisions.accounts.Accounts.all", lambda _: 1 / 0)
    done = CliRunner().invoke(main, ["--archive", str(tmp_path), "--log-json", "accounts", "list"])
    (line,) = _lines(done.stderr)
    assert done.exit_code == 1 and line["level"] == "CRITICAL" and "ZeroDivisionError" in line["exception"]
