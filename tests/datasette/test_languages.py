"""What chooses the language of an answer comes from strangers: it costs little, breaks nothing and leads nowhere else."""

import re
from time import perf_counter

import pytest
from datasette.app import Datasette

from archive.language import Language
from server import language


def test_a_header_of_blanks_costs_nothing() -> None:
    begin = perf_counter()
    headers = [(b"accept-language", b"en" + b" " * 60_000 + b"x")]
    assert language.negotiated({"query_string": b"", "headers": headers}, Language.ZH) == Language.EN
    assert perf_counter() - begin < 1


@pytest.mark.parametrize("query", ["a=1&" * 300 + "lang=en", "lang=zh&lang=%65n", "q=%ff&lang=en-GB"])
async def test_the_last_language_of_any_address_counts(demo_site: Datasette, query: str) -> None:
    answer = await demo_site.client.get(f"/about?{query}")
    assert (answer.status_code, answer.headers["content-language"]) == (200, "en")


@pytest.mark.parametrize("path", ["//evil.example/a", "/\\evil.example/a", "//evil.example"])
async def test_links_to_the_other_language_stay_here(demo_site: Datasette, path: str) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    await demo_site.app()({**scope, "scheme": "http", "http_version": "1.1"}, receive, send)
    html = b"".join(bytes(one.get("body", b"")) for one in sent).decode()  # type: ignore[call-overload]
    assert sent[0]["status"] == 404 and 'hreflang="en"' in html
    assert not re.search(r'href="[/\\]{2}', html)
