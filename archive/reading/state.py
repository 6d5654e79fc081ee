"""Pages that a script draws: where the article sits in the page's own state (JSON in a script), it is put where a reader
would see it, and read from there like any page. What is ambiguous is left alone."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import escape, unescape
from itertools import islice
from typing import Any, NamedTuple

from archive.reading.stamps import CHINA

_SCRIPT = re.compile(r"<script\b([^>]{0,300})>(.{200,3000000}?)</script", re.DOTALL | re.IGNORECASE)
_MAX_SCRIPTS, _MAX_VALUES, _MAX_STARTS = 30, 100_000, 4
_START = re.compile(r"(?:^|=|\()\s*(?=[\[{\"])")
_HAN = re.compile(r"[㐀-鿿]")
_MIN_CHARACTERS = 60  # Chinese characters of an article
_RIVAL = 0.5  # another as long as this share of the longest makes it ambiguous
_CONTENT = re.compile(
    r"^(?:article|news|detail|main)?_?(?:content|contents|body|html|txt|text)(?:_?html|_?text)?$", re.IGNORECASE
)
_TITLE = ("title", "articleTitle", "article_title", "newsTitle", "headline", "subject")
_TIME = (
    *("publishTime", "publish_time", "pubTime", "pub_time", "publishDate", "publish_date", "pubDate", "pubdate"),
    *("publishedAt", "published_at", "datePublished", "releaseTime", "release_time", "issueTime", "showTime", "ptime"),
)
_OUTLET = ("source", "sourceName", "source_name", "origin", "mediaName", "copyfrom")
_AUTHOR = ("author", "authorName", "author_name", "reporter", "writer")
_EDITOR = ("editor", "editorName", "editor_name", "respEditor", "dutyEditor")


class _Item(NamedTuple):
    """An object that may be an article: its Chinese characters, its values by name, and its text."""

    length: int
    values: dict[str, Any]
    content: str


def as_page(text: str) -> str | None:
    """Returns a page that shows the article of another page's state; None if there is none, or not one alone."""
    found: dict[str, _Item] = {}
    for one in islice(_states(text), _MAX_SCRIPTS):
        for item in _objects(one):
            title, content = _first(item, _TITLE), _content(item)
            length = len(_HAN.findall(content))
            if title and length >= _MIN_CHARACTERS and (title not in found or length > found[title].length):
                found[title] = _Item(length, item, content)
    if not found:
        return None
    title = max(found, key=lambda name: found[name].length)
    length, item, content = found[title]
    if any(other.length > _RIVAL * length for name, other in found.items() if name != title):
        return None
    return _shown(title, item, content)


def _states(text: str) -> Iterator[Any]:
    """The JSON values that scripts hold: as data, or given to a name."""
    for match in _SCRIPT.finditer(text):
        source = match[2].strip()
        if not (_HAN.search(source) or "\\u" in source):
            continue
        for start in islice(_START.finditer(source), _MAX_STARTS):
            try:
                value, _ = json.JSONDecoder().raw_decode(source, start.end())
                yield json.loads(value) if isinstance(value, str) else value
                break
            except (ValueError, RecursionError):
                continue


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects within a value, bounded."""
    waiting, seen = [value], 0
    while waiting and seen < _MAX_VALUES:
        one = waiting.pop()
        seen += 1
        if isinstance(one, dict):
            yield one
            waiting.extend(inner for inner in one.values() if isinstance(inner, dict | list))
        elif isinstance(one, list):
            waiting.extend(inner for inner in one if isinstance(inner, dict | list))


def _content(item: dict[str, Any]) -> str:
    return max((v for k, v in item.items() if isinstance(v, str) and _CONTENT.match(k)), key=len, default="")


def _first(item: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = item.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:300]
    return ""


def _shown(title: str, item: dict[str, Any], content: str) -> str:
    if "&lt;" in content and "<" not in content:
        content = unescape(content)
    if "<" not in content:
        content = "".join(f"<p>{escape(line)}</p>" for line in content.split("\n"))
    labelled = (("来源", _OUTLET), ("作者", _AUTHOR), ("编辑", _EDITOR))
    parts = [
        _time(_first(item, _TIME)),
        *(f"{label}：{_first(item, names)}" for label, names in labelled if _first(item, names)),
    ]
    header = " | ".join(escape(part) for part in parts if part)
    return (
        f"<html><head><title>{escape(title)}</title></head><body><h1>{escape(title)}</h1><div>{header}</div>"
        f"<div>{content}</div></body></html>"
    )


def _time(stated: str) -> str:
    """A time as people write it; a number is seconds or milliseconds since 1970."""
    if re.fullmatch(r"1\d{9}(?:\d{3})?", stated):
        return f"{datetime.fromtimestamp(int(stated[:10]), CHINA):%Y-%m-%d %H:%M:%S}"
    return stated
