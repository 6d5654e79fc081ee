"""The command line: what it prints, what it refuses, how it exits."""

import gzip
import json
import os
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner
from support import dangqun, page

from crawler.cli import main
from crawler.cli.lazy import Lazy

TEXT = "望潭区青萝街道青禾小区党群服务站于6月30日揭牌，青禾小区现有在册党员36名，居民860户、2310人。"
PAGE = page("青禾小区党群服务站揭牌", TEXT, "大家都说这里办事方便，说话热乎，来了还想再来坐一坐。")
COMMANDS = ("crawl", "sites", "import", "read", "facts", "publish", "serve", "demo")


def test_every_command_explains_itself() -> None:
    listed = CliRunner().invoke(main, ["--help"])
    for command in COMMANDS:
        assert command in listed.stdout
        done = CliRunner().invoke(main, [command, "--help"])
        assert done.exit_code == 0
        assert len(done.stdout.splitlines()) >= 5


def test_windows_is_refused_before_a_command_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(Lazy, "load", lambda _: pytest.fail("imported"))
    for command in (["serve"], ["crawl", "--help"]):
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 1 and done.stderr.startswith("Error: dangqun needs Linux or macOS."), done.output


def test_a_shell_completes_commands_and_options() -> None:
    shell = BashComplete(main, {}, "dangqun", "_DANGQUN_COMPLETE")
    assert [item.value for item in shell.get_completions([], "re")] == "read refresh restore review reviews".split()
    assert [item.value for item in shell.get_completions(["takedown"], "p")] == ["purge"]
    assert [item.value for item in shell.get_completions(["serve"], "--po")] == ["--port"]


def test_sites() -> None:
    done = dangqun("sites")
    names = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert {"ytxww", "rednet-hn", "people-cpc", "12371", "jschina", "zsnews", "xinhua", "sample-city"} <= set(names)
    assert len(names) > 20 and names == sorted(names)


def test_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE, "utf-8")
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(PAGE.encode("gbk")))
    (tmp_path / "c.html").write_text("<html>nothing</html>")
    (tmp_path / "index.jsonl").write_text(json.dumps({"file": "a.html", "url": "http://a.example/1"}))
    done = dangqun("read", str(tmp_path))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert "Pages without an article: 1." in done.stderr
    assert [Path(line["file"]).name for line in lines] == ["a.html", "b.html.gz", "c.html"]
    assert lines[0]["url"] == "http://a.example/1"
    assert lines[0]["published"] == "2021-06-28T16:05:00+08:00"
    assert lines[0]["title"] == lines[1]["title"] == "青禾小区党群服务站揭牌"
    assert lines[1]["encoding"] == {"declared": "utf-8", "used": "gb18030", "repaired": 0}
    assert (lines[2]["title"], lines[2]["kind"]) == (None, "empty")
    names = "file url title published outlet authors editor text encoding method".split()
    assert all(set(names) <= set(line) for line in lines)


def test_facts_of_texts_pages_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TEXT, "utf-8")
    (tmp_path / "page.html").write_text(PAGE, "utf-8")
    done = dangqun("facts", str(tmp_path / "text.txt"), "--published", "2022-07-01")
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [fact["type"] for fact in facts] == ["opened_on", "party_members", "households", "residents"]
    assert facts[0]["date"] == "2022-06-30"
    assert all(fact["id"] == "text" and TEXT[fact["start"] : fact["end"]] == fact["quote"] for fact in facts)
    of_page = [json.loads(line) for line in dangqun("facts", str(tmp_path / "page.html")).stdout.splitlines()]
    assert [fact["date"] for fact in of_page if fact["type"] == "opened_on"] == ["--06-30"]
    assert dangqun("facts", "-", input=TEXT).stdout.count("\n") == 4


def test_import_lists_what_is_no_article_and_loses_nothing(tmp_path: Path) -> None:
    pages, data = tmp_path / "pages", tmp_path / "data"
    pages.mkdir()
    (pages / "good.html").write_text(PAGE, "utf-8")
    (pages / "same.html.gz").write_bytes(gzip.compress(PAGE.encode()))
    (pages / "list.html").write_text("<html><body><a href=/1>一条标题很长的新闻</a></body></html>")
    (pages / "broken.html.gz").write_bytes(gzip.compress(PAGE.encode())[:40])
    (pages / "closed.html").write_text(PAGE, "utf-8")
    (pages / "long.html").write_text(PAGE, "utf-8")
    addresses = {"closed.html": "http://amy:secret@a.example/1.html", "long.html": f"http://a.example/{'1' * 200_000}"}
    index = [json.dumps({"file": name, "url": url}) for name, url in addresses.items()]
    (pages / "index.jsonl").write_text("\n".join(index))
    done = dangqun("--archive", str(data), "import", str(pages))
    assert done.returncode == 1
    assert "1 files or pages could not be read" in done.stderr
    assert "6 pages: 1 new article, 1 known already, 4 not articles." in done.stderr
    assert "1 address_too_long, 1 address_with_credentials, 1 list, 1 unreadable" in " ".join(done.stderr.split())
    assert "broken.html.gz" in done.stderr
    assert "list.html" in done.stderr
    again = dangqun("--archive", str(data), "import", str(pages / "good.html"))
    assert again.returncode == 0
    assert "1 page: 0 new articles, 1 known already" in again.stderr
    whole = dangqun("--archive", str(data), "import", str(pages))
    assert "6 pages: 0 new articles, 2 known already, 4 not articles." in whole.stderr  # a known list is no article


def test_import_counts_a_further_version_of_an_article_as_none(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "1.html").write_text(PAGE, "utf-8")
    (pages / "2.html").write_text(PAGE.replace("说话热乎", "态度热情"), "utf-8")
    index = [json.dumps({"file": name, "url": "http://a.example/1.html"}) for name in ("1.html", "2.html")]
    (pages / "index.jsonl").write_text("\n".join(index))
    done = dangqun("--archive", str(tmp_path / "data"), "import", str(pages))
    assert "2 pages: 1 new article, 0 known already, 1 further version, 0 not articles." in done.stderr


@pytest.mark.parametrize("command", ["import", "extract", "publish", "crawl"])
def test_writers_yield_to_readers(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.html").write_text(PAGE, "utf-8")
    lowered: list[tuple[int, ...]] = []
    monkeypatch.setattr(os, "setpriority", lambda *given: lowered.append(given))
    more = {"import": [str(tmp_path / "good.html")], "crawl": ["no-such-site"]}.get(command, [])
    CliRunner().invoke(main, ["--archive", str(tmp_path / "data"), command, *more])
    assert lowered == [(os.PRIO_PROCESS, 0, 10)]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("crawl", "no-such-site"), 2, "Unknown site no-such-site. The known sites are: 12371, cjyun-yingcheng"),
        (("read", "nowhere.html"), 2, "nowhere.html does not exist"),
        (("serve",), 1, "Nothing is published in"),
        (("publish",), 1, "There is no archive in"),
        (("facts", "x.txt", "--published", "yesterday"), 2, "does not match the format"),
        (("--archive", "/proc/nowhere", "import", "README.md"), 1, "cannot be written to"),
    ],
)
def test_errors_say_what_to_do(tmp_path: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    done = dangqun(*arguments, environment={"DANGQUN_ARCHIVE": str(tmp_path / "none")})
    assert done.returncode == code
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_real_pages_all_end_as_something(shared: Path, tmp_path: Path) -> None:
    pages = sorted(map(str, (shared / "corpus" / "pages").glob("*.gz")))[:30]
    done = dangqun("--archive", str(tmp_path / "data"), "import", "--any-topic", *pages)
    assert done.returncode == 0, done.stderr
    assert "30 pages: 26 new articles, 0 known already, 1 further version, 3 not articles." in done.stderr
