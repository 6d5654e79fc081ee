"""Repair of what a mirror broke with its own notes, as far as the bytes leave no choice.

A mirror that puts a note behind 側 by replacing GBK bytes hits 總人口 as well: the second byte of 總 and the first of 人
are those of 側. The note lands inside 人, and everything up to the next ASCII character or note is read one byte
off: 總人口2965人 is shown as 總?cè)丝?965人. The reading names the byte that the ? hides, so the run can be read on the
right bytes again. The last character of the run is known only where another note says how it is read; where the run
ends on an ASCII character, which is swallowed, it stays a ?. So no digit is ever won or changed.

A pair for private use vanishes without a trace, and what follows it comes out wrong. So only those repairs are sure that
have no pair inside to lose, or that a second note confirms over a few characters (simulated on 554 articles: 74 of 74
right; of the others 88 of 122, which are for people to look at).

>>> [(r.start, r.end, r.text, r.sure) for r in repairs("其中總?cè)丝?965人")]
[(3, 8, '人', True)]
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archive.text.script import fold

_TONED = "a-züāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_SHIFTED = re.compile(rf"(?<=[一-鿿])\?([{_TONED}]{{1,7}})\)([^\x00-\x7f]{{1,40}})(?=\?(?:([{_TONED}]{{1,7}})\))?)")
_CONFIRMED = 3  # characters over which a second note confirms a run
_NUMERAL = re.compile(r"[〇零一二三四五六七八九十百千两兩万萬亿億]")  # a repair never supplies a number
_MARKS = "、《》“”‘’·—…（）"


@dataclass(frozen=True)
class Repair:
    """`text` is what the mirror had at `start`..`end` before it broke it."""

    start: int
    end: int
    text: str
    sure: bool


def repairs(raw: str) -> Iterator[Repair]:
    """The damaged runs of `raw` whose bytes leave one choice, in order; none where nothing is damaged."""
    end = 0
    for match in _SHIFTED.finditer(raw):
        if match.start() < end:
            continue
        closing = match[3] or ""
        found = _restored(raw[match.start() - 1], match[1], match[2], closing)
        if found:
            # ? and note of the closing belong to the last character where that is known.
            end = match.end() + (len(closing) + 2 if closing else 0)
            confirmed = len(found) == 1 or (closing != "" and len(found) <= _CONFIRMED)
            yield Repair(match.start(), end, found, confirmed and not _NUMERAL.search(found))


def _restored(before: str, reading: str, shown: str, closing: str) -> str:
    """The run between two notes, or between a note and an ASCII character less its last character; empty if not sure."""
    try:
        lead, rest = before.encode("gbk")[1], shown.encode("gbk")
    except (UnicodeEncodeError, IndexError):
        return ""
    found = set()
    for hidden in _trails(reading, lead):
        data = bytes([hidden]) + rest
        lasts = [bytes([trail]) for trail in _trails(closing, data[-1])] if closing else [b""]
        for last in lasts:
            text = (data + last if last else data[:-1]).decode("gbk", "ignore")
            if len(text) * 2 == len(data) + (1 if last else -1) and all(map(_is_common, text)):
                found.add(text)
    return found.pop() if len(found) == 1 else ""


def _trails(reading: str, lead: int) -> list[int]:
    """The second bytes of the characters with this reading and first byte."""
    codes = (char.encode("gbk") for char in _readings().get(reading, ""))
    return [code[1] for code in codes if code[0] == lead]


@cache
def _readings() -> dict[str, str]:
    lines = Path(__file__).with_name("readings.txt").read_text("utf-8").splitlines()
    return dict(line.split(" ") for line in lines)


def _is_common(char: str) -> bool:
    """Whether a character is one of GB 2312, which holds what news is written with, in either script."""
    if char in _MARKS:
        return True
    code = fold(char).encode("gbk", "ignore")
    return len(code) == 2 and 0xB0 <= code[0] <= 0xF7 and code[1] >= 0xA1
