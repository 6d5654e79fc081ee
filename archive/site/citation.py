"""How to cite a fact: plain, BibTeX and CSL-JSON, made from what its article says of itself."""

import json
import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
FORMER = "现在的阅读不再读出 the current reading no longer states it"
REJECTED = "经人工复核否定 rejected by a person"
_TEX = {
    "\\": r"\textbackslash{}",
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def plain(fact: Row, address: str) -> str:
    """One sentence: who says it where and when, the words, and where to check them."""
    by = f"{fact['authors']}. " if fact["authors"] else ""
    day = (fact["published"] or "")[:10] or "日期不详"
    seen = fact["fetched_at"][:10]
    return f"{by}《{fact['title']}》. {fact['outlet']}, {day}. {_words(fact)}. {fact['url']} (抓取于 {seen}). Dangqun Archive: {address}"


def bibtex(fact: Row, address: str) -> str:
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


def csl(fact: Row, address: str) -> str:
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


def _words(fact: Row) -> str:
    """The quote; where it is no fact any more, why."""
    return f"“{fact['quote']}”" + (f" ({fact['former']})" if fact.get("former") else "")


def _authors(fact: Row) -> list[str]:
    return [name for name in fact["authors"].split("、") if name]


def _parts(iso: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", iso[:10])]


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)
