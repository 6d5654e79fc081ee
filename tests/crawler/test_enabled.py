"""Only what the operator enabled is crawled without being named, and nothing beyond this machine without a contact."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from crawling import crawled
from support import ROOT, dangqun
from web import web

from archive.configuration import FILE, configuration, set_enabled
from archive.errors import ArchiveError
from archive.web.outgoing import is_loopback
from crawler.cli import main
from crawler.discovery.sites import settings_for
from crawler.identity import check_agent, contact_of
from crawler.sample.server import SampleSite, serve

REAL = "ytxww"


@pytest.fixture
def site(sample_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleSite]:
    """The sample outlets, served for one test."""
    monkeypatch.setattr("crawler.sample.FIRST_PORT", int(sample_environment["DANGQUN_SAMPLE_PORT"]))
    with serve() as running:
        yield running


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DANGQUN_CONTACT", "DANGQUN_USER_AGENT"):
        monkeypatch.delenv(name, raising=False)


def _ran(folder: Path, *command: str) -> Result:
    return CliRunner().invoke(main, ["--archive", str(folder), *command])


def test_the_status_of_no_archive_is_one_error(tmp_path: Path) -> None:
    shown = _ran(tmp_path / "none", "status")
    assert shown.exit_code == 1 and "There is no archive" in shown.output and "No site is enabled" not in shown.output


def _output(done: Result) -> str:
    return " ".join(done.output.split())


def test_refresh_crawls_what_is_enabled(sample_environment: dict[str, str], tmp_path: Path, site: SampleSite) -> None:
    folder = tmp_path / "data"

    def run(*command: str) -> str:
        done = dangqun("--archive", str(folder), *command, environment=sample_environment)
        assert done.returncode == 0, done.stderr
        return " ".join(done.stderr.split())

    assert "dangqun sites enable NAME" in run("refresh")
    assert not folder.exists()
    assert "crawls: sample-mirror" in run("sites", "enable", "sample-mirror")
    run("refresh", "--no-publish")
    assert {name for name, _ in site.log} == {"mirror"}
    assert "crawls: nothing" in run("sites", "disable", "sample-mirror", "sample-city")
    site.log.clear()
    assert "No site is enabled" in run("refresh", "--no-publish")
    assert site.log == []
    shown = dangqun("--archive", str(folder), "status", "--json", environment=sample_environment).stdout
    assert [(row["site"], row["next"], row["why"]) for row in map(json.loads, shown.splitlines())] == [
        ("sample-mirror", None, "not enabled")
    ]
    run("crawl", "--no-publish", "sample-city")  # is named, and needs neither
    assert site.log


def test_the_list_says_which_sites_are_enabled(tmp_path: Path) -> None:
    set_enabled(tmp_path, [REAL])
    lines = [line.split("\t") for line in _ran(tmp_path, "sites").output.splitlines()]
    assert [line[0] for line in lines if line[-1] == "enabled"] == [REAL]


@pytest.mark.parametrize("command", ["refresh", "schedule"])
def test_a_site_that_is_named_and_not_enabled(command: str, tmp_path: Path) -> None:
    done = _ran(tmp_path, command, "sample-city")
    assert done.exit_code == 1 and "dangqun sites enable sample-city" in _output(done)


@pytest.mark.parametrize("command", ["enable", "disable"])
def test_sites_that_nobody_described_are_not_enabled(command: str, tmp_path: Path) -> None:
    done = _ran(tmp_path / "data", "sites", command, REAL, "no-such-site")
    assert done.exit_code == 2 and "Unknown site no-such-site. The known sites are:" in done.output
    assert not (tmp_path / "data").exists()


def test_a_site_whose_description_is_gone_can_be_taken_out(tmp_path: Path) -> None:
    set_enabled(tmp_path, ["sample-city", "gone"])
    for command in ("refresh", "schedule", "status"):
        done = _ran(tmp_path, command)
        assert done.exit_code == 1 and "enables gone, which nobody has described" in _output(done)
    assert _ran(tmp_path, "sites", "disable", "gone").exit_code == 0
    assert configuration(tmp_path)["enabled_sites"] == ["sample-city"]


def test_the_check_of_the_configuration_names_such_a_site(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('enabled_sites = ["sample-city", "gone"]')
    for command, output in ((["config", "check"], "stderr"), (["doctor"], "stdout")):
        done = dangqun("--archive", str(tmp_path), *command, environment={"PYTHONPATH": str(ROOT)})
        assert done.returncode == 1
        assert "enables gone, which nobody has described" in " ".join(getattr(done, output).split())


def test_the_environment_stays_out_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_enabled(tmp_path, [REAL, "sample-city"])
    monkeypatch.setenv("DANGQUN_ENABLED_SITES", f"{REAL} sample-mirror")
    done = _ran(tmp_path, "sites", "disable", REAL)
    assert done.exit_code == 0 and "DANGQUN_ENABLED_SITES decides that" in _output(done)
    monkeypatch.delenv("DANGQUN_ENABLED_SITES")
    assert configuration(tmp_path)["enabled_sites"] == ["sample-city"]


@pytest.mark.parametrize("command", ["sites", "refresh", "schedule", "status", "crawl sample-city", "publish"])
def test_a_wrong_file_ends_every_command_with_a_sentence(command: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("enabled_sites = ytxww")
    done = _ran(tmp_path, *command.split())
    assert done.exit_code == 1
    assert "is not as TOML is written" in _output(done)


def test_what_is_wrong_with_the_configuration_can_be_looked_at(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT)}
    (tmp_path / FILE).write_text('plugins = "gone"')
    assert _ran(tmp_path, "config", "show").exit_code == 0
    checked, seen = (
        dangqun("--archive", str(tmp_path), *command, environment=environment)
        for command in (["config", "check"], ["doctor"])
    )
    assert checked.returncode == 1 and "There is no folder of plug-ins" in checked.stderr
    assert seen.returncode == 1 and "configuration There is no folder of plug-ins" in seen.stdout


# Who we are


@pytest.mark.parametrize(
    "command",
    [
        f"crawl {REAL}", f"crawl sample-city {REAL}", "refresh", "schedule", "crawl http://news.example/",
        "crawl --loopback http://news.example/", "sites new http://news.example/list/",
    ],
)  # fmt: skip
def test_nothing_is_fetched_while_no_contact_is_set(command: str, tmp_path: Path) -> None:
    set_enabled(tmp_path, [REAL])
    done = _ran(tmp_path, *command.split())
    assert done.exit_code == 1
    assert "No contact is set" in _output(done) and str(tmp_path / FILE) in done.output.replace("\n", "")
    assert not (tmp_path / "warc").exists()


@pytest.mark.parametrize("own", [{}, {"user_agent": "dangqun-archive/1"}])
def test_a_crawl_by_scrapy_itself_needs_a_contact_too(own: dict[str, str], tmp_path: Path) -> None:
    """A crawl that no command of ours began, of a site that claims to be on this machine and leads away from it."""
    if own:  # the contact of the settings is not sent
        (tmp_path / FILE).write_text('contact = "desk@archive.example"')
    done = crawled(tmp_path, {"home": "http://192.0.2.1/", "lists": ["/"], "article": "/a", **own})
    assert done["scope/no_contact"] == 1 and done["outcome"] == "unanswered"
    assert done["stderr"].count("No contact is set") == 1
    (tmp_path / FILE).write_text('contact = "desk@archive.example"')
    with web({"/": "<html></html>"}) as site:
        crawled(tmp_path, {"home": site.address, "lists": ["/"], "article": "/a"})
        assert site.log[-1].headers["user-agent"].endswith("(contact: desk@archive.example)")


def _agent(folder: Path) -> str:
    return settings_for(folder)["USER_AGENT"]


def test_where_the_contact_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert contact_of(_agent(tmp_path)) == ""
    (tmp_path / FILE).write_text('contact = "file@archive.example"')
    assert contact_of(_agent(tmp_path)) == "file@archive.example"
    monkeypatch.setenv("DANGQUN_CONTACT", "https://archive.example/bot")
    assert contact_of(_agent(tmp_path)) == "https://archive.example/bot"
    monkeypatch.setenv("DANGQUN_USER_AGENT", "dangqun-archive/1 (a university)")
    assert _agent(tmp_path) == "dangqun-archive/1 (a university) (contact: https://archive.example/bot)"
    monkeypatch.setenv("DANGQUN_USER_AGENT", "dangqun-archive/1 (contact: the library, room 7)")
    assert contact_of(_agent(tmp_path)) == "the library, room 7"


@pytest.mark.parametrize(
    "contact", ["me", "新闻@archive.example", "a@b.example\nX-Other: 1", "a@b.example)", "ftp://x/"]
)
def test_a_contact_that_is_none(contact: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGQUN_CONTACT", contact)
    with pytest.raises(
        ArchiveError, match=r"DANGQUN_CONTACT: contact is .* Allowed is an e-mail address or a web address"
    ):
        settings_for(tmp_path)


@pytest.mark.parametrize(
    "agent",
    ["Mozilla/5.0", "dangqun/1 (a@b.example)", "dangqun-archiver/1", "the-dangqun-archive/1", "dangqun_archive"],
)
def test_an_agent_without_our_token_is_refused(agent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DANGQUN_USER_AGENT", agent)
    done = _ran(tmp_path, "crawl", REAL)
    assert done.exit_code == 1 and "lacks `dangqun-archive`" in _output(done)


def test_agents_that_hold_it() -> None:
    check_agent("Mozilla/5.0 (compatible; Dangqun-Archive/0.2; +https://archive.example/bot)")
    with pytest.raises(ArchiveError, match="on one line"):
        check_agent("dangqun-archive/1\r\nX-Other: 1")


@pytest.mark.parametrize("setting", ['custom_settings = {"USER_AGENT": "Mozilla/5.0"}', 'user_agent = "Mozilla/5.0"'])
def test_a_site_cannot_call_us_otherwise(setting: str, tmp_path: Path) -> None:
    (tmp_path / "our_sites.py").write_text(
        "from spiders.sites.sample import SampleCity\n\n\nclass Ours(SampleCity):\n"
        f'    name = "ours"\n    home = "http://127.0.0.1:9/"\n    {setting}\n'
    )
    environment = {"DANGQUN_SITES": "our_sites", "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = dangqun("--archive", str(tmp_path / "data"), "crawl", "ours", environment=environment)
    assert done.returncode == 1 and "The User-Agent 'Mozilla/5.0' lacks" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_this_machine() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost", "a.localhost")))
    assert not any(map(is_loopback, ("10.0.0.1", "192.168.1.1", "0.0.0.0", "localhost.example", "", "2130706433")))
