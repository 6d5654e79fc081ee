"""What people try first, or mistype: each address and form answers with the right thing or with a sentence."""

import re
import shutil
import socket
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from datasette.app import Datasette
from editors import Person, open_site
from serving import served


async def test_examples_of_the_api_can_be_pasted_anywhere(demo_site: Datasette) -> None:
    html = unescape((await demo_site.client.get("/data?lang=en")).text)
    examples = re.findall(r'<td data-label="Address"><a href="([^"]+)"><code>([^<]+)</code>', html)
    assert len(examples) >= 10
    for link, shown in examples:
        assert shown.isascii() and shown.endswith(link)
    assert any("%E5%85%9A%E5%91%98" in link for link, _ in examples)


def test_chinese_sent_as_it_is(demo: tuple[Path, str]) -> None:
    """What curl sends of a pasted address: no server of HTTP reads it, but ours says what to do."""
    with served(demo[0]) as address:
        where = urlsplit(address)
        with socket.create_connection((where.hostname, where.port), timeout=60) as connection:
            connection.sendall("GET /search.json?q=党员 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and b"curl --get --data-urlencode" in answer


@pytest.mark.parametrize(
    "path", ["/fact/zzz", "/fact/", "/fact", "/fact/zzz.bib", "/fact/%E5%85%9A", "/zzz", "/zzz/zzz/zzz"]
)
async def test_addresses_that_lead_nowhere(path: str, demo_site: Datasette) -> None:
    answer = await demo_site.client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert "这个地址没有网页" in answer.text or "No such fact" in answer.text


async def test_the_login_before_there_is_an_account(demo_site: Datasette) -> None:
    page = await demo_site.client.get("/-/login")
    assert (
        page.status_code == 200 and "dangqun accounts add NAME" in page.text and '<form class="stacked' not in page.text
    )
    sent = await demo_site.client.post("/-/login", data={"username": "amy", "password": "a-long-password"})
    assert sent.status_code == 200 and "dangqun accounts add NAME" in sent.text


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("value", "3000万"),
        ("value", "1_000"),
        ("value", "nan"),
        ("value", "-5"),
        ("value_high", "0"),
        ("date", "2021-13-45"),
    ],
)
async def test_a_correction_that_cannot_be(field: str, written: str, demo: tuple[Path, str], tmp_path: Path) -> None:
    editor = Person(open_site(shutil.copytree(demo[0], tmp_path / "data")), "editor-one")
    answer = await editor.send("/review", decision="correct", **await editor.waiting(), **{field: written})
    assert answer.status_code == 400 and "<details open>" in answer.text
    assert re.search(f'id="{field}"[^>]* value="{written}"[^>]* aria-invalid="true"', answer.text)
    assert re.search(f'id="{field}-error" role="alert">[^<]', answer.text)
