"""Pages that somebody saved: where they came from, and when."""

import base64
import json
import os
import quopri
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import page

from archive.captures.saved import moment, saved, snapshot
from archive.pipeline.verify import verify
from archive.storage.store import open_for_reading
from crawler.cli import main

URL = "http://news.example/2021/06/28/art_9.html"
TEXT = "望潭区柳岸街道芦湾社区党群服务站揭牌，芦湾社区现有在册党员52名，居民913户。大家来借书，也来交水费，都说离家近。"
HTML = page("芦湾社区党群服务站揭牌", TEXT, TEXT[::-1])
AT = datetime(2021, 6, 28, 8, 5, 12, tzinfo=UTC)
SINGLE = "<!DOCTYPE html> <html lang=zh><!--\n Page saved with SingleFile{} \n url: {} \n saved date: Mon Jun 28 2021 16:05:12 GMT+0800 ({})\n-->"


def _with(comment: str) -> str:
    """The page with a comment where programs put it."""
    return HTML.replace("<html>", f"<!DOCTYPE html>\n{comment}\n<html>")


@pytest.mark.parametrize(
    ("html", "at"),
    [
        (_with(f"<!-- saved from url=({len(URL):04}){URL} -->"), None),
        (_with(f"<!-- saved from url=({len(URL):04}){URL}#top -->").replace("\n", "\r\n"), None),
        (HTML.replace("<html>", SINGLE.format("", URL, "中国标准时间")), AT),
        (HTML.replace("<html>", SINGLE.format("Z", URL, "China Standard Time")), AT),
        (HTML.replace("<html>", SINGLE.format("", URL, "CST").replace("\n", " ")), AT),
        (f"<!-- Saved from {URL} at 2021-06-28T08:05:12Z using monolith v2.8.1 -->\n{HTML}", AT),
        (_with(f"<!-- Mirrored from {URL[7:]} by HTTrack Website Copier/3.x [XR&CO'2014], Mon, 28 Jun 2021 08:05:12 GMT -->"), AT),
        (_with("<!-- saved from url=(0014)about:internet -->"), ""),
        (_with("<!-- saved from url=(0022)file:///C:/Users/a.html -->"), ""),
        (HTML, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["utf-8", "gbk", "utf-16"])
def test_pages_that_say_where_they_come_from(html: str, at: datetime | str | None, coding: str) -> None:
    found = saved("page.html", html.encode(coding))
    assert (found.url, found.at) == (("", None) if at == "" else (URL, at))
    assert found.body == html.encode(coding)


def _mhtml(html: bytes, transfer: str = "quoted-printable", **changed: str) -> bytes:
    """A file as Chromium writes it; headers may be changed, and left out with an empty value."""
    headers = {
        "From": "<Saved by Blink>", "Snapshot-Content-Location": URL, "Subject": "=?utf-8?Q?=E8=8A=A6?=",
        "Date": "Mon, 28 Jun 2021 08:05:12 -0000", "MIME-Version": "1.0",
        "Content-Type": 'multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----Boundary--x----"',
    } | {name.replace("_", "-"): value for name, value in changed.items()}  # fmt: skip
    packed = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(transfer, bytes)(html)
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value).encode() + (
        b"\r\n\r\n------Boundary--x----\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
        b"Content-Transfer-Encoding: %s\r\nContent-Location: %s\r\n\r\n%s\r\n"
        b"------Boundary--x----\r\nContent-Type: text/html\r\nContent-Location: http://ads.example/\r\n\r\n<p>frame\r\n"
        b"------Boundary--x------\r\n" % (transfer.encode(), URL.encode(), packed)
    )


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64", "8bit", "binary"])
@pytest.mark.parametrize("coding", ["utf-8", "gbk"])
def test_mhtml(transfer: str, coding: str) -> None:
    found = saved("page.MHTML", _mhtml(HTML.encode(coding), transfer))
    assert (found.url, found.at, found.content_type) == (URL, AT, "text/html")
    assert found.body.decode(coding).strip() == HTML


@pytest.mark.parametrize(
    "changed",
    [
        {"Snapshot_Content_Location": ""},  # Internet Explorer
        {"Snapshot_Content_Location": f"{URL[:20]}\r\n {URL[20:]}"},  # folded
        {"Snapshot_Content_Location": f"=?utf-8?Q?{URL.replace('_', '=5F')}?="},
        {"Snapshot_Content_Location": "", "Content_Location": URL},
    ],
)
def test_addresses_of_mhtml(changed: dict[str, str]) -> None:
    assert saved("a.mht.gz", _mhtml(HTML.encode(), **changed)).url == URL


def test_mhtml_of_one_part_and_none() -> None:
    alone = (
        b"Content-Type: text/html; charset=gb2312\r\nContent-Location: "
        + URL.encode()
        + b"\r\n\r\n"
        + HTML.encode("gbk")
    )
    found = saved("a.mht", alone)
    assert (found.url, found.at, found.content_type) == (URL, None, "text/html; charset=gb2312")
    assert saved("a.mht", _mhtml(HTML.encode())[:-900]).url == URL  # cut off
    for nothing in (b"", b"hello", b"\xff\x00" * 99, b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"):
        with pytest.raises(ValueError, match=r"a\.mht holds no page"):
            saved("a.mht", nothing)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "0001-01-01T00:00:00+14:00",
        "1969-12-31",
        "2999-01-01",
        "9999-12-31T23:59:59-12:00",
        "Mon, 99 Foo 2021",
    ],
)
def test_what_is_no_time_of_saving(written: str) -> None:
    assert moment(written) is None


def test_mhtml_made_to_take_long() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(1200))
    for hostile in (nested, b"Content-Type: message/rfc822\r\n\r\n" * 1200):
        with pytest.raises(ValueError, match=r"a\.mht (holds no page|cannot be read)"):
            saved("a.mht", hostile)
    for header in (b"Content-Location: " + b"=?utf-8?Q?" * 20_000, b"Content-Type: text/html; " + b"a=b;" * 20_000):
        assert saved("a.mht", b"Content-Type: text/html\r\n" + header + b"\r\n\r\n<p>").body == b"<p>"


@pytest.mark.parametrize("kind", [LookupError, RecursionError, AttributeError])
def test_mhtml_at_which_the_parser_fails(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(content: bytes, policy: object) -> None:
        raise kind("of no use")

    monkeypatch.setattr("archive.captures.saved.message_from_bytes", failing)
    with pytest.raises(ValueError, match=r"a\.mht cannot be read: of no use"):
        saved("a.mht", b"")


def test_saved_pages_of_an_address_or_name_that_is_none(tmp_path: Path) -> None:
    """They are listed, and what is beside them is taken."""
    pages = tmp_path / "pages"
    pages.mkdir()
    refused = {
        "1": "http://a.example:99999/",
        "2": "http://amy:secret@a.example/",
        "3": f"http://a.example/{'a' * 9000}",
    }
    for name, url in refused.items():
        (pages / f"{name}.mhtml").write_bytes(_mhtml(HTML.encode(), Snapshot_Content_Location=url))
    Path(os.fsdecode(os.fsencode(pages) + b"/\xe5.mhtml")).write_bytes(b"")
    (pages / "good.mhtml").write_bytes(_mhtml(HTML.encode()))
    done = CliRunner().invoke(main, ["--archive", str(tmp_path / "data"), "import", "--no-publish", str(pages)])
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit), done.output
    assert "5 pages: 1 new article," in done.output
    assert "1 address_too_long, 1 address_with_credentials, 1 no_address, 1 unreadable" in " ".join(done.output.split())


def test_a_saved_page_is_read_as_of_its_address(tmp_path: Path) -> None:
    path = tmp_path / "a.mhtml"
    path.write_bytes(_mhtml(HTML.encode()))
    line = json.loads(CliRunner().invoke(main, ["read", str(path)]).stdout)
    assert (line["url"], line["title"]) == (URL, "芦湾社区党群服务站揭牌")


def _box(folder: Path, **changed: object) -> Path:
    """A folder as ArchiveBox keeps it."""
    run = {"status": "succeeded", "start_ts": "2021-06-28T08:05:12+00:00"}
    history = {"dom": [run | {"output": "output.html"}], "singlefile": [run | {"output": "singlefile.html"}]}
    row = {"url": URL, "timestamp": "1624867000.5", "title": "芦湾", "history": history, **changed}
    (folder / "readability").mkdir(parents=True)
    for name in ("index.html", "readability/content.html", "output.html", "singlefile.html"):
        (folder / name).write_text(HTML, "utf-8")
    (folder / "index.json").write_text(json.dumps(row), "utf-8")
    return folder


def test_folders_of_archivebox(tmp_path: Path) -> None:
    folder = _box(tmp_path / "1624867000")
    found = snapshot(folder)
    assert found and (found.url, found.at, found.warcs, found.page) == (URL, AT, (), folder / "output.html")
    (folder / "output.html").unlink()
    (folder / "warc").mkdir()
    (folder / "warc" / "1624867000.warc.gz").write_bytes(b"")
    found = snapshot(folder)
    assert found and (found.page, found.at) == (folder / "singlefile.html", AT)
    assert [path.name for path in found.warcs] == ["1624867000.warc.gz"]


@pytest.mark.parametrize("output", ["../../secret.html", "/etc/passwd", "news.example/9.html", None, 3, "a\0.html"])
def test_an_index_leads_to_no_file_elsewhere(tmp_path: Path, output: object) -> None:
    (tmp_path / "secret.html").write_text(HTML)
    folder = _box(tmp_path / "box" / "1", history={"wget": [{"status": "succeeded", "output": output}]})
    (folder / "output.html").unlink()
    (folder / "singlefile.html").unlink()
    (folder / "news.example").mkdir()
    (folder / "news.example" / "9.html").write_text(HTML)
    found = snapshot(folder)
    assert found and found.page == (folder / "news.example/9.html" if output == "news.example/9.html" else None)
    assert found.at == datetime.fromtimestamp(1624867000.5, UTC)


@pytest.mark.parametrize("index", ["[]", "{}", '{"url": 1}', '{"url": "http://a.example/"}', "{", "[" * 9999])
def test_other_folders_with_an_index(tmp_path: Path, index: str) -> None:
    (tmp_path / "index.json").write_text(index)
    assert snapshot(tmp_path) is None


def test_import_marks_them_as_supplied(tmp_path: Path) -> None:
    """Files of all forms in one folder; what lies beside a saved page is no page."""
    pages, data = tmp_path / "pages", tmp_path / "data"
    box = _box(pages / "box" / "1624867000", url=URL.replace("9", "4"))
    numbered = [HTML.replace("913", str(913 + number)) for number in range(4)]
    (box / "output.html").write_text(numbered[0], "utf-8")
    (pages / "1.html").write_text(f"<!-- saved from url=(0041){URL}?1 -->\n{numbered[1]}", "utf-8")
    os.utime(pages / "1.html", (AT.timestamp(), AT.timestamp()))
    (pages / "1_files").mkdir()
    (pages / "1_files" / "saved_resource.html").write_text(HTML)
    (pages / "2.mhtml").write_bytes(_mhtml(numbered[2].encode()))
    (pages / "3.html").write_text(numbered[3], "utf-8")
    done = CliRunner().invoke(main, ["--archive", str(data), "import", "--no-publish", str(pages)])
    assert done.exit_code == 0, done.output
    assert "4 pages: 4 new articles" in done.output
    with open_for_reading(data) as archive:
        assert list(verify(archive)) == []
        rows = archive.connection.execute("select url, fetched_at, source from captures order by source").fetchall()
    assert [row[2] for row in rows] == [
        "1.html (address and time as supplied)", "2.mhtml (address and time as supplied)", "3.html",
        "output.html (address and time as supplied)",
    ]  # fmt: skip
    assert [row[0] for row in rows if not row[0].startswith("urn:")] == [f"{URL}?1", URL, URL.replace("9", "4")]
    assert [row[1] for row in rows if not row[0].startswith("urn:")] == ["2021-06-28T08:05:12Z"] * 3
