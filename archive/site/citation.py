"""How to cite a fact: plain, BibTeX and CSL-JSON, made from what its article says of itself."""

import json
import re
from typing import Any, NotRequired, TypedDict

FORMER = "现在的阅读不再读出 the current reading no longer states it"
REJECTED = "经人工复核否定 rejected by a person"
_TEX = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


class Cited(TypedDict):
    """What a citation needs of a fact and of its article. `fetched_at` is UTC, ISO 8601."""

    evidence: str
    quote: str
    title: str
    authors: str  # with 、 between them
    outlet: str
    published: str | None
    url: str
    fetched_at: str
    former: NotRequired[str]  # why it is no fact any more


def plain(fact: Cited, address: str) -> str:
    """One sentence: who says it where and when, the words, and where to check them."""
    by = f"{fact['authors']}. " if fact["authors"] else ""
    day = (fact["published"] or "")[:10] or "日期不详"
    seen = fact["fetched_at"][:10]
    return f"{by}《{fact['title']}》. {fact['outlet']}, {day}. {_words(fact)}. {fact['url']} (抓取于 {seen}). Dangqun Archive: {address}"


def bibtex(fact: Cited, address: str) -> str:
    """A BibTeX entry; the words are the note."""
    fields = {
        "title": fact["title"],
        "author": " and ".join(_authors(fact)) or f"{{{_tex(fact['outlet'])}}}",
        "organization": fact["outlet"],
        "year": (fact["published"] or "")[:4],
        "month": (fact["published"] or "")[5:7],
        "url": fact["url"],
        "urldate": fact["fetched_at"][:10],
        "note": f"{_words(fact)}. Dangqun Archive: {address}",
    }
    braced = {"author"} if not _authors(fact) else set()
    lines = [f"  {name} = {{{value if name in braced else _tex(value)}}}" for name, value in fields.items() if value]
    return f"@online{{dangqun-{fact['evidence']},\n" + ",\n".join(lines) + "\n}\n"


def csl(fact: Cited, address: str) -> str:
    """A CSL-JSON list with one item."""
    item: dict[str, Any] = {
        "id": f"dangqun-{fact['evidence']}",
        "type": "article-newspaper",
        "title": fact["title"],
        "container-title": fact["outlet"],
        "author": [{"literal": name} for name in _authors(fact)],
        "URL": fact["url"],
        "accessed": {"date-parts": [_parts(fact["fetched_at"])]},
        "note": _words(fact),
        "archive": "Dangqun Archive",
        "archive_location": address,
    }
    if fact["published"]:
        item["issued"] = {"date-parts": [_parts(fact["published"])]}
    return json.dumps([item], ensure_ascii=False, indent=1)


def _words(fact: Cited) -> str:
    """The quote; where it is no fact any more, why."""
    return f"“{fact['quote']}”" + (f" ({fact['former']})" if fact.get("former") else "")


def _authors(fact: Cited) -> list[str]:
    return [name for name in fact["authors"].split("、") if name]


def _parts(iso: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", iso[:10])]


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)
