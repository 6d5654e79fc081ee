"""Quantities in running text: a numeral, what blurs it, and the measure word that it counts.

    约 | 近 | 超 ...   numeral   余 | 多   (万)   [至 numeral]   measure word   左右 | 以上 ...

Positions refer to folded text. A numeral without a measure word is never a quantity, nor is an ordinal
(第3个), a formula (1+5+N) or an idiom (千家万户).
"""

import re
from dataclasses import dataclass
from functools import cache

from archive.facts.propose import numerals

# Longest first: 人次 must win over 人.
MEASURES = {
    "CNY": ("元人民币", "块钱", "元"),
    "m2": ("平方公里", "平方千米", "平方米", "公里²", "平米", "公顷", "㎡", "m²", "m2", "亩"),
    "person_time": ("人次",),
    "household": ("户",),
    "building": ("栋", "幢", "座"),
    "person": ("名", "位", "人", ""),  # 上万居民, 人口3.6万: people need no measure word
    "activity": ("场次", "场", "期", "次"),
    "case": ("件次", "件", "起", "条", "项", "桩"),
    "goods": (*"本册台套箱份张把桶袋瓶盒只副双斤吨床顶辆幅", "公斤", "千克"),
    "count": ("个", "家", "处", "所", "座"),
}
TO_SQUARE_METRES = {"平方公里": 1e6, "平方千米": 1e6, "公里²": 1e6, "公顷": 1e4, "亩": 2000 / 3}

_LESS, _MORE, _NEAR, _ABOUT = "less_than", "more_than", "nearly", "about"
_BEFORE = {
    "大约": _ABOUT, "约": _ABOUT, "大概": _ABOUT, "将近": _NEAR, "接近": _NEAR, "近": _NEAR,
    "超过": _MORE, "超": _MORE, "逾": _MORE, "突破": _MORE, "至少": _MORE, "上": _MORE, "数": _MORE, "几": _MORE,
    "不足": _LESS, "不到": _LESS, "少于": _LESS,
}  # fmt: skip
_AFTER = {"左右": _ABOUT, "上下": _ABOUT, "以上": _MORE, "之多": _MORE, "以下": _LESS, "以内": _LESS}

_MEASURE_WORDS = sorted({m for words in MEASURES.values() for m in words if m}, key=len, reverse=True)
_MEASURE = "|".join(map(re.escape, _MEASURE_WORDS))
_PEOPLE = re.compile("居民|村民|党员|群众|志愿者|人口")
_NO_MEASURE = rf"(?<=[百千万亿余多])(?={_PEOPLE.pattern})|(?<=[\d万])(?=[,。;、!?)\n]|$)"
_OF_PEOPLE = re.compile(r"人口(?:总数|总量|数)?(?:共有|共|为|达到|达|有|:)?$")
_QUANTITY = re.compile(
    rf"(?=[\d零〇一二两三四五六七八九十百千万亿{''.join(sorted({word[0] for word in _BEFORE}))}])"  # fails fast elsewhere
    rf"(?P<before>{'|'.join(sorted(_BEFORE, key=len, reverse=True))})?"
    rf"\s?(?P<number>{numerals.PATTERN})\s?(?P<more>[余多])?(?P<times>[万亿])?\s?"
    rf"(?:(?:{_MEASURE})?(?:至|到|-|—|~|–)(?P<high>{numerals.PATTERN})(?P<high_more>[余多])?)?"
    rf"(?P<measure>{_MEASURE}|{_NO_MEASURE})"
    r"(?!月|一体|小时|多小时|星期|工作日|百分点|(?<=人)[大民均工生])"  # 2个月, 3人大: another word begins
    rf"(?P<after>{'|'.join(_AFTER)})?"
)
# What stands before a number that counts nothing: ordinals, formulas, dates, codes, decimals cut short.
_NO_NUMBER_AFTER = re.compile(r"\d[.,: ]$|\d[百千万亿]$|[第+\d/年A-Za-z#号届%零周]$|星期$")
# ... and what stands before one whose first digit the mirror's damage may have eaten.
_DAMAGE = "?？�"
_THRESHOLD = re.compile(r"[及或]以[上下]|以[上下]的?,?(?:应|须|可以|必须|方可|均)")  # 党员达到3人及以上的


@dataclass(frozen=True)
class Quantity:
    """One counted number: `start`..`end` covers blur, numeral and measure word in folded text."""

    start: int
    end: int
    value: float | int
    value_high: float | int | None
    approx: str
    measure: str
    tainted: bool = False
    noun_end: int = 0  # `end`, or that of the people counted without a measure word: without them it is no quantity

    def is_measured(self, families: tuple[str, ...]) -> bool:
        """Whether the measure word belongs to one of these families of `MEASURES`."""
        return any(self.measure in MEASURES[family] for family in families)


@cache
def families_of(measure: str) -> tuple[str, ...]:
    """The families that a measure word is in; `none` where it is in none."""
    return tuple(family for family, words in MEASURES.items() if measure in words) or ("none",)


def find(text: str) -> list[Quantity]:
    """All quantities of folded text, in order of appearance."""
    found = []
    for match in _QUANTITY.finditer(text):
        quantity = _read(text, match)
        if quantity:
            found.append(quantity)
    return found


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    before, number, high = match["before"] or "", match["number"], match["high"]
    vague = not number.strip("百千万亿")  # 千家万户 counts nothing; 上千, 百余, 近万 do
    if before in ("上", "数", "几") and number[0] not in "十百千万":
        before = ""  # 手上3个, 户数36户: the word belongs to what stands before
    start = match.start() if before else match.start("number")
    if not before and _NO_NUMBER_AFTER.search(text[max(0, start - 2) : start]):
        return None
    if vague and not (before or match["more"]):
        return None
    if not (match["measure"] or _PEOPLE.match(text, match.end()) or _OF_PEOPLE.search(text, max(0, start - 8), start)):
        return None
    if re.match(r"0\d", number) or _THRESHOLD.match(text, match.end("measure")):
        return None  # a code: 0731
    value = numerals.parse(number)
    value_high = numerals.parse(high) if high else None
    if value is None or value == 0 or (high and (value_high is None or value_high <= value)):
        return None
    if match["times"]:
        value *= {"万": 10**4, "亿": 10**8}[match["times"]]
    elif high and high[-1] in "万亿" and number[-1] not in "百千万亿":
        value *= {"万": 10**4, "亿": 10**8}[high[-1]]  # 3至5万元
    blurred = _BEFORE.get(before)
    more = match["more"] or match["high_more"]
    both = _ABOUT if blurred == _NEAR else _MORE  # 近六十余人
    approx = _AFTER.get(match["after"] or "") or (both if more else None) or blurred or "exact"
    if value == int(value):
        value = int(value)  # 1.2 万 is 12000
    factor = TO_SQUARE_METRES.get(match["measure"])
    if factor:
        value, value_high = _scaled(value, factor), value_high and _scaled(value_high, factor)
    tainted = text[start - 1 : start] in _DAMAGE if start else False
    people = None if match["measure"] else _PEOPLE.match(text, match.end())
    noun_end = people.end() if people else match.end()
    return Quantity(start, match.end(), value, value_high, approx, match["measure"], tainted, noun_end)


def _scaled(value: float, factor: float) -> float | int:
    scaled = round(value * factor, 2)
    return int(scaled) if scaled == int(scaled) else scaled
