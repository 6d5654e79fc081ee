"""The OpenAPI document says what the site does: each address that it describes answers so, and it describes each of our addresses for
programs."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.app import Datasette
from datasette.plugins import pm
from jsonschema import Draft202012Validator
from support import ROOT

from archive.search.wanted import ListKind, Wanted
from server.programs import for_programs

Json = dict[str, Any]
_ALTERNATIVES = re.compile(r"\((?:\?P<\w+>|\?:)?([\w\\.]+(?:\|[\w\\.]+)+)\)")
# For people, or described by what they are: a sitemap, rules for robots, and addresses by numbers, which redirect.
_OTHERS = re.compile(r"sitemap|robots|llms|\[0-9\]\{1,18\}\)\\\.atom|feed/search")


async def _document(site: Datasette, language: str = "en") -> Json:
    answer = await site.client.get("/openapi.json", headers={"accept-language": language})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    return answer.json()


async def _values(site: Datasette) -> dict[str, list[str]]:
    """Values for the parts of paths that no enumeration lists."""
    facts = (await site.client.get("/facts.json?place=望潭区")).json()["rows"]
    fact = next(row for row in facts if row["station_key"])
    outlet = (await site.client.get("/outlets.json")).json()["rows"][0]["key"]
    capture = (await site.client.get(f"/archive/articles.json?key={fact['article_key']}")).json()["rows"][0][
        "capture_id"
    ]
    place = (await site.client.get("/suggest.json?kind=place&q=望潭区")).json()["rows"][0]["key"]
    keys = {"article": fact["article_key"], "station": fact["station_key"], "outlet": outlet, "fact": fact["evidence"]}
    changes = [one["url"] for one in (await site.client.get("/changes.json")).json()["rows"] if one["url"]]
    publication = re.findall(r"/changes/(.+)\.jsonl", "\n".join(changes))[:1]
    return {
        "capture": [str(capture)],
        "place": [quote(place)],
        "publication": publication,
        **{kind: [key] for kind, key in keys.items()},
    }


async def _addresses(site: Datasette, document: Json) -> Iterator[tuple[str, Json]]:
    """Each address that a document describes, with its description."""
    values = await _values(site)
    found = []
    for path, item in document["paths"].items():
        parts = {one["name"]: one["schema"].get("enum") for one in item["get"]["parameters"] if one["in"] == "path"}
        assert set(re.findall(r"\{(\w+)\}", path)) == parts.keys(), path
        for chosen in product(*(enum or values.get(name, [""]) for name, enum in parts.items())):
            filled = dict(zip(parts, chosen, strict=True))
            if "key" in filled:
                filled["key"] = values[filled.get("kind", "fact")][0]
            found.append((path.format(**filled), item["get"]))
    return iter(found)


async def test_the_document_has_what_openapi_requires(demo_site: Datasette) -> None:
    document = await _document(demo_site)
    assert document["openapi"] == "3.1.0" and all(document["info"][name] for name in ("title", "version"))
    assert document["servers"] == [{"url": "http://localhost"}]
    schemas = document["components"]["schemas"]
    assert {*re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))} == schemas.keys()
    for path, item in document["paths"].items():
        described = item["get"]
        assert path.startswith("/") and [*item] == ["get"] and described["summary"]
        named = [(one["in"], one["name"]) for one in described["parameters"]]
        assert len(named) == len({*named}) and {where for where, _ in named} <= {"path", "query"}, path
        assert all(one.get("required") for one in described["parameters"] if one["in"] == "path"), path
        assert all(re.fullmatch(r"[1-5]\d\d", status) for status in described["responses"])
        assert all(answer["description"] for answer in described["responses"].values())
        for one in (*described["parameters"], *described["responses"]["200"]["content"].values()):
            Draft202012Validator.check_schema(one["schema"])


async def test_each_address_answers_as_described(demo_site: Datasette) -> None:
    document = await _document(demo_site)
    media_types: dict[str, set[str]] = {}
    for address, described in await _addresses(demo_site, document):
        answer = await demo_site.client.get(address)
        content = described["responses"]["200"]["content"]
        media_type = answer.headers["content-type"]
        assert answer.status_code == 200 and media_type in content, (address, media_type)
        media_types.setdefault(described["summary"] + str(list(content)), set()).add(media_type)
        if media_type.startswith("application/json;"):
            schema = content[media_type]["schema"] | {"components": document["components"]}
            Draft202012Validator.check_schema(schema)
            assert [error.message for error in Draft202012Validator(schema).iter_errors(answer.json())] == [], address
            assert "$ref" in schema or schema["required"], address
        known = {"if-none-match": answer.headers["etag"]}
        assert (await demo_site.client.head(address, headers=known)).status_code == 304, address
        assert "304" in described["responses"] and "429" in described["responses"]
        in_parts = {"206", "416"} if answer.headers.get("accept-ranges") == "bytes" else set()
        assert described["responses"].keys() & {"206", "416"} == in_parts, address
        for asked, status in (("bytes=0-3", 206), ("bytes=999999999-", 416)) if in_parts else ():
            assert (await demo_site.client.get(address, headers={"range": asked})).status_code == status, address
    promised = {item["get"]["summary"] + str(types): {*types} for item in document["paths"].values()
                if (types := list(item["get"]["responses"]["200"]["content"]))}  # fmt: skip
    assert media_types == promised  # no other is promised than was met


async def test_what_is_not_there_is_described(demo_site: Datasette) -> None:
    unknown = {"key": "0" * 24, "place": "none", "capture": "999999", "publication": "2020-01-01"}
    for path, item in (await _document(demo_site))["paths"].items():
        if unknown.keys() & {*re.findall(r"\{(\w+)\}", path)}:
            parts = {one["name"]: one["schema"].get("enum", [None])[0] for one in item["get"]["parameters"]}
            answer = await demo_site.client.get(path.format(**parts | unknown))
            assert answer.status_code == 404 and "404" in item["get"]["responses"], path


async def test_what_is_described_has_the_keys_of_the_answer(demo_site: Datasette) -> None:
    document = await _document(demo_site)
    for path in ("/facts.json", "/search.json", "/facts.about.json", "/health.json", "/suggest.json?kind=type"):
        answer = (await demo_site.client.get(path)).json()
        content = document["paths"][path.partition("?")[0]]["get"]["responses"]["200"]["content"]
        (schema,) = (one["schema"] for one in content.values())
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        assert list(named["properties"]) == list(answer), path
    refused = await demo_site.client.get("/facts.json?since=x")
    described = document["paths"]["/facts.json"]["get"]["responses"]["400"]["content"]
    assert refused.status_code == 400 and refused.headers["content-type"] in described
    assert list(document["components"]["schemas"]["Refusal"]["properties"]) == list(refused.json())


@pytest.mark.parametrize("kind", ListKind)
async def test_each_parameter_is_described_with_what_it_can_be(demo_site: Datasette, kind: str) -> None:
    described = (await _document(demo_site))["paths"][f"/{kind}.json"]["get"]["parameters"]
    assert [one["name"] for one in described] == [*(one.name for one in fields(Wanted)), "after", "lang"]
    assert all(one["description"] for one in described)
    for one in described:
        for value in one["schema"].get("enum", ()):
            found = await demo_site.client.get(f"/{kind}.json?{one['name']}={value}&lang=en")
            assert found.status_code == 200, (one["name"], value)
            assert one["name"] != "sort" or kind == "stations" or found.json()["sort"] in (value, "date"), value
    wrong = {"since": "2020-13", "until": "20", "type": "none", "by": "none", "sort": "none", "min": "x", "sure": "x"}
    schemas = {one["name"]: one["schema"] for one in described}
    for name, value in wrong.items():
        assert (await demo_site.client.get(f"/{kind}.json?{name}={value}")).status_code == 400
        validator = Draft202012Validator(schemas[name])
        assert not validator.is_valid(value) and (name not in ("since", "until") or validator.is_valid("2020-06"))


def _expanded(pattern: str) -> Iterator[str]:
    """A pattern of a route, once for each way through its alternatives."""
    found = _ALTERNATIVES.search(pattern)
    if found is None:
        yield pattern
        return
    for one in found[1].split("|"):
        yield from _expanded(pattern[: found.start()] + one + pattern[found.end() :])


async def test_each_of_our_addresses_for_programs_is_described(demo_site: Datasette) -> None:
    await demo_site.invoke_startup()
    addresses = [address for address, _ in await _addresses(demo_site, await _document(demo_site))]
    patterns = [
        one
        for routes in pm.hook.register_routes(datasette=demo_site)
        for pattern, answering in routes
        if Path(answering.__code__.co_filename).is_relative_to(ROOT / "datasette")
        for one in _expanded(pattern)
        if for_programs(one.removesuffix("$").replace("\\", "")) and not _OTHERS.search(one)
    ]
    assert len(patterns) > 40 and len([one for one in patterns if one.endswith(r"\.json$")]) >= 14
    for pattern in patterns:
        assert [one for one in addresses if re.match(pattern, one)], pattern


async def test_it_is_in_the_language_of_the_request(demo_site: Datasette) -> None:
    english, chinese = [await _document(demo_site, language) for language in ("en", "zh")]
    assert english["info"]["title"] == "Dangqun Archive" and chinese["info"]["title"] == "党群服务站报道档案"
    assert english["paths"].keys() == chinese["paths"].keys()
    for path, item in chinese["paths"].items():
        words = [item["get"]["summary"], *(one.get("description", "") for one in item["get"]["parameters"])]
        assert all(re.search(r"[\u4e00-\u9fff]", one) for one in words if one), path
    for language in ("en", "zh"):
        assert 'href="/openapi.json"' in (await demo_site.client.get(f"/data?lang={language}")).text
