"""README and docs/ hold what they promise: links lead somewhere, commands exist, both READMEs are one, `make docs` has all pages."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from support import ROOT

from crawler.cli import main

READMES = ("README.md", "README.zh.md")
DOCS = sorted((ROOT / "docs").glob("*.md"))
COMMANDS = ROOT / "docs" / "commands.md"
PAGES = [*(ROOT / name for name in (*READMES, "CONTRIBUTING.md", "SECURITY.md")), *DOCS]
MOST = 8 * 1024  # bytes of a README: longer ones are not read

_CODE_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?:^    \S.*\n)+", re.MULTILINE)
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"(?:archive|benchmarks|crawler|datasette|docs|spiders|tests|training)/[\w./-]+\.\w+")
_MAKE = re.compile(r"\bmake ([a-z-]+)\b")


def _text(page: Path) -> str:
    return page.read_text("utf-8")


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as Markdown's toc and code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", _CODE_BLOCK.sub("", _text(page)), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles}


def _code(page: Path) -> Iterator[str]:
    """What stands as code in a page: lines of blocks, and spans in sentences."""
    text = _text(page)
    for block in (*_CODE_BLOCK.findall(text), *_INDENTED.findall(text)):
        yield from map(str.strip, block.splitlines())
    yield from _SPAN.findall(_CODE_BLOCK.sub("", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_CODE_BLOCK.sub("", _text(page))):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link
        if page in DOCS:  # a link out of docs/ would be broken on the site
            assert target.resolve().is_relative_to(ROOT / "docs"), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    named = {found for code in _code(page) for found in _FILE.findall(code)}
    assert {name for name in named if not (ROOT / name).exists() and "NAME" not in name} == set()


def test_the_page_of_commands_is_current() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "crawler.cli.reference"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert _text(COMMANDS) == made.stdout, "Run make commands."


@pytest.mark.parametrize("page", [page for page in PAGES if page != COMMANDS], ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    for line in _code(page):
        for words in re.findall(r"\bdangqun ((?:[^|#&;>`]|\|(?=\S))+)", re.sub(r" {2,}.*|\s#.*", "", line)):
            _check_command(words.split())


def _check_command(words: list[str]) -> None:
    command: click.Command = main
    options = _options(main)
    for word in words:
        if word.startswith("--"):
            assert word.strip("[]").partition("=")[0] in options, words
        elif isinstance(command, click.Group) and (
            found := [each for name in word.split("|") if (each := command.get_command(click.Context(command), name))]
        ):
            assert len(found) == len(word.split("|")), words
            command = found[0]
            options |= _options(command)
    assert command is not main or words[0] in options, words


def _options(command: click.Command) -> set[str]:
    return {
        name
        for option in command.params
        if not getattr(option, "hidden", False)
        for name in (*option.opts, *option.secondary_opts)
    } | {
        "--help",
        "--version",
    }


def test_containers_run_commands_that_exist() -> None:
    services = yaml.safe_load(_text(ROOT / "compose.yaml"))["services"]
    (job,) = yaml.safe_load(_text(ROOT / "docs/schedule/cronjob.yaml"))["spec"]["jobTemplate"]["spec"]["template"][
        "spec"
    ]["containers"]
    lines = dict(
        line.split(" ", 1) for line in _text(ROOT / "Dockerfile").splitlines() if line.startswith(("CMD", "ENTRYPOINT"))
    )
    assert json.loads(lines["ENTRYPOINT"]) == ["dangqun"] == job["command"][:1]
    for words in (json.loads(lines["CMD"]), job["command"][1:], *(service["command"] for service in services.values())):
        _check_command(words)
    assert {service["image"] for service in services.values()} == {job["image"]}


def test_the_image_has_what_the_wheel_needs() -> None:
    copied = {
        name
        for line in re.findall(r"^COPY (?!--)(.+) \S+$", _text(ROOT / "Dockerfile"), re.MULTILINE)
        for name in line.split()
    }
    assert copied == set(re.findall(r"^!(.+)$", _text(ROOT / ".dockerignore"), re.MULTILINE))
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_exist(page: Path) -> None:
    rules = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    assert {target for code in _code(page) for target in _MAKE.findall(code)} <= rules


@pytest.mark.parametrize("name", READMES)
def test_a_readme_is_short(name: str) -> None:
    assert (ROOT / name).stat().st_size <= MOST


def test_the_readmes_say_the_same() -> None:
    english, chinese = (_text(ROOT / name) for name in READMES)
    assert "(README.zh.md)" in english and "(README.md)" in chinese
    assert _INDENTED.findall(english) == _INDENTED.findall(chinese)
    assert _SPAN.findall(english) == _SPAN.findall(chinese)
    english_links, chinese_links = ({*_LINK.findall(text)} - {*READMES} for text in (english, chinese))
    assert english_links == chinese_links
    assert english.count("\n## ") == chinese.count("\n## ")


def test_all_pages_are_on_the_site_and_load_nothing_from_elsewhere() -> None:
    configuration = _text(ROOT / "mkdocs.yml")
    assert set(re.findall(r"[\w-]+\.md", configuration)) == {page.name for page in DOCS}
    assert "http" not in configuration and "  font: false" in configuration
    for page in DOCS:
        assert "```mermaid" not in _text(page) and "<script" not in _text(page), page
        assert not re.findall(r"!\[[^\]]*\]\(http|\bsrc=", _text(page)), page


def test_the_map_names_every_package() -> None:
    named = set(_SPAN.findall(_text(ROOT / "docs" / "architecture.md")))
    for folder in ("archive", "crawler", "spiders"):
        packages = {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
        assert packages <= named, folder


def test_the_citation_names_this_version() -> None:
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    citation = _text(ROOT / "CITATION.cff")
    assert f"\nversion: {project['version']}\n" in citation and f"\nlicense: {project['license']}\n" in citation


def test_the_workflow_runs_what_exists() -> None:
    jobs = yaml.safe_load(_text(ROOT / ".github/workflows/ci.yml"))["jobs"]
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    services = yaml.safe_load(_text(ROOT / "compose.yaml"))["services"]
    for line in lines:
        program, *words = line.replace("docker compose run --rm", "compose-run").split()
        if program == "dangqun":
            _check_command(words)
        elif program == "compose-run":
            assert words[0] in services
            _check_command(words[1:])
        elif program == "make":
            assert f"\n{words[0]}:" in _text(ROOT / "Makefile")
        else:
            assert program in ("python", "docker") or (ROOT / program).exists(), line
    assert {"test", "wheel", "docs", "container"} <= set(jobs)
    versions = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]["requires-python"]
    assert f">={jobs['test']['strategy']['matrix']['python'][0]}" == versions


def test_the_notebook_runs_on_the_tables_of_the_demo(
    demo: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("pandas")
    shutil.unpack_archive(demo[0] / "published" / "tables" / "tables.zip", tmp_path / "tables")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in json.loads(_text(ROOT / "docs" / "tables.ipynb"))["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []  # they would say what is true no more
            exec("".join(cell["source"]), names)
    assert names["counted"]["statements"][0] < names["counted"]["facts"][0]
    assert len(names["members"]) > 3 and len(names["cited"]) > 20 and len(names["differing"]) == 0
    assert names["money"]["yuan"].sum() > 180_000


def test_a_release_needs_its_version_in_all_places(tmp_path: Path) -> None:
    for name in (".ci/release", "pyproject.toml", "CITATION.cff", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for words in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@a.example", "commit", "--quiet", "-mx"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    done = subprocess.run(
        [tmp_path / ".ci/release", "9.9.9", sys.executable], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and done.stderr == 'Set version = "9.9.9" in pyproject.toml.\n'
    assert not (tmp_path / "dist").exists()


def test_the_hooks_run_what_make_check_runs() -> None:
    recipe = _text(ROOT / "Makefile").split("\ncheck:")[1].split("\n\n")[0]
    commands = [line.strip().replace("$(VENV)", ".venv") for line in recipe.splitlines()[1:]]
    assert re.findall(r"entry: (.+)", _text(ROOT / ".pre-commit-config.yaml")) == commands
