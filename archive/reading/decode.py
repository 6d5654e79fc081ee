"""Bytes to text by what the bytes are, not by what the page says they are.

Strict UTF-8; else UTF-8 with repairs while under a tenth of its non-ASCII characters are broken; else
GB18030 or Big5, whichever reads more like Chinese. What was declared is recorded and never trusted: real
pages declare gb2312 over UTF-8 bytes, utf-8 over GBK bytes, or nothing.
"""

import codecs
import re

from archive.records import Encoding

_DECLARED = (
    re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,20})""", re.IGNORECASE),
    re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w-]{2,20})""", re.IGNORECASE),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_WIDE = re.compile(r"[⺀-\U0010ffff]+")
_BROKEN_SHARE = 0.1
# The commonest characters of running Chinese, simplified and traditional: right decodings are full of them.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
)
_COMMON_TRADITIONAL = frozenset("個們來時國會為說對過這開實現點從業進與關線內數總應還發經當後義")


def decode(body: bytes, content_type: str = "") -> tuple[str, Encoding]:
    """The text of a response and how it was got. Never fails; characters beyond repair are U+FFFD, counted."""
    declared = _declared(body, content_type)
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if body.startswith(mark):
            text = body[len(mark) :].decode(name, "replace")
            return text, Encoding(declared, name, text.count("�"))
    try:
        return body.decode("utf-8"), Encoding(declared, "utf-8")
    except UnicodeDecodeError:
        pass
    text = body.decode("utf-8", "replace")
    broken = text.count("�")
    whole = len(text) - len(text.encode("ascii", "ignore"))
    if broken < whole * _BROKEN_SHARE:
        return text, Encoding(declared, "utf-8", broken)
    candidates = [(name, body.decode(name, "replace")) for name in ("gb18030", "big5hkscs")]
    used, text = max(candidates, key=lambda candidate: _likeness(candidate[1]))
    return text, Encoding(declared, used, text.count("�"))


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
