"""A first look at the bytes of a page, long before it is parsed: can an article on topic stand in it at all?

Most pages of a file that holds everything are in other languages: their bytes show it, in a tenth of a millisecond. Of the others
the Chinese characters are looked at, in each coding that the bytes may be in, without anything that stands between them: tags,
blanks, notes of mirrors, signs. What is in doubt is read.
"""

import re

from archive.reading import topic
from archive.reading.decode import decode
from archive.text import fold, is_chinese
from archive.text.repair import repairs

_FEW = 20  # Chinese characters: no article is that short
_LARGE = 2_000_000  # bytes; a larger page that may be Chinese is read, which costs no more
_ASCII = bytes(range(0x80))
_NO_LEAD = bytes(
    {*range(0x100)} - {*range(0xE3, 0xEA)}
)  # bytes with which none of them begins in UTF-8, but for rare ones
# Four such characters in a row, in a charset of two bytes: Western pages in such charsets have single letters.
_RUN = re.compile(rb"[\x80-\xfe][@-~\x80-\xfe]" * 4)
_CHARSETS = ("utf-8", "gb18030", "big5hkscs")  # in which `decode` reads what is not all UTF-8, word by word
# Chinese characters that are written in ASCII: &#20826; and &#x515a;, also packed once more as &amp;#20826;, and \u515a.
_HEX = "(?:3[4-9a-fA-F]|[4-9][0-9a-fA-F]|[fF][9aA])[0-9a-fA-F]{2}"
_ENTITY = rf"&(?:amp;)?#(?:0*((?:1[3-9]|[2-6][0-9])[0-9]{{3}})(?![0-9])|[xX]0*({_HEX})(?![0-9a-fA-F]))"
_ESCAPE = rf"\\u({_HEX})"
_WRITTEN_OUT = (re.compile(_ENTITY.encode()), re.compile(_ESCAPE.encode()))
_BROKEN = re.compile(rb"\?[a-z\x80-\xff]{1,14}\)")  # a note of a mirror that hides a character (archive/text/repair.py)
_TAG = re.compile(r"<[^<>]*>")
_HAN = re.compile(r"[㐀-䶿一-鿿豈-\ufaff\U00020000-\U0002a6df]+")  # all that `fold` turns into others
_NOT_ASCII = re.compile(r"[^\0-\x7f]+")
_SAMPLE = 2_000  # characters that show a language
_FURTHER = tuple("".join(_HAN.findall(word)) for word in topic.FURTHER)
_COMBINATIONS = [  # the characters of what puts a text on topic
    *map(frozenset, (*topic.STATIONS, *_FURTHER)),
    *(frozenset(community + party) for community in topic.COMMUNITY for party in topic.PARTY),
]


def excluded(body: bytes) -> str:
    """Why no article on topic can stand in a page.

    Args:
        body: the bytes of the page, codings undone; in any charset.

    Returns:
        `other_language` for a page that is not Chinese, `unlikely` for one in which no word of the topic stands; empty for a
        page that must be read.
    """
    shown = _shown(body)
    if shown and len(body) > _LARGE:
        return ""
    is_broken = bool(shown and _BROKEN.search(body))
    if is_broken or any(map(_has_the_characters, shown)):
        views = [_resolved(view) for text in _readings(body) for view in (text, _TAG.sub("", text))]
        if any(map(_has_the_words, views)) or (is_broken and any(one.sure for view in views for one in repairs(view))):
            return ""
    return "unlikely" if any(is_chinese(text[:_SAMPLE]) for text in shown) else "other_language"


def _shown(body: bytes) -> list[str]:
    """What is not ASCII in a page, in each coding that it may be in; empty where it cannot be Chinese."""
    if b"\0" not in body and not any(way.search(body) for way in _WRITTEN_OUT):  # the first: UTF-16
        others = body.translate(None, _ASCII)
        try:
            text = others.decode()
            return [text] if len(others.translate(None, _NO_LEAD)) >= _FEW else []
        except UnicodeDecodeError:
            if not _RUN.search(body):
                return []
    return [_beyond_ascii(_resolved(text)) for text in _readings(body)]


def _readings(body: bytes) -> list[str]:
    """The text of a page in each coding that it may be in."""
    if b"\0" in body:
        return [decode(body)[0]]
    try:
        return [body.decode()]
    except UnicodeDecodeError:
        return [body.decode(charset, "ignore") for charset in _CHARSETS]


def _beyond_ascii(text: str) -> str:
    return "".join(_NOT_ASCII.findall(text))


def _resolved(text: str) -> str:
    """A text with the Chinese characters that entities and escapes stand for."""
    text = re.sub(_ESCAPE, lambda match: chr(int(match[1], 16)), text)
    return re.sub(_ENTITY, lambda match: chr(int(match[1]) if match[1] else int(match[2], 16)), text)


def _has_the_characters(text: str) -> bool:
    """Whether all characters of words that put a text on topic stand anywhere."""
    characters = set(fold("".join(set(text))))
    return any(wanted <= characters for wanted in _COMBINATIONS)


def _has_the_words(text: str) -> bool:
    """Whether such words stand in a text once all but its Chinese characters is left out."""
    han = fold("".join(_HAN.findall(_beyond_ascii(text))))
    return topic.decide(han).on or any(word in han for word in _FURTHER)
