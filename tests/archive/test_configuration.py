"""What the operator decides: what dangqun.toml and the environment say, what is refused with a sentence, and that only the entry meant is
changed."""

import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support import ROOT

from archive.configuration import (
    FILE,
    ConfigurationError,
    configuration,
    defaults_of_commands,
    mark_as_demo,
    set_enabled,
    write_commented,
)
from archive.entries import ENTRIES, documented
from crawler.cli import main
from crawler.discovery.sites import settings_for


def _written(folder: Path) -> dict[str, object]:
    """The entries of an archive that are not the defaults."""
    return {name: value for name, value in configuration(folder).items() if value != ENTRIES[name].default}


def test_a_new_file_explains_every_entry_and_sets_none(tmp_path: Path) -> None:
    path = write_commented(tmp_path / "data")
    assert _written(tmp_path / "data") == {}
    text = path.read_text("utf-8")
    path.write_text(text.replace("\n# ", "\n").replace("\n[", "\n["), "utf-8")
    for entry in ENTRIES.values():
        assert f"# {entry.help}\n" in text
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("[")]
    path.write_text("\n".join(lines), "utf-8")  # its examples are right
    assert configuration(tmp_path / "data")["contact"] == "you@your.example"
    with pytest.raises(ConfigurationError, match="exists already and was not changed"):
        write_commented(tmp_path / "data")


def test_sites_are_enabled_in_a_new_file(tmp_path: Path) -> None:
    set_enabled(tmp_path / "data", ["b-site", "a-site", "b-site"])
    assert _written(tmp_path / "data") == {"enabled_sites": ["b-site", "a-site"]}
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('contact = "a@b.example" # ours', 'contact = "a@b.example" # ours\nenabled_sites = ["one"]\n'),
        ('# 说明\nenabled_sites = [\n  "two",\n]\n# end', '# 说明\nenabled_sites = ["one"]\n# end'),
        ("# [later]\n", 'enabled_sites = ["one"]\n# [later]\n'),
        ("[serve]\nport = 80", 'enabled_sites = ["one"]\n[serve]\nport = 80'),
    ],
)
def test_the_rest_of_the_file_stays(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(before, "utf-8")
    set_enabled(tmp_path, ["one"])
    assert (tmp_path / FILE).read_text("utf-8") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "# Everything in this archive is invented. The site says so on every page.\ndemo = true\n"),
        ('contact = "a@b.example"\ndemo = false\n', 'contact = "a@b.example"\ndemo = true\n'),
        ("demo=true", "demo=true"),
    ],
)
def test_a_demonstration_is_marked_once(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(before, "utf-8")
    mark_as_demo(tmp_path)
    assert (tmp_path / FILE).read_text("utf-8") == after
    assert configuration(tmp_path)["demo"]


def test_an_entry_that_cannot_be_changed_safely_is_left_to_its_writer(tmp_path: Path) -> None:
    odd = 'enabled_sites = ["two", # ] \n]\n'
    (tmp_path / FILE).write_text(odd)
    with pytest.raises(ConfigurationError, match=r'Write into it: enabled_sites = \["one"\]'):
        set_enabled(tmp_path, ["one"])
    assert (tmp_path / FILE).read_text() == odd


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (b"contact = you@your.example", "is not as TOML is written: .*line 1"),
        (b"contact = 7", "contact is '7'. Allowed is an e-mail address or a web address"),
        (b'site = "archive.example"', "dangqun.toml: site is 'archive.example'. Allowed is a scheme and a host"),
        (b'demo = "yes"', "demo is 'yes'. Allowed is true or false"),
        (b'enabled_sites = "one"', "Allowed is a list of texts"),
        (b"enabled_sites = [1]", "Allowed is a list of texts"),
        (b"[serve]\nport = 70000", "serve.port is '70000'. Allowed is a whole number from 0 to 65535"),
        (b"[serve]\nport = true", "serve.port is 'True'"),
        (b'[serve]\nproxy = ["0.0.0.0/0"]', "each an address or a network, as 127.0.0.1"),
        (b"[crawl]\ndelay = 0", "a number from 1 to 3600"),
        (b'[crawl]\nhours = "25-3"', "two hours of the day, as 22-6"),
        (b'[crawl]\nintervals = ["ytxww"]', "each SITE=HOURS with HOURS more than 0 and at most 8760"),
        (b'[crawl]\nintervals = ["ytxww=0"]', "crawl.intervals is 'ytxww=0'. Allowed is .* more than 0"),
        (b'[crawl]\nintervals = ["ytxww=nan"]', "SITE=HOURS"),
        (b'[crawl]\nintervals = ["ytxww=12", "ytxww=24"]', "is 'ytxww=12 ytxww=24'. Allowed is .* each site once"),
        (b'plugins = "."', "plugins is '.'. Allowed is the path of a folder for plug-ins alone"),
        (b'plugins = "../.."', "a folder for plug-ins alone"),
        (b'plugins = "own/../warc/x"', "a folder for plug-ins alone"),
        (b'[pages]\naccent = "#ffff00"', "dark enough for white text"),
        (b'[pages]\nlanguage = "fr"', "zh-Hans or en"),
        (b'[pages]\ntitle_en = "a\\nb"', "Allowed is a text on one line"),
        (b'[alerts.send]\nsender = "a@b.example\\u2028"', "Allowed is a text on one line"),
        (b"[serve]\nporrt = 1", "there is no entry 'serve.porrt'. The nearest is 'serve.port'"),
        (b"serve = 1", "there is no entry 'serve'"),
        ("contact = '新闻'".encode("gbk"), "not in UTF-8"),
    ],
)
def test_a_wrong_file_is_a_sentence(written: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(written)
    with pytest.raises(ConfigurationError, match=message):
        configuration(tmp_path)


def test_what_is_no_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        configuration(tmp_path)


def test_saved_by_an_editor_with_a_mark_and_foreign_line_ends(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b'\xef\xbb\xbfcontact = "a@b.example"\r\nenabled_sites = []\r\n')
    set_enabled(tmp_path, ["one"])
    assert _written(tmp_path) == {"contact": "a@b.example", "enabled_sites": ["one"]}


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_text('[serve]\nport = 81\nworkers = 2\n[crawl]\nhours = "1-2"\ndelay = 5\n')
    monkeypatch.setenv("DANGQUN_SERVE_PORT", "82")
    monkeypatch.setenv("DANGQUN_SERVE_PROXY", "127.0.0.1 10.1.2.0/24")
    monkeypatch.setenv("DANGQUN_SERVE_SQL", "off")
    shown = CliRunner().invoke(main, ["--archive", str(tmp_path), "config", "show"]).stdout
    assert "port = 82  # DANGQUN_SERVE_PORT\n" in shown and f"workers = 2  # {tmp_path / FILE}\n" in shown
    assert tomllib.loads(shown)["serve"] == {
        "host": "127.0.0.1", "port": 82, "workers": 2, "sql": False, "full_texts": False, "metrics": False,
        "proxy": ["127.0.0.1/32", "10.1.2.0/24"], "rate_limit": True,
    }  # fmt: skip
    settings = settings_for(tmp_path)
    assert settings["DOWNLOAD_DELAY"] == 5
    assert settings["AUTOTHROTTLE_MAX_DELAY"] >= ENTRIES["crawl.delay"].most  # the longest delay holds
    for name in ("DANGQUN_SERVE_PORT", "DANGQUN_PAGES_LANGUAGE"):
        monkeypatch.setenv(name, "wrong")
    done = CliRunner().invoke(main, ["--archive", str(tmp_path), "config", "check"])
    assert done.exit_code == 1 and "DANGQUN_SERVE_PORT: serve.port is" in done.stderr
    assert "DANGQUN_PAGES_LANGUAGE: pages.language is" in done.stderr


def test_an_option_goes_before_the_environment_and_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_text('site = "https://One.example/"\n[serve]\nport = 81\nsql = false\nproxy = ["::1"]\n')
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None

    def parsed(*words: str) -> dict[str, object]:
        file = defaults_of_commands(tmp_path)["serve"]
        context = serve.make_context("serve", [*words], auto_envvar_prefix="DANGQUN_SERVE", default_map=file)
        return {name: context.params[name] for name in ("site", "port", "sql", "proxy")}

    assert parsed() == {"site": "https://one.example", "port": 81, "sql": False, "proxy": ("::1/128",)}
    monkeypatch.setenv("DANGQUN_SERVE_PORT", "82")
    assert parsed("--sql", "--proxy", "10.0.0.1") == {
        "site": "https://one.example", "port": 82, "sql": True, "proxy": ("10.0.0.1/32",)
    }  # fmt: skip
    assert parsed("--port", "83")["port"] == 83


def test_every_entry_of_a_command_is_an_option_of_it() -> None:
    for entry in ENTRIES.values():
        for path in entry.commands:
            command: click.Command | None = main
            for word in path.split("."):
                assert isinstance(command, click.Group)
                command = command.get_command(click.Context(command), word)
            assert command is not None and entry.key in {option.name for option in command.params}, (entry, path)


def test_the_documentation_has_the_table() -> None:
    command = (
        "Put this into docs/configuration.md: python -c 'from archive.entries import documented; print(documented())'"
    )
    assert documented() in (ROOT / "docs" / "configuration.md").read_text("utf-8"), command
