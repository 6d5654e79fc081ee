"""The addresses for programs as an OpenAPI document, made of what declares their parameters (archive.search.wanted) and their answers
(server.answers). It is in the language of the request."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.metadata import version
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from archive.language import NAME, Language, chosen
from archive.model import AddressKind
from archive.publishing.questions import questions
from archive.publishing.writers import MEDIA_TYPES, Format
from archive.search.wanted import ListKind, Sort, possible
from archive.site import citation, feeds
from server.answers import AllRows, Health, ListAbout, ListPage, Publications, Refusal, Rows
from server.data_set import SAVED, SHOWN, SQLITE, WARC
from server.language import gettext as _

Json = dict[str, Any]
_JSON = "application/json; charset=utf-8"
_PLAIN: dict[Any, Json] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
}
_KEY = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
_TEXT = {"type": "string"}
_IN_PARTS = 206, 416  # how a file that lies ready answers a Range


def parameters() -> dict[str, str]:
    """What the parameters of lists mean, by their names; some have one meaning together. Code stands between backticks."""
    return {
        "q": _("words; “…” for a phrase, a `-` before a word to leave it out; either script"),
        "place": _("key or name of a place; also in part, and without its ending"),
        "station": _("key of a station"),
        "outlet": _("key or name of an outlet"),
        "type, qualifier": _("codes of a fact; the page `/data` lists them"),
        "since, until": _("year, month or day: 2020, 2020-06 or 2020-06-30"),
        "by": _(
            "whether `since` and `until` mean `as_of`, the date that the text states, or `reported_on`, the day of the article"
        ),
        "latest": _(
            "1: of each station and type only the last fact, at or before `until`; plans, and numbers of a part, never count as that"
        ),
        "min, max": _("bounds of the value"),
        "donor": _("who gave"),
        "reviewed": _("1: reviewed facts only"),
        "sure": _("how sure the program must be, from 0 to 1, as `.90` or `.98`"),
        "reprints": _("1: include reprints; otherwise a story counts once"),
        "sort": _("`date`, `-date`, `value`, `-value`, `relevance` or `name`"),
        "after": _("the next page, from `next_url`"),
        "lang": _("`zh-Hans` or `en`, for the words of pages and errors"),
    }


def document(address: str) -> Json:
    """The document.

    Args:
        address: the address of the site, without a stroke at its end.

    Returns:
        An OpenAPI 3.1 document.
    """
    schemas: dict[str, Json] = {}
    paths = {**_lists(schemas), **_items(schemas), **_files()}
    title = chosen(NAME.get())
    licence = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    note = _("Facts are under Apache-2.0; texts and quotes belong to their outlets.")
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("dangqun-archive"), "description": note, "license": licence},
        "servers": [{"url": address}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _lists(schemas: dict[str, Json]) -> Json:
    page, refused = _schema(ListPage, schemas), _schema(Refusal, schemas)
    after = _query("after", _TEXT)
    formats: Json = {MEDIA_TYPES[format_]: {} for format_ in Format}
    about = {_JSON: _schema(ListAbout, schemas)}
    a_page = _(
        "A list, a page at a time. `total` is null if there are more rows than were counted; `next_url` leads to the next page."
    )
    paths: Json = {}
    for kind in ListKind:
        asked = [_query(name, schema) for name, schema in possible(kind).items()]
        paths |= {
            f"/{kind}.json": _get(a_page, {_JSON: page}, [*asked, after], refused),
            f"/{kind}.{{format}}": _get(
                _("All rows of a list, as a file."), formats, [*asked, _path("format", {"enum": [*Format]})], refused
            ),
            f"/{kind}.about.json": _get(
                _("What a list as a file is about: query, snapshot, licence, columns."), about, asked, refused
            ),
            f"/{kind}.atom": _get(_("The newest facts of a search, as a feed."), {feeds.MEDIA_TYPE: {}}, asked),
        }
    anything = possible(ListKind.ARTICLES) | {"sort": {"enum": [*Sort]}}
    searched = [_query(name, schema) for name, schema in anything.items()]
    kinds = _query("kind", {"enum": [*ListKind]}, _("what is listed; articles where nothing is asked for"))
    paths["/search.json"] = _get(a_page, {_JSON: page}, [kinds, *searched, after], refused)
    return paths


def _items(schemas: dict[str, Json]) -> Json:
    row, key = {_JSON: _schema(Rows, schemas)}, _path("key", _KEY)
    kinds = [AddressKind.ARTICLE, AddressKind.STATION, AddressKind.OUTLET]
    suggested = [
        _query("kind", _TEXT, _("`place`, `outlet`, `station` or `type`; several of the first three with commas")),
        _query("q", _TEXT, _("what is typed so far")),
    ]
    asked, place = [_path("question", {"enum": list(questions())})], [_path("place", _TEXT)]
    feed: Json = {feeds.MEDIA_TYPE: {}}
    return {
        "/suggest.json": _get(
            _("Names, while somebody types: what an address has for each, what it lies in, how much there is of it."),
            row,
            suggested,
        ),
        "/{kind}/{key}.json": _get(
            _("One row, at its permanent address."), row, [_path("kind", {"enum": kinds}), key], also=[410]
        ),
        "/fact/{key}.{form}": _get(
            _("The citation of a fact."),
            {file.media_type: {} for file in citation.FILES.values()},
            [key, _path("form", {"enum": list(citation.FILES)})],
            also=[410],
        ),
        "/archive/{question}.json": _get(
            _("The answer to a question, all rows."), {_JSON: _schema(AllRows, schemas)}, asked
        ),
        "/health.json": _get(_("How the crawls of the sites went."), {_JSON: _schema(Health, schemas)}),
        "/changes.json": _get(
            _("The publications, each with the address of its changes."), {_JSON: _schema(Publications, schemas)}
        ),
        "/feed/publications.atom": _get(_("The publications, as a feed."), feed),
        "/feed/facts.atom": _get(_("The newest facts, as a feed."), feed),
        "/feed/place/{place}.atom": _get(_("The newest facts of a place, as a feed."), feed, place),
        "/feed/{kind}/{key}.atom": _get(
            _("The newest facts of a station or an outlet, as a feed."),
            feed,
            [_path("kind", {"enum": kinds[1:]}), key],
            also=[410],
        ),
        "/openapi.json": _get(_("This document."), {_JSON: {"type": "object", "required": ["openapi", "paths"]}}),
    }


def _files() -> Json:
    package = {"type": "object", "required": ["name", "resources"]}
    of_tables = [*_IN_PARTS, 404]
    described = _get(
        _("The data package: what describes the tables."), {SHOWN["datapackage.json"]: package}, also=of_tables
    )
    changes: Json = {MEDIA_TYPES[Format.JSONL]: {}}
    tables: Json = {media_type: {} for media_type in SAVED.values()}
    name, number = [_path("file", {"enum": list(SAVED)})], [_path("capture", {"type": "integer"})]
    of_place = [_path("place", _TEXT), _path("what", {"enum": ["stations", "places"]})]
    return {
        "/archive.db": _get(_("The whole database as published, for SQLite."), {SQLITE: {}}, also=_IN_PARTS),
        "/data/{file}": _get(_("A table as a file, or all of them."), tables, name, also=of_tables),
        "/data/datapackage.json": described,
        "/place/{place}/{what}.csv": _get(
            _("All stations of a place, or all places in it."), {MEDIA_TYPES[Format.CSV]: {}}, of_place
        ),
        "/capture/{capture}.warc.gz": _get(_("The WARC record that an article rests on."), {WARC: {}}, number),
        "/data/codebook.md": _get(_("What columns and codes mean."), {SHOWN["codebook.md"]: {}}, also=of_tables),
        "/changes/{publication}.jsonl": _get(
            _("What a publication changed, a line for each; `/changes.json` has the address."),
            changes,
            [_path("publication", _TEXT)],
            also=_IN_PARTS,
        ),
    }


def _get(
    summary: str,
    answers: Mapping[str, Json],
    parameters_: Iterable[Json] = (),
    refused: Json | None = None,
    also: Iterable[int] = (),
) -> Json:
    """What answers a GET: schemas by media types, the schema of a refusal, and further statuses. What a path names freely may not be
    there, and any address may have sent too many requests."""
    parameters_ = list(parameters_)
    is_named = any(one["in"] == "path" and "enum" not in one["schema"] for one in parameters_)
    content = {media_type: {"schema": schema} for media_type, schema in answers.items()}
    responses: Json = {"200": {"description": summary, "content": content}}
    responses["304"] = {"description": _("Nothing has changed since the answer whose ETag was sent (If-None-Match).")}
    if refused:
        wrong = _("A parameter is wrong; the answer says which, and what to change.")
        responses["400"] = {"description": wrong, "content": {_JSON: {"schema": refused}}}
    meanings = {
        206: _("The part of the file that was asked for (Range)."),
        404: _("There is nothing at this address."),
        410: _("This was taken down on request."),
        416: _("The file has no such part."),
        429: _("Too many requests; `Retry-After` says in how many seconds to try again."),
    }
    responses |= {
        str(one): {"description": meanings[one]} for one in sorted({*also, 429, *([404] if is_named else [])})
    }
    if "206" in responses:
        responses["206"]["content"] = content
    language = _query("lang", {"enum": [*Language]})
    return {"get": {"summary": summary, "parameters": [*parameters_, language], "responses": responses}}


def _query(name: str, schema: Json, words: str = "") -> Json:
    meanings = {one: words for names, words in parameters().items() for one in names.split(", ")}
    return {"name": name, "in": "query", "description": words or meanings.get(name, ""), "schema": schema}


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _schema(of: Any, schemas: dict[str, Json]) -> Json:
    """A type as JSON Schema. A record is described once, in `schemas`."""
    origin = get_origin(of) or of
    if origin is UnionType:
        return {"anyOf": [_schema(one, schemas) for one in get_args(of)]}
    if origin is list:
        return {"type": "array", "items": _schema(get_args(of)[0], schemas)}
    if origin is dict:
        return {"type": "object"}
    if not is_typeddict(of):
        return {"enum": [*of]} if issubclass(of, StrEnum) else _PLAIN[of]
    hints = get_type_hints(of)
    fields = {name: _schema(hint, schemas) for name, hint in hints.items()}
    schemas[of.__name__] = {"type": "object", "properties": fields, "required": list(hints)}
    return {"$ref": f"#/components/schemas/{of.__name__}"}
