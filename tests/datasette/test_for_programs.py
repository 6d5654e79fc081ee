"""What programs get, as programs get it: from any page, in part, and not again."""

import pytest
from datasette.app import Datasette

_PUBLIC = [
    "/facts.json?type=party_members", "/search.json?q=党员&lang=en", "/suggest.json?kind=place&q=望", "/health.json",
    "/archive/facts.json?_size=1", "/archive/-/query.json?sql=select+1", "/archive/money_by_year.json", "/facts.csv", "/archive/facts.csv",
    "/facts.about.json", "/feed/facts.atom", "/sitemap.xml", "/llms.txt", "/robots.txt", "/archive.db", "/data/tables.zip",
]  # fmt: skip
_REFUSED = ["/facts.json?since=x", "/station/000000000000000000000000.json", "/data/none.csv"]
_CLOSED = ["/", "/facts", "/data", "/desk", "/-/login", "/-/logout", "/-/jump.json", "/-/actor.json", "/report"]


@pytest.mark.parametrize("path", [*_PUBLIC, *_REFUSED])
async def test_any_page_may_read_what_is_public(demo_site: Datasette, path: str) -> None:
    answer = await demo_site.client.get(path, headers={"origin": "https://other.example"})
    assert answer.status_code == 200 or path in _REFUSED, path
    assert answer.headers["access-control-allow-origin"] == "*" and "set-cookie" not in answer.headers
    assert "access-control-allow-credentials" not in answer.headers
    preflight = {"origin": "https://other.example", "access-control-request-method": "GET"}
    allowed = await demo_site.client.options(path, headers=preflight)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
    assert allowed.headers["access-control-allow-methods"] == "GET, HEAD" and not allowed.content


@pytest.mark.parametrize("path", _CLOSED)
async def test_no_other_page_reads_pages_and_logins(demo_site: Datasette, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = await demo_site.client.request(method, path, headers={"origin": "https://other.example"})
        assert not [name for name in answer.headers if name.startswith("access-control-")], (method, path)


async def test_what_is_posted_is_read_by_no_other_page(demo_site: Datasette) -> None:
    answer = await demo_site.client.post("/facts.json", headers={"origin": "https://other.example"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/feed/facts.atom", "/facts.json?type=party_members", "/archive/stations.json", "/llms.txt"]
)
async def test_an_answer_is_not_sent_again(demo_site: Datasette, path: str) -> None:
    first = await demo_site.client.get(path, headers={"accept-encoding": "identity"})
    etag = first.headers["etag"]
    assert etag.startswith('W/"') and int(first.headers["content-length"]) == len(first.content) > 0
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = await demo_site.client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag), known
        assert again.headers["access-control-allow-origin"] == "*" and "content-length" not in again.headers
    for other in ('"other"', ""):
        assert (await demo_site.client.get(path, headers={"if-none-match": other})).content == first.content
    packed = await demo_site.client.get(path, headers={"accept-encoding": "gzip"})
    assert packed.headers["etag"] == etag and packed.content == first.content
    head = await demo_site.client.head(path)
    assert (head.status_code, head.headers["etag"]) == (200, etag)
