"""Script folding: traditional to simplified, full width to half width, one character for one.

Positions never move: ``len(fold(text)) == len(text)``, so an offset into folded text is an offset into
the text as published. Only the character table of OpenCC is used; its phrase tables can pick another
reading of a character and its regional tables change lengths.
"""

import re
from functools import cache

from opencc import OpenCC

_HAN = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x2A6E0)]
_CHINESE, _OTHERS = re.compile(r"[一-鿿]+"), re.compile(r"[ぁ-ヿ가-힯]+")  # kana, Hangul
_ENOUGH = 20  # characters


@cache
def _table() -> dict[int, str]:
    convert = OpenCC("t2s").convert
    table: dict[int, str] = {}
    for start in range(0, len(_HAN), 2000):  # in parts: all at once holds 15 MB for a moment
        characters = [chr(code) for code in _HAN[start : start + 2000]]
        # One conversion of one character a line: a phrase cannot form across line breaks.
        converted = convert("\n".join(characters)).split("\n")
        table |= {ord(a): b for a, b in zip(characters, converted, strict=True) if a != b and len(b) == 1}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width ASCII
    table[0x3000] = table[0xA0] = " "
    # Left alone by the table, but the ordinary word in running text (著力, 裏, 甚麼 as printed in Hong Kong).
    table |= {ord("著"): "着", ord("裏"): "里", ord("麽"): "么"}
    return table


def fold(text: str) -> str:
    """The same text in simplified characters and half-width forms; same length, position by position."""
    return text.translate(_table())


def is_chinese(text: str) -> bool:
    """Whether a text holds Chinese, and not Japanese or Korean."""
    han, others = (sum(map(len, of.findall(text))) for of in (_CHINESE, _OTHERS))
    return han >= _ENOUGH and others < han / 10
