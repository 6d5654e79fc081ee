"""The captures of a page over time (Memento, RFC 7089): those that a published article rests on, and no others. They come from the
snapshot, which has none of what was taken down."""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, NamedTuple, TypedDict
from urllib.parse import quote, unquote

from archive.model import AddressKind
from archive.publishing.keys import key_of
from archive.site.addresses import Destination, lookup
from archive.site.shared import web_address
from archive.sql.rows import Row, rows
from archive.web.addresses import LONGEST_LINK, normal

_SHOWN = 20_000  # characters of a text; the article's page shows all of it, in parts
_LANGUAGE = re.compile(r"[?&]lang=")
_ESCAPED = re.compile(r"\Ahttps?%3a", re.IGNORECASE)
_MERGED = re.compile(r"\A(https?):/+", re.IGNORECASE)  # some proxies make one stroke of two
# The versions of articles that rest on a capture: the one that it brought, and those that have a page from it.
_VERSIONS = """
select articles.key, number, revisions.title, revisions.published, revisions.text, revisions.page_spans
from revisions join articles on articles.id = article_id where revisions.capture_id = {id}
union all
select articles.key, number, revisions.title, revisions.published, revisions.text, revisions.page_spans
from captures lead join articles on articles.capture_id = lead.id join revisions on article_id = articles.id
join json_each(revisions.page_spans) span where lead.stem = {stem} and span.value ->> 2 = {id}
"""
_OF_PAGE = f"""
select id, url, fetched_at from captures where url = ?
and exists ({_VERSIONS.format(id="captures.id", stem="captures.stem")}) order by fetched_at, id
"""
_OF_CAPTURE = _VERSIONS.format(id=":id", stem="(select stem from captures where id = :id)") + " limit 1"


class Memento(NamedTuple):
    """A capture of a page: its number, the address of the page, and when it was fetched."""

    capture: int
    url: str
    at: datetime

    @property
    def stamp(self) -> str:
        """When it was fetched, in the form of addresses: 20240506070809."""
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def path(self) -> str:
        """The path of its page on this site."""
        return f"/memento/{self.stamp}/{_sent(self.url)}"

    @property
    def http_date(self) -> str:
        """When it was fetched, in the form of headers."""
        return format_datetime(self.at, usegmt=True)


class MementoPage(TypedDict):
    """What a page held when it was captured, as text: nothing in it can run in a browser."""

    capture: int
    at: str
    url: str
    link: str  # the same where a browser may follow it
    version: Row  # of the article: its key, number, title, published
    lines: list[str]
    is_cut: bool


def asked(path: str, query: str) -> str:
    """Returns the address that a request is about, in normal form; empty if it is too long.

    Args:
        path: what follows /timegate/ and the like: the address, as it is or escaped as a whole.
        query: the query of the request, which belongs to the address.
    """
    address = (unquote(path) if _ESCAPED.match(path) else path) + (f"?{query}" if query else "")
    return normal(_MERGED.sub(r"\1://", address)) if len(address) <= LONGEST_LINK else ""


def of_page(connection: sqlite3.Connection, url: str) -> list[Memento]:
    """Returns the captures of an address that may be shown, the oldest first. Where it has none, those of the same address with http
    in place of https, or the reverse."""
    for address in _either(url):
        if found := connection.execute(_OF_PAGE, [address]).fetchall():
            return [Memento(number, at, datetime.fromisoformat(time).astimezone(UTC)) for number, at, time in found]
    return []


def _either(url: str) -> tuple[str, str]:
    """An address, and the same with http in place of https or the reverse."""
    scheme, _, rest = url.partition("://")
    return url, f"{'http' if scheme == 'https' else 'https'}://{rest}"


def of_none(connection: sqlite3.Connection, url: str) -> Destination:
    """What the site says of an address without captures: that its article was taken down, with http or https, or nothing."""
    found = [lookup(connection, AddressKind.ARTICLE, key_of(AddressKind.ARTICLE, address)) for address in _either(url)]
    return next((one for one in found if one.taken_down), found[0])


def nearest(found: Sequence[Memento], accept_datetime: str) -> Memento:
    """Returns the capture that is nearest to the time of a header Accept-Datetime, the last one if it is empty. Raises ValueError if
    the header is no time."""
    if not accept_datetime:
        return found[-1]
    time = parsedate_to_datetime(accept_datetime)
    if time.tzinfo is None:  # -0000
        time = time.replace(tzinfo=UTC)
    return min(reversed(found), key=lambda one: abs(one.at - time))


def at_stamp(found: Sequence[Memento], stamp: str) -> Memento | None:
    """Returns the last capture of a second, such as 20240506070809, if there is one."""
    return next((one for one in reversed(found) if one.stamp == stamp), None)


def page(connection: sqlite3.Connection, memento: Memento) -> MementoPage:
    """Build the page of a capture: the text of the version that rests on it, of an article in several pages that of this page."""
    version = rows(connection, _OF_CAPTURE, {"id": memento.capture})[0]
    text, spans = version.pop("text"), json.loads(version.pop("page_spans"))
    own = "\n".join(text[start:end] for start, end, capture in spans if capture == memento.capture) if spans else text
    return {
        "capture": memento.capture,
        "at": memento.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "url": memento.url,
        "link": web_address(memento.url),
        "version": version,
        "lines": own[:_SHOWN].split("\n"),
        "is_cut": len(own) > _SHOWN,
    }


def links(found: Sequence[Memento], site: str, *, every: bool = False) -> Iterator[str]:
    """The links between a page, its TimeGate, its TimeMap and its captures, each as in the header Link.

    Args:
        found: the captures, at least one.
        site: the address of this site, without a stroke at its end.
        every: whether all captures are listed, as in a TimeMap, or only the first and the last.
    """
    first, last = found[0], found[-1]
    url = _sent(first.url)
    yield f'<{url}>; rel="original"'
    yield f'<{site}/timegate/{url}>; rel="timegate"'
    yield (
        f'<{site}/timemap/link/{url}>; rel="{"self" if every else "timemap"}"; type="application/link-format"'
        f'; from="{first.http_date}"; until="{last.http_date}"'
    )
    for one in found if every else dict.fromkeys((first, last)):
        rel = " ".join([*["first"] * (one is first), *["last"] * (one is last), "memento"])
        yield f'<{site}{one.path}>; rel="{rel}"; datetime="{one.http_date}"'


def time_map(found: Sequence[Memento], site: str) -> dict[str, Any]:
    """The TimeMap in JSON, in the form that other web archives use. The arguments are those of `links`."""
    url = _sent(found[0].url)
    listed = [{"datetime": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "uri": site + one.path} for one in found]
    return {
        "original_uri": url,
        "timegate_uri": f"{site}/timegate/{url}",
        "timemap_uri": {kind: f"{site}/timemap/{path}/{url}" for kind, path in (("link_format", "link"), ("json_format", "json"))},
        "mementos": {"first": listed[0], "last": listed[-1], "list": listed},
    }  # fmt: skip


def _sent(address: str) -> str:
    """An address without a character that ends it in a header or a list. It is escaped as a whole where its query has `lang`, which
    would choose the language of this site."""
    return quote(address, safe="" if _LANGUAGE.search(address) else "%/:?#[]@!$&()*+,;=~'")
