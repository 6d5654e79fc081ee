"""What a page shows in another language than its own."""

import re
from collections.abc import Iterator

from lxml import html

_HAN = re.compile(r"[\u3400-\u9fff]")
_IDENTIFIER = re.compile(r"[\w:./=@-]*[./=_@\d][\w:./=@-]*", re.ASCII)  # addresses, names of files and columns, numbers
_WORD = re.compile(r"[A-Za-z]{2,}(?:[-'][A-Za-z]+)*")
_SHOWN = ("aria-label", "alt", "placeholder", "title", "data-label")  # attributes that readers see or hear
_PINYIN = re.compile(r"\([a-z\u00e0-\u01dc]+\)")  # notes in the texts of articles
_CODE = ("script", "style", "code", "pre", "kbd", "textarea")
# Names of software, formats and licences, which have no Chinese; and the name of the other language.
NAMES = frozenset(
    "API Apache Atom BOM Bark BibTeX CORS CSL CSL-JSON CSV Cookie Datasette Enter Excel Frictionless GB GLOB ID JSON LIKE Lines MB MCP Markdown NOT OpenAPI Parquet Python SHA SQL"
    " SQLite Memento UTF User-Agent WACZ WARC Webhook XLSX curl kB lines English".split()
)


def foreign_words(page: str, language: str, allowed: frozenset[str] = frozenset()) -> list[str]:
    """The words of a page that are of the other language, outside of what is marked as source text or is code.

    Args:
        page: HTML.
        language: that of the page, `en` or `zh-Hans`.
        allowed: further words that a Chinese page may have.
    """
    root = html.document_fromstring(page)
    assert root.get("lang") == language
    texts = [text for body in root.iter("body") for text in _texts(body, language)]
    if language == "en":
        return [text for text in texts if _HAN.search(text)]
    return [
        text for text in texts if set(_WORD.findall(_IDENTIFIER.sub(" ", _PINYIN.sub(" ", text)))) - NAMES - allowed
    ]


def _texts(element: html.HtmlElement, language: str) -> Iterator[str]:
    """The texts that are shown in an element and below, but for those of another language and of code."""
    if element.get("data-source") is not None or element.get("lang", language) != language:
        return
    # Where names of places are within a title, nothing can mark them.
    yield from filter(None, (element.get(name) for name in _SHOWN if name != "title" or language != "en"))
    if element.tag in _CODE or not isinstance(element.tag, str):
        return
    if element.get("type") in ("submit", "button"):
        yield element.get("value", "")
    yield (element.text or "").strip()
    for child in element:
        yield from _texts(child, language)
        yield (child.tail or "").strip()
