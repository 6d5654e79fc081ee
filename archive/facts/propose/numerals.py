"""Chinese numerals: written form to value. Works on folded text (simplified, half width).

>>> parse("14万"), parse("2,760"), parse("一百二十"), parse("3.5万"), parse("百"), parse("两千三")
(140000, 2760, 120, 35000, 100, None)
>>> parse("4万6千"), parse("1亿2000万"), parse("2万3500"), parse("4万6")
(46000, 120000000, 23500, None)
"""

import re
from decimal import Decimal

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}

ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,12})(?:\.\d{1,4})?"
HAN = r"[零〇一二两三四五六七八九十百千万亿]{1,15}"
# 4万6千, 1亿2000万, 2万3500: units fall, and a rest without one fills all its places (4万6 is anybody's guess).
_FALLING = r"(?:\d{1,4}亿\d{1,4}万(?:\d{4}|\d千)?|\d{1,4}亿\d千万|\d{1,4}[万](?:\d{4}|\d千(?:\d百)?)|\d千\d百)(?!\d)"
# 14万, 3.5亿, 2千, 3百万; or wholly in Han characters.
PATTERN = rf"(?:{_FALLING}|{ARABIC}(?:[百千]?[万亿]|[百千])?|{HAN})"

_MIXED = re.compile(rf"({ARABIC})([百千]?)([万亿]?)")
_PART = re.compile(r"(\d+)([百千]?)([万亿]?)")


def parse(written: str) -> int | float | None:
    """The value of a numeral, None where the form is not one that a careful reader would accept.

    Colloquial short forms (两千三 for 2300) and digit strings (二〇二〇) are refused: the first is
    ambiguous, the second is a year.
    """
    mixed = _MIXED.fullmatch(written)
    if mixed:
        value = Decimal(mixed[1].replace(",", ""))
        value *= _SMALL.get(mixed[2], 1) * _LARGE.get(mixed[3], 1)
        return int(value) if value == value.to_integral_value() else float(value)
    if re.fullmatch(_FALLING, written):
        return sum(int(n) * _SMALL.get(small, 1) * _LARGE.get(large, 1) for n, small, large in _PART.findall(written))
    return _parse_han(written)


def _parse_han(written: str) -> int | None:
    total = section = 0
    digit: int | None = None
    smallest = 10**9  # units fall within a section: 三百二十, never 三十二百
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
        elif c in _LARGE:
            section += digit or 0
            if not section and not total:
                section = 1  # 万余 is 10,000 and more
            unit = _LARGE[c]
            total = (total + section) * unit if unit > 10**4 else total + section * unit
            section, digit, smallest = 0, None, 10**9
        else:
            return None
    if digit is not None and len(written) > 1 and written[-2] not in "零〇十":
        return None  # 两千三, 三万五
    return total + section + (digit or 0)
