"""Bytes to text by what the bytes are, not by what the page says they are.

UTF-16 by its mark, or by where its upper halves stand; else strict UTF-8; else the words between ASCII signs are looked at one by
one. The coding of most of them is the page's: UTF-8, or whichever of GB18030 and Big5 reads more like Chinese. A footer, a
menu or a script in the other coding is read in that. What was declared is recorded and never trusted: real pages
declare gb2312 over UTF-8 bytes, utf-8 over GBK bytes, or nothing.
"""

import codecs
import re

from archive.model import Encoding

_DECLARED = (
    re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE),
    re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w-]{2,20})""", re.IGNORECASE),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_WIDE = re.compile(r"[⺀-\U0010ffff]+")
_CHINESE = re.compile(r"[\0-\x7f\u2010-\u2bff\u3000-\u9fff\uff00-\uffef]+")  # and what stands beside it
# From the first byte that is no ASCII to the next sign that ends a character in UTF-8, GB18030 and Big5 alike.
_WORD = re.compile(rb"[\x80-\xff][0-9@-~\x80-\xff]*")
_MIXED = 1_000_000  # bytes; a larger page is read in one coding
_HEAD = 4_096  # bytes that show UTF-16
# The upper halves of nearly all that a Chinese page in UTF-16 holds: ASCII, Han, full-width signs.
_UPPER = bytes((0, *range(0x4E, 0xA0), 0xFF))
# The commonest characters of running Chinese, simplified and traditional: right decodings are full of them.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
)
_COMMON_TRADITIONAL = frozenset("個們來時國會為說對過這開實現點從業進與關線內數總應還發經當後義")


def decode(body: bytes, content_type: str = "") -> tuple[str, Encoding]:
    """The text of a response and how it was got. Never fails; characters beyond repair are U+FFFD, counted.

    Args:
        body: the bytes, content codings undone.
        content_type: the header of that name, for what it declares.
    """
    declared = _declared(body, content_type)
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if body.startswith(mark):
            return _replaced(body[len(mark) :], name, declared)
    body = body.removeprefix(codecs.BOM_UTF8)
    is_utf8 = True
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text, is_utf8 = "", False
    wide = _unmarked(body) if not is_utf8 or "\0" in text[:_HEAD] else ""
    if wide:
        return _replaced(body, wide, declared)
    if is_utf8:
        return text, Encoding(declared, "utf-8")
    return _by_words(body, declared)


def _replaced(body: bytes, coding: str, declared: str) -> tuple[str, Encoding]:
    text = body.decode(coding, "replace")
    return text, Encoding(declared, coding, text.count("�"))


def _unmarked(body: bytes) -> str:
    """The UTF-16 that bytes without a mark are in: upper halves stand on one side of all pairs. Empty where it is none."""
    head = body[:_HEAD]
    sides = head[::2], head[1::2]
    first, second = (len(side.translate(None, _UPPER)) / (len(side) or 1) for side in sides)
    if min(first, second) > 0.1 or max(first, second) < 0.2:
        return ""
    return "utf-16-be" if first < second else "utf-16-le"


def _by_words(body: bytes, declared: str) -> tuple[str, Encoding]:
    """The text of bytes that are not all UTF-8."""
    words = _WORD.findall(body, 0, _MIXED)
    known = {word: _is_foreign(word) for word in set(words)}
    foreign = [word for word in words if known[word]]
    candidates = [(name, b" ".join(foreign).decode(name, "replace")) for name in ("gb18030", "big5hkscs")]
    other, sample = max(candidates, key=lambda candidate: _likeness(candidate[1]))
    texts: dict[bytes, str] = {}
    main = "utf-8"
    if 2 * sum(map(len, foreign)) > sum(map(len, words)):
        main = other
        texts = {word: text for word in words if (text := _strict(word, "utf-8")) and _is_utf8(text, word, main)}
    elif _likeness(sample) > 0:
        texts = {word: text for word in foreign if (text := _strict(word, other))}
    if not texts or len(body) > _MIXED:
        return _replaced(body, main, declared)
    text = _WORD.sub(lambda word: (texts.get(word[0]) or word[0].decode(main, "replace")).encode(), body).decode()
    return text, Encoding(declared, main, text.count("�"))


def _is_foreign(word: bytes) -> bool:
    """Whether a word is in another coding than UTF-8, and not only damaged: few of its characters are whole."""
    if _strict(word, "utf-8"):
        return False
    text = word.decode("utf-8", "replace")
    broken = text.count("�")
    return broken > 2 * (sum(map(len, _WIDE.findall(text))) - broken)


def _is_utf8(text: str, word: bytes, coding: str) -> bool:
    """Whether a word of a page in another coding is UTF-8, being valid as such: Chinese, and no worse than in that coding."""
    return bool(_CHINESE.fullmatch(text)) and _likeness(text) >= _likeness(word.decode(coding, "replace"))


def _strict(word: bytes, coding: str) -> str:
    try:
        return word.decode(coding)
    except UnicodeDecodeError:
        return ""


def _declared(body: bytes, content_type: str) -> str:
    header = _HEADER.search(content_type)
    if header:
        return header[1].lower()
    for pattern in _DECLARED:
        match = pattern.search(body, 0, 4096)
        if match:
            return match[1].decode("ascii", "replace").lower()
    return ""


def _likeness(text: str) -> float:
    """How much the Han part of a decoding reads like Chinese, -1..1; broken characters count against it."""
    han = "".join(_WIDE.findall(text))[:5_000]
    if not han:
        return 0.0
    good = sum(1 for c in han if c in _COMMON or c in _COMMON_TRADITIONAL)
    return (good - 3 * han.count("�")) / len(han)
