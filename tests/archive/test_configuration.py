"""dangqun.toml: what it says, what is refused with a sentence, and that only the entry meant is changed."""

from pathlib import Path

import pytest

from archive.configuration import (
    FILE,
    Configuration,
    ConfigurationError,
    configuration,
    mark_as_demo,
    set_enabled,
)


def test_nothing_is_enabled_at_first(tmp_path: Path) -> None:
    assert configuration(tmp_path / "none") == Configuration("", [])


def test_the_file_that_is_made_says_what_may_stand_in_it(tmp_path: Path) -> None:
    set_enabled(tmp_path / "data", ["b-site", "a-site", "b-site"])
    assert configuration(tmp_path / "data").enabled_sites == ["b-site", "a-site"]
    written = (tmp_path / "data" / FILE).read_text("utf-8")
    (tmp_path / "data" / FILE).write_text(written.replace("# contact", "contact").replace("# site", "site"))
    assert configuration(tmp_path / "data").contact == "you@your.example"
    assert configuration(tmp_path / "data").site == "https://archive.your.example"
    assert [path.name for path in (tmp_path / "data").iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('contact = "a@b.example" # ours', 'contact = "a@b.example" # ours\nenabled_sites = ["one"]\n'),
        ('# 说明\nenabled_sites = [\n  "two",\n]\n# end', '# 说明\nenabled_sites = ["one"]\n# end'),
        ("# [later]\n", 'enabled_sites = ["one"]\n# [later]\n'),
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
    assert configuration(tmp_path).demo


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
        (b"contact = 7", "write the contact as"),
        (b"site = 7", "write the site as"),
        (b'site = "archive.example"', "dangqun.toml: The address of the site is a scheme and a host"),
        (b'demo = "yes"', "write demo as"),
        (b"metrics = 1", "write metrics as"),
        (b'enabled_sites = "one"', "write the sites as"),
        (b"enabled_sites = [1]", "write the sites as"),
        (b'contcat = "a@b.example"', "there is no entry 'contcat'. The entries are: contact, enabled_sites, site"),
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
    assert configuration(tmp_path) == Configuration("a@b.example", ["one"])
