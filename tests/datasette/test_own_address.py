"""Addresses of the site begin with the operator's, whatever Host a stranger sends; and the server imports nothing from the
folder in which it was started."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from datasette.app import Datasette
from serving import running
from support import ROOT, free_ports

from archive.entries import site_address
from crawler.cli import main

FORGED = [
    "evil.example",
    'evil.example"><script>',
    "evil.example:99999",
    "user@evil.example",
    "evil.example/path?x=",
    "",
]
PASSED_ON = [
    "/feed/facts.atom",
    "/feed/publications.atom",
    "/feed/search.atom?q=党员",
    "/robots.txt",
    "/sitemap.xml",
    "/llms.txt",
    "/openapi.json",
    "/archive.md",
    "/data",
]
SHOWN = [
    "/", "/search.json", "/archive/articles", "/archive/facts.json?_size=1&_facet=type&_extra=request", "/archive/articles.json?_size=1",
    "/archive/-/query?sql=select+1", "/archive/articles.csv?_labels=on", "/archive/money_by_year.xlsx", "/-/login", "/nowhere",
]  # fmt: skip
# What an interpreter, uvicorn or one of its processes might import by these names, were the folder looked at.
PLANTED = [
    "mcp",
    "uvicorn",
    "datasette",
    "application",
    "h11",
    "json",
    "archive",
    "sitecustomize",
    "usercustomize",
    "yaml",
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with modules that leave a mark where they are imported."""
    folder = tmp_path_factory.mktemp("planted")
    for name in PLANTED:
        (folder / f"{name}.py").write_text(f"open({str(folder / 'imported')!r}, 'a').write({name!r})")
    return folder


@pytest.fixture(scope="module")
def configured(demo: tuple[Path, str], planted: Path) -> Iterator[str]:
    """The site with an address of its own, served from that folder."""
    port = free_ports(1)
    command = [sys.executable, "-P", "-m", "crawler.cli", "--archive", str(demo[0]), "serve", "--port", str(port)]
    command += ["--no-rate-limit", "--workers", "2", "--site", "https://Archive.example"]
    ours = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
    with running(command, port, cwd=planted, environment={"PYTHONPATH": ours}) as (address, _):
        yield address


def test_nothing_is_imported_from_where_it_is_started(configured: str, planted: Path) -> None:
    assert requests.get(configured, timeout=60).status_code == 200
    assert not (planted / "imported").exists()


@pytest.mark.parametrize("path", [*PASSED_ON, *SHOWN])
def test_no_answer_takes_up_the_host_header(configured: str, path: str) -> None:
    for host in FORGED:
        answer = requests.get(configured + path, headers={"Host": host}, allow_redirects=False, timeout=60)
        assert answer.status_code in (200, 400, 404)
        assert "evil" not in answer.text + str(answer.headers), host
        if path in PASSED_ON and answer.status_code == 200:
            assert "https://archive.example" in answer.text and configured.partition("//")[2] not in answer.text


def test_citations_name_the_address(configured: str) -> None:
    fact = requests.get(f"{configured}/search.json?kind=facts", timeout=60).json()["rows"][0]["evidence"]
    for form in ("", ".txt", ".bib", ".json"):
        cited = requests.get(f"{configured}/fact/{fact}{form}", headers={"Host": "evil.example"}, timeout=60).text
        assert f"https://archive.example/fact/{fact}" in cited and "evil" not in cited


async def test_without_an_address_it_is_the_one_that_listens(demo_site: Datasette) -> None:
    fact = (await demo_site.client.get("/search.json?kind=facts")).json()["rows"][0]["evidence"]
    for path in (*PASSED_ON, f"/fact/{fact}", f"/fact/{fact}.bib"):
        for host in FORGED:
            answer = await demo_site.client.get(path, headers={"host": host})
            assert answer.status_code == 200 and "evil" not in answer.text
            assert "http://localhost" in answer.text


async def test_without_an_address_a_reader_goes_on_where_he_came_in(demo_site: Datasette) -> None:
    page = await demo_site.client.get("/archive/facts?_facet=type", headers={"host": "tunnel.example:9000"})
    assert "http://tunnel.example:9000/archive/facts?" in page.text
    assert "no-cache" in page.headers["cache-control"] or "private" in page.headers["cache-control"]


@pytest.mark.parametrize(
    ("written", "address"),
    [("https://Archive.example/", "https://archive.example"), ("http://[::1]:8001", "http://[::1]:8001"),
     ("http://a.example:80", "http://a.example"), ("https://档案.example", "https://xn--dyv4b.example")],
)  # fmt: skip
def test_an_address_is_written_in_one_way(written: str, address: str) -> None:
    assert site_address(written) == address


@pytest.mark.parametrize(
    "wrong",
    ["archive.example", "https://a.example/archive", "https://a.example/?x", "https://me:secret@a.example", "ftp://a.example",
     "https://a.example/#x", "https://a.example:99999", 'https://a.example"><script>', "https://"],
)  # fmt: skip
def test_what_is_no_address_is_refused(wrong: str, demo: tuple[Path, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the address of a site"):
        site_address(wrong)
    done = CliRunner().invoke(main, ["--archive", str(demo[0]), "serve", "--site", wrong])
    assert done.exit_code == 2 and "a scheme and a host" in done.output
