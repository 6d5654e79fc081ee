"""Chinese numerals: written form to value. Works on folded text (simplified, half width).

A numeral is read whole or not at all: `RUN` takes in everything that may belong to one, odd signs between its digits
included (1'450, 1?450, 1·450), and `read` returns None where the whole is no form that it knows.

>>> parse("14万"), parse("2,760"), parse("一百二十"), parse("3.5万"), parse("百"), parse("两千三")
(140000, 2760, 120, 35000, 100, None)
>>> parse("4万6千"), parse("1亿2000万"), parse("2万3500"), parse("三点五万"), parse("4万6")
(46000, 120000000, 23500, 35000, None)
>>> read("三四百"), read("十几万")
(Numeral(low=300, high=400, more=False, short=False), Numeral(low=100000, high=None, more=True, short=False))
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8}
_LARGE = re.compile("([万亿])")
_ZEROS = "零〇○"  # the last is a sign that many write for 〇
HAN = f"{_ZEROS}一二两三四五六七八九十百千万亿"

# Between two digits nearly every sign ties them together; these part them, and a line break does.
_PARTS = r"\w、,;。!()|—–~\-\n"
_TIE = rf"(?:(?<=[0-9])(?:,|点|[^{_PARTS}]{{1,3}})(?=[0-9])|(?<=[{HAN}])点(?=[{_ZEROS}一二三四五六七八九]))"
_SOME = r"几(?=[十百千万亿])|(?<=[十百千0-9])几"
# The class comes first: the engine then skips all other text quickly.
RUN = (
    rf"[0-9{HAN}几](?:(?<=[0-9])(?:{_TIE}?+(?:[0-9百万亿]|千(?!克))|{_SOME})*+"
    rf"|(?:(?<=几)(?=[十百千万亿])|(?<=[{HAN}]))(?:{_TIE}?+[{HAN}]|{_SOME})*+)"
)

_GROUP = r"[,'’\u2007\u2009\u202f]"  # what parts thousands
ARABIC = rf"(?:[0-9]{{1,3}}(?:{_GROUP}[0-9]{{3}})+|[0-9]{{1,12}})(?:\.[0-9]{{1,4}})?"
_MIXED = re.compile(rf"({ARABIC})([百千]?)([万亿]?)")
# 4万6千, 1亿2000万, 2万3500: units fall, and a rest without one fills all its places (4万6 is ambiguous).
_FALLING = re.compile(
    r"[0-9]{1,4}亿[0-9]{1,4}万(?:[0-9]{4}|[0-9]千)?|[0-9]{1,4}亿[0-9]千万|[0-9]{1,4}万(?:[0-9]{4}|[0-9]千(?:[0-9]百)?)"
    r"|[0-9]千[0-9]百"
)
_PART = re.compile(r"([0-9]+)([百千]?)([万亿]?)")
_POINT = re.compile(rf"([{_ZEROS}一二三四五六七八九十百千]+)点([{_ZEROS}一二三四五六七八九]{{1,4}})([百千]?[万亿]?)")
_PAIR = re.compile(
    r"(?<![一二两三四五六七八九])(?:一[二两]|[二两]三|三四|四五|五六|六七|七八|八九|三五)(?![一二两三四五六七八九])"
)
_SHORT = re.compile(r"(.*([百千万])[一二三四五六七八九])")
_LONGEST = 24  # characters of the longest numeral that occurs


class Numeral(NamedTuple):
    """The reading of a numeral: a value, or two (三四百) in `low` and `high`."""

    low: int | float
    high: int | float | None = None
    more: bool = False  # 十几: more than `low`
    short: bool = False  # 七万八: the last unit is left out, which never happens before a measure word


@lru_cache(4096)
def read(written: str) -> Numeral | None:
    """The reading of a numeral, None where the form is not one that a careful reader would accept."""
    if len(written) > _LONGEST:
        return None
    value = parse(written)
    if value is not None:
        return Numeral(value)
    if "几" in written:
        return _some(written)
    if _SHORT.fullmatch(written):
        unit = "" if written[-2] == "百" else written[-2]
        value = parse(written + {"百": "十", "千": "百", "万": "千"}[written[-2]])
        return Numeral(value, short=True) if value and (unit or value < 10**4) else None
    pair = _PAIR.search(written)
    if pair is None:
        return None
    low = parse(written[: pair.start() + 1] + written[pair.end() :])
    high = parse(written[: pair.start()] + written[pair.end() - 1 :])
    return Numeral(low, high) if low and high and low < high else None


def _some(written: str) -> Numeral | None:
    """十几, 三十几, 十几万, 几十万: more than what is certain."""
    head, _, tail = written.partition("几")
    value = parse(head + tail)
    sure = (not head and tail[:1] in _SMALL.keys() | LARGE.keys()) or (
        head.endswith(("十", "百", "千", "0")) and tail in ("", "万", "亿")
    )
    return Numeral(value, more=True) if value and sure else None


def parse(written: str) -> int | float | None:
    """The one value of a numeral, None where the form is not one that a careful reader would accept.

    Colloquial short forms (两千三 for 2300), ranges (三四百) and digit strings (二〇二〇) are refused.
    """
    mixed = _MIXED.fullmatch(written)
    if mixed:
        value = Decimal(re.sub(_GROUP, "", mixed[1])) * _SMALL.get(mixed[2], 1) * LARGE.get(mixed[3], 1)
        return _plain(value)
    if _FALLING.fullmatch(written):
        return sum(int(n) * _SMALL.get(small, 1) * LARGE.get(large, 1) for n, small, large in _PART.findall(written))
    point = _POINT.fullmatch(written)
    if point:
        whole = 0 if point[1] in _ZEROS else _parse_han(point[1])
        if whole is None:
            return None
        value = Decimal(f"{whole}.{''.join(str(_DIGITS[c]) for c in point[2])}")
        for unit in point[3]:
            value *= (_SMALL | LARGE)[unit]
        return _plain(value)
    return _parse_han(written)


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _parse_han(written: str) -> int | None:
    if len(written) > 1 and (written[0] in _ZEROS or (written[0] in "百千" and written[1] not in "万亿")):
        return None  # 〇三 is a code; 千八百 is about as much
    *before, rest = _LARGE.split(written)
    total = reached = 0  # the value, and the large unit before
    for part, sign in zip(before[::2], before[1::2], strict=True):
        parsed, unit = _section(part), LARGE[sign]
        if parsed is None or (unit == reached and (part or sign == "亿")):
            return None  # 三万五万
        if unit == reached:
            total *= unit  # 四万万
        else:
            section = parsed[0] + (parsed[1] or 0)
            if not section and not total:
                section = 1  # 万余 is 10,000 and more
            total = (total + section) * unit if sign == "亿" else total + section * unit
        reached = unit
    parsed = _section(rest)
    if parsed is None:
        return None
    section, digit = parsed
    if digit is not None and len(written) > 1 and written[-2] not in _ZEROS + "十":
        return None  # 两千三, 三万五
    return total + section + (digit or 0)


def _section(written: str) -> tuple[int, int | None] | None:
    """The part before a large unit, or behind the last: the value up to its last unit, and the digit behind that."""
    section = 0
    digit: int | None = None
    smallest = 10**9  # units fall: 三百二十, never 三十二百
    for c in written:
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
        elif c in _SMALL:
            unit = _SMALL[c]
            if unit >= smallest or digit == 0:
                return None
            section += (1 if digit is None else digit) * unit
            digit, smallest = None, unit
        else:
            return None
    return section, digit
