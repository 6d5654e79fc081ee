"""Plug-ins: another subject by declarations alone, from pages to the answer of a question; and what is refused."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import ROOT, dangqun, page

from archive import plugins
from archive.configuration import FILE
from archive.errors import ArchiveError
from archive.facts import types
from archive.publishing import questions
from archive.reading import provenance

EXAMPLE = ROOT / "docs" / "example-plugin"


def _copied(folder: Path) -> Path:
    """The example as the folder `plugins` of an archive that names it, which only its owner can write."""
    copy = folder / "plugins"
    shutil.copytree(EXAMPLE / "care_stations", copy, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (copy, *copy.iterdir()):
        path.chmod(0o700)
    (folder / FILE).write_text('plugins = "plugins"\n')
    return copy


@pytest.fixture
def none_loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that has loaded no plug-ins yet; the test leaves none behind."""
    monkeypatch.setenv("DANGQUN_PLUGIN_FOLDER", "")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    plugins.plugins.cache_clear()
    yield
    plugins.plugins.cache_clear()


def test_another_subject(tmp_path: Path) -> None:
    folder, pages = tmp_path / "data", tmp_path / "pages"
    folder.mkdir()
    pages.mkdir()
    plugin = _copied(folder)
    for place, beds in (("青禾", 48), ("云盘", 30)):
        station = f"{place}社区养老服务站"
        words = f"日前，望潭区青萝街道{station}启用，站内设有养老床位{beds}张，护理员9名，还有康复室、阅览室和一间宽敞的餐厅。{station}计划设养老床位{beds + 50}张。"
        (pages / f"{beds}.html").write_text(page(f"{station}启用", words), "utf-8")

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        return dangqun("--archive", str(folder), *words, environment={"PYTHONPATH": str(ROOT)})

    done = ran("import", str(pages))
    assert done.returncode == 0 and "2 new articles" in done.stderr, done.stderr
    with closing(sqlite3.connect(folder / "published" / "archive.db")) as snapshot:
        found = snapshot.execute("select subject, value from answer_care_beds_by_station").fetchall()
        stations = snapshot.execute("select count(*) from stations").fetchone()
        types = {row[0] for row in snapshot.execute("select distinct type from facts")}
        planned = snapshot.execute("select value from facts where qualifier = 'planned' order by value").fetchall()
        version = snapshot.execute("select distinct extractor_version from captures").fetchone()[0]
    assert planned == [(80,), (98,)]  # which the question leaves out
    assert found == [("青禾社区养老服务站", 48), ("云盘社区养老服务站", 30)] and stations == (2,)
    assert types >= {"care_beds", "care_staff"} and "+plugins-" in version
    assert "care-news\t云泽养老网" in ran("sites").stdout
    assert ran("sites", "enable", "care-news").returncode == 0 and ran("config", "check").returncode == 0
    scrapy = {name: value for name, value in os.environ.items() if name != "DANGQUN_PLUGIN_FOLDER"}
    scrapy |= {"DANGQUN_ARCHIVE": str(folder), "PYTHONPATH": str(ROOT)}
    listed = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, env=scrapy, capture_output=True, check=True
    )
    assert b"care-news" in listed.stdout.splitlines()
    (plugin / "templates").mkdir(mode=0o700)
    (plugin / "templates" / "questions.html").write_text("{{ cards[-1].question.en }}: {{ cards|length }}")
    (plugin / "templates" / "questions.html").chmod(0o600)
    show = f"""import asyncio, sys
from pathlib import Path
from archive import plugins
plugins.use(Path({str(folder)!r}))
sys.path[:0] = ["tests/support", "datasette"]
from serving import site
served = site(Path({str(folder / "published" / "archive.db")!r}))
for path in ("/questions", "/archive/care_beds_by_station.json", "/question/care_beds_by_station?lang=en"):
    print(asyncio.run(served.client.get(path)).text)
"""
    served = subprocess.run([sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Care beds by station: 2\n" in served.stdout, served.stderr  # and the coverage by outlet; the rest is empty
    assert '"total": 2' in served.stdout and "has the most beds, 48" in served.stdout
    (folder / FILE).write_text("")
    done = ran("verify")
    assert done.returncode == 1 and "were read with the plug-in plugins, which is not here" in done.stdout + done.stderr


def test_its_words_are_those_of_the_first_look(tmp_path: Path) -> None:
    """A page about the other subject passes, in whatever coding; one about neither does not."""
    _copied(tmp_path)
    look = f"""import sys
from pathlib import Path
from archive import plugins
plugins.use(Path({str(tmp_path)!r}))
sys.path[:0] = ["tests/support"]
from support import page
from archive.reading.first_look import excluded
for words in ("街上新开了一家养老护理院", "街上新开了一家養老<b>護理院", "街上新开了一家书店"):
    for charset in ("utf-8", "gb18030", "utf-16"):
        print(excluded(page(words, words + "，大家都来看一看。" * 9).encode(charset)) or "passes")
"""
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["passes"] * 6 + ["unlikely"] * 3, done.stderr


def test_an_installed_plug_in(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "source")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    subprocess.run([*pip, str(tmp_path / "installed"), str(tmp_path / "source")], check=True)
    environment = {"PYTHONPATH": f"{tmp_path / 'installed'}:{ROOT}"}
    done = dangqun("facts", "-", environment=environment, input="青禾社区养老服务站设有养老床位48张。")
    assert '"type": "care_beds"' in done.stdout and '"subject": "青禾社区养老服务站"' in done.stdout, done.stderr
    assert "care-news\t" in dangqun("sites", environment=environment).stdout


def _renamed(plugin: Path) -> None:
    plugin.rename(plugin.with_name("a+b"))
    (plugin.parent / FILE).write_text('plugins = "a+b"')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shutil.rmtree, "There is no folder of plug-ins"),
        (lambda plugin: plugin.chmod(0o770), "Others may write"),
        (lambda plugin: (plugin / "types.toml").chmod(0o602), "Others may write .*types.toml"),
        (lambda plugin: (plugin / "types.toml").write_text("[grids]"), r"\[grids\] is declared already"),
        (lambda plugin: (plugin / "types.toml").write_text("['a b']"), "is not a name of small letters"),
        (lambda plugin: (plugin / "types.toml").write_text("[beds]"), r"/plugins/types.toml: \[beds\] needs zh"),
        (lambda plugin: (plugin / "questions.toml").write_text("[beds]"), r"/plugins/questions.toml: \[beds\] needs chart"),
        (lambda plugin: (plugin / "words.toml").write_text("stations = ['(']"), "stations cannot be used"),
        (lambda plugin: (plugin / "words.toml").write_text("stations ="), "/plugins/words.toml is not valid TOML"),
        (lambda plugin: (plugin / "questions.toml").write_text("beds = 3"), "beds stands outside a table"),
        (lambda plugin: (plugin / "outlets.toml").write_text("[[form]]"), r"outlets.toml cannot be used. Write each outlet"),
        (lambda plugin: (plugin / "gone.py").symlink_to("nowhere"), "gone.py is a symbolic link"),
        (lambda plugin: (plugin / "json.py").touch(0o600), "json.py has the name of another module"),
        (lambda plugin: plugin.parent.chmod(0o777), "and so exchange"),
        (_renamed, r"The name of the plug-in 'a\+b'"),
    ],
)  # fmt: skip
def test_what_is_refused(change: object, message: str, none_loaded: None, tmp_path: Path) -> None:
    plugin = _copied(tmp_path)
    change(plugin)  # type: ignore[operator]
    with pytest.raises(ArchiveError, match=message):
        plugins.use(tmp_path)
        types.load.__wrapped__()
        questions.questions.__wrapped__()
        plugins.words("stations")
        provenance.forms.__wrapped__()


def test_plug_ins_that_appear_later_need_another_process(none_loaded: None, tmp_path: Path) -> None:
    plugins.use(tmp_path)
    _copied(tmp_path)
    with pytest.raises(ArchiveError, match="run the command again"):
        plugins.use(tmp_path)
