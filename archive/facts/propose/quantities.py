"""Quantities in running text: a numeral, what blurs it, and the measure word that it counts.

    约 | 近 | 超 ...   numeral   余 | 多 | 来   (万)   [至 numeral]   measure word   左右 | 以上 ...

Tuned for recall: which of them are facts is decided later. But a number is read whole or not at all, and numbers that
count nothing are left out: ordinals (第3个), formulas (1+5+N), fractions, negative numbers, foreign money, idioms (千家万户).
Positions refer to folded text.
"""

import re
from functools import cache
from typing import NamedTuple

from archive.facts.propose import measures, rates
from archive.facts.propose.measures import MEASURES, OTHER_WORDS, TO_SQUARE_METRES, WITH_FRACTIONS
from archive.facts.propose.numerals import HAN, LARGE, RUN, parse, read

__all__ = ["MEASURES", "TO_SQUARE_METRES", "Quantity", "find"]

_LESS, _MORE, _NEAR, _ABOUT = "less_than", "more_than", "nearly", "about"
_BEFORE = {
    "大约": _ABOUT, "大概": _ABOUT, "差不多": _ABOUT, "约莫": _ABOUT, "约": _ABOUT, "约有": _ABOUT, "约为": _ABOUT,
    "将近": _NEAR, "接近": _NEAR, "近": _NEAR,
    "超过": _MORE, "超出": _MORE, "超": _MORE, "逾": _MORE, "突破": _MORE, "至少": _MORE, "不止": _MORE, "不下于": _MORE,
    "不下": _MORE, "少说": _MORE, "少说也": _MORE, "不少于": _MORE, "不低于": _MORE, "过": _MORE, "上": _MORE, "数": _MORE,
    "不足": _LESS, "不到": _LESS, "不满": _LESS, "少于": _LESS, "低于": _LESS, "不过": _LESS, "不超过": _LESS, "不超": _LESS,
}  # fmt: skip
_AFTER = {
    "左右": _ABOUT, "上下": _ABOUT, "以上": _MORE, "之多": _MORE, "出头": _MORE, "有余": _MORE, "不止": _MORE, "开外": _MORE,
    "以下": _LESS, "以内": _LESS, "不到": _LESS,
}  # fmt: skip
_MARKS = {"余": _MORE, "多": _MORE, "来": _ABOUT}
_BLUR = re.compile(rf"(?P<word>{'|'.join(sorted(_BEFORE, key=len, reverse=True))})(?:(?<=..)[有为达在](?:了|着)?)?\s?$")
_BLUR_ENDS = frozenset([word[-1] for word in _BEFORE] + list("有为达在了着 "))
# These words end in a mark of blur and say nothing of a number: 附近3个, 节约36元, 人数36, 网上百名.
_NO_BLUR = {
    "近": "附最就邻临靠亲远周", "约": "节签预集违公合履契邀条", "超": "赶", "上": "晚早网线手楼路街会身以之加赶",
    "数": "人户总次件基指无多少岁分个为",
}  # fmt: skip
_PAST = re.compile(r"[已早年都户口民员量将]过$|总[数额]过$")  # 已过两万, not 走过3个

_SMALL_DIGIT = "[0-9一二两三四五六七八九]"
_TO = r"(?:至|到|[-~–—]{1,2})"
# A numeral is always taken in to its end, so that none is ever read from its middle; all that follows may be missing.
_QUANTITY = re.compile(
    rf"(?P<number>{RUN})(?<!(?<![0-9{HAN}点])一(?=[^\s{measures.ONE}大小至到、~–—-]))"
    rf"(?:[^\S\n]?(?P<more>[余多来])?(?P<times>[万亿])?(?P<late>[余多来])?[^\S\n]{{0,2}}"
    rf"(?:(?P<same>{measures.PATTERN})?[^\S\n]?{_TO}[^\S\n]?"
    r"(?P<high>" + RUN + r")(?P<high_more>[余多来])?(?P<high_times>[万亿])?[^\S\n]?)?"
    rf"(?P<measure>(?(same)(?P=same)|{measures.PATTERN}))"
    rf"(?P<small>(?<=[元块]){_SMALL_DIGIT}[角毛](?:{_SMALL_DIGIT}分)?|(?<=亩)(?:半|{_SMALL_DIGIT}分))?"
    rf"(?P<after>{'|'.join(_AFTER)})?"
    r"|(?P<bare_more>[余多来])?(?P<bare_times>[万亿])?(?P<bare_late>[余多来])?)"
)
# Before a number that counts nothing: ordinals, formulas, codes, fractions, a sign.
_NO_NUMBER_AFTER = frozenset("第+/#号届%‰×*=_@\\^~-−.负零'’·‧・•≥≤≧≦±≈")
_ORDINAL = re.compile(rf"第[0-9{HAN}]{{1,5}}(?:[、和至到~—-][0-9{HAN}]{{0,5}}){{1,4}}$|分之$|[0-9{HAN}]点$")
_DASHED = re.compile(rf"[0-9{HAN}](?:[—–~]|至|到|或){{1,2}}$")
# ... and before one whose first digit the mirror's damage may have eaten.
_DAMAGE = frozenset("?？\ufffd□■●◆")
# Behind a measure word, these make it another word, or the number a threshold: 2个月, 3个半, 党员达到3人及以上的.
_NOT_SO = re.compile(
    r"半|(?<=个)(?:多?月|多?小时|多?星期|工作日|百分点|年头|春秋|体户)|(?<=平方)[厘分毫英丈尺寸]|[及或]以[上下]|以[上下]的?,?(?:应|须|可以|必须|方可|均)"
)
_NOT_SO_SIGNS = frozenset("半月多小星工百年春体厘分毫英丈尺寸及或以")

_PEOPLE = re.compile("居民|村民|党员|群众|志愿者|人口|农民|市民|街坊|老人|师生|学生|儿童|员工|职工|业主|家庭|住户")
_HEADS = re.compile("人(?!大)|居民(?!楼)|村民|街坊|党员|群众|老人|员工|学生|志愿者")  # 三百来号居民, not 18号楼
_VAGUE_OF = frozenset(
    ["名", "位", "人", "户", "个", "元", "场", "人次", "次", "件", "册", "份", "口"]
)  # 万名党员, 百元
# Behind a round number without a measure word these begin no noun that is counted: 300多年, 2万里.
_NO_NOUN = frozenset(
    HAN
    + "年月日天岁分秒时小点度倍成里米公厘毫字步级层代届后前号路楼室房瓦伏比多余几半周星个钟把又也就都还的是有之与和及等来"
)
_COUNTED = re.compile(
    r"(?:人口|居民|村民|党员|志愿者|群众|老人|[户人件总次场]数|数量|支部|小组|成员|会员)(?:总数|总量|数)?"
    r"(?:共有|共|约有|为|达到|达|有|计|:|是|至)?\s?$"
)
_LINKED = re.compile(r"(?:[共为达]|达到|共有|合计|总计|共计|增至|增加到|扩大到)\s?$")
_NOUN_BEFORE = re.compile(r"(?:人口|居民|村民|党员|志愿者|群众|老人|户)数?$")
_STOPS = re.compile(r"[^\S\n]?(?:[,。;、!?)\n]|$)")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NO_UNIT = re.compile(r"[0-9.,]+|[一二两三四五六七八九]")
_UNITS_OF_ONE = re.compile(r"(?:[0-9.,]+|[一二两三四五六七八九])([百千])([万亿]?)")  # 五百, 5千万
_THOUSANDTHS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")  # 1.450: a decimal, or thousands as others write them

_ABROAD = (
    "(?:瑞士|俄罗斯|印度|墨西哥|马来西亚|菲律宾|津巴布韦|新西兰)?(?:美元|美金|欧元|港元|港币|日元|日圆|韩元|韩币|英镑|新台币|台币|加元|澳元|澳门元|澳门币|新加坡元|新元|[新澳加马日]币|新西兰元|泰铢|克朗|迪拉姆|卢布|卢比|法郎|越南盾|马克|比索|里拉"
    "|令吉|林吉特)"
)
_FOREIGN = re.compile(rf"\s?\(?(?:元)?{_ABROAD}")
_FOREIGN_BEFORE = re.compile(
    rf"(?:{_ABROAD}|\$|[€£]|USD|HKD|EUR|TWD|JPY|GBP|KRW|SGD|AUD|CAD|NZD|MOP|CHF)[:\s]?(?:约|近|超|逾)?$"
)
_CUT_SHORT = re.compile(rf"{_SMALL_DIGIT}{{1,2}}(?:[,。;、!?)\n]|$)")  # 123元5
_MONEY = frozenset(MEASURES["CNY"])
_UNITS = frozenset([*"百千万亿", "百万", "千万", "百亿", "千亿", "万亿"])
_ROUND, _GROWS, _LINKS = frozenset("百千万亿余多来几"), frozenset("从由"), frozenset("、~–—")
_CAREFUL = frozenset("第号届负周零分点之和至到或几" + HAN)
_RESPECTIVELY = re.compile(r"分别[一-鿿]{0,3}$")
_SHARED = frozenset("、和及与")  # 12、19、7个
_NUMERALS = frozenset("0123456789" + HAN + "几")


class Quantity(NamedTuple):
    """One counted number: `start`..`end` covers blur, numeral and measure word in folded text."""

    start: int
    end: int
    value: float | int
    value_high: float | int | None
    approx: str
    measure: str  # as written; empty where the noun needs none (上万居民), or it is left out (党员36)
    tainted: bool = False
    noun_end: int = 0  # `end`, or that of the people counted without a measure word: without them it is no quantity
    rate: str = ""  # per day, per month, per year
    each: bool = False  # of each of several: 各5个, 每人200元

    def is_measured(self, families: tuple[str, ...]) -> bool:
        """Whether the measure word belongs to one of these families of `MEASURES`."""
        return not set(families).isdisjoint(families_of(self.measure))


@cache
def families_of(measure: str) -> tuple[str, ...]:
    """The families that a measure word is in, its own first; `none` where it is in none."""
    own = tuple(family for family, words in MEASURES.items() if measure in words) or ("none",)
    return own + measures.BESIDES.get(measure, ())


def find(text: str) -> list[Quantity]:
    """All quantities of folded text, in order of appearance."""
    found: list[Quantity] = []
    listed: list[re.Match[str]] = []  # numbers that may share the measure word of the one that follows
    for match in _QUANTITY.finditer(text):
        end = match.end()
        if listed and match.start() != listed[-1].end() + 1:
            found += _all(text, listed)
            listed = []
        if text[end : end + 1] in _SHARED and text[end + 1 : end + 2] in _NUMERALS and not match["measure"]:
            listed.append(match)
        elif listed:
            found += _list(text, [*listed, match])
            listed = []
        else:
            found += _read(text, match)
    return found + _all(text, listed)


def _all(text: str, matches: list[re.Match[str]]) -> list[Quantity]:
    return [quantity for match in matches for quantity in _read(text, match)]


def _read(text: str, match: re.Match[str]) -> tuple[Quantity, ...]:
    """The quantity of a match, if it is one; two where a thing has grown from one to the other (从12名到36名)."""
    measure, high = match.group("measure", "high")
    if not measure:
        quantity = _unmeasured(text, match, match.end())
    elif _is_other_word(text, match, measure):
        end = max(match.end(name) for name in ("number", "more", "times", "late"))
        quantity = None if high else _unmeasured(text, match, end)
    elif high and text[match.start() - 1 : match.start()] in _GROWS:
        to = _QUANTITY.match(text, match.start("high"))
        low = _quantity(text, match, measure, match.end("same" if match["same"] else "number"), grows=True)
        top = _quantity(text, to, measure, match.end(), grows=True) if to else None
        return tuple(quantity for quantity in (low, top) if quantity)
    else:
        quantity = _quantity(text, match, measure, match.end())
    return (quantity,) if quantity else ()


def _list(text: str, matches: list[re.Match[str]]) -> list[Quantity]:
    """Numbers that share the measure word of the last (12、19、7个), or two that are a range (2、3万元)."""
    first, last = matches[0], matches[-1]
    head = text[max(0, first.start() - 3) : first.start()].rstrip(" ")
    if text[first.end()] == "、" and len(first[0]) < 3 and first[0][-1] not in LARGE and head[-1:] in ("", "\n"):
        if not _is_pair(matches):
            matches = matches[1:]  # the point of a list
        elif head:
            return []  # the second point of a list, or two to three: ambiguous
    joined = _joined(text, matches)
    if joined is not None:
        return joined
    whole = next(iter(_read(text, last)), None)
    if whole is None or not whole.measure or _NOUN_BEFORE.search(text, max(0, first.start() - 8), first.start()):
        return _all(text, matches)
    if _is_pair(matches) and not _RESPECTIVELY.search(text, max(0, first.start() - 6), first.start()):
        return _pair(text, matches, whole)
    has_unit = (last["number"] + (last["times"] or ""))[-1] in LARGE
    shared = [
        _quantity(text, match, whole.measure, match.end())
        for match in matches[:-1]
        # 5、8万元: five of what is unknown
        if (match[0][-1] in LARGE) == has_unit and match[0][0].isdigit() == last[0][0].isdigit()
    ]
    return [*(quantity for quantity in shared if quantity), whole]


def _is_pair(matches: list[re.Match[str]]) -> bool:
    """Whether two numbers are one digit and the next one, as in 2、3万 and 七、八个."""
    if len(matches) != 2 or matches[0].string[matches[0].end()] != "、":
        return False
    first, second = matches[0][0], matches[1]["number"]
    if len(first) > 1 or second[1:].strip("十百千万亿") or matches[1]["high"] or first.isdigit() != second[0].isdigit():
        return False
    low, high = read(first), read(second[0])
    return low is not None and high is not None and high.low == low.low + 1


def _pair(text: str, matches: list[re.Match[str]], whole: Quantity) -> list[Quantity]:
    """2、3万元: from two to three of what the second is counted in."""
    low = _quantity(text, matches[0], whole.measure, whole.end)
    digit = read(matches[1]["number"][0])
    if low is None or digit is None:
        return []
    unit = whole.value / digit.low
    approx = whole.approx if low.approx == "exact" else low.approx
    return [low._replace(value=_plain((digit.low - 1) * unit), value_high=whole.value, approx=approx)]


def _joined(text: str, matches: list[re.Match[str]]) -> list[Quantity] | None:
    """十二、三户 and 一百二、三十户, which are one number whose last digit is left open; None where there is none."""
    first, last = matches[0], matches[-1]
    head, tail = first[0], last["number"]
    if len(matches) != 2 or len(head) < 2 or text[first.end()] != "、" or last["high"] or head[-1] not in HAN:
        return None
    low, high = read(head[-1]), read(tail[0])
    if low is None or high is None or low.high or tail[0] in "十百千万亿" or high.low != low.low + 1:
        return None
    if _RESPECTIVELY.search(text, max(0, first.start() - 6), first.start()):
        return None
    numeral = read(head + tail)
    whole = next(iter(_read(text, last)), None)
    if numeral is None or numeral.high is None or whole is None:
        return []
    times = LARGE[last["times"]] if last["times"] else 1
    word, start = _blur(text, first.start(), head)
    approx = _BEFORE[word] if word else whole.approx
    return [whole._replace(start=start, value=numeral.low * times, value_high=numeral.high * times, approx=approx)]


def _is_other_word(text: str, match: re.Match[str], measure: str) -> bool:
    """Whether the measure word only begins another word (36支部, 18号楼)."""
    at = match.start("measure")
    if len(measure) == 1 and text[at : at + 2] in OTHER_WORDS:
        return True
    if measure != "号":
        return False
    blurred = match["more"] or match["late"] or match["number"][-1] in "几百千"
    return not (blurred or _HEADS.match(text, at + 1))


def _unmeasured(text: str, match: re.Match[str], end: int) -> Quantity | None:
    """A number without a measure word, where its context makes it a count: 上万居民, 党员36, 人口不足六百."""
    following = text[end : end + 1]
    noun_end = end
    if "一" <= following <= "鿿":
        is_round = text[end - 1] in _ROUND
        people = _PEOPLE.match(text, end)
        number = match["number"]
        if not (is_round and following not in _NO_NOUN if people is None else is_round or _is_plain_count(number)):
            return None
        noun_end = people.end() if people else end
    elif not (_STOPS.match(text, end) and _is_counted(text, match.start(), match["number"])):
        return None
    return _quantity(text, match, "", end, noun_end)


def _is_plain_count(number: str) -> bool:
    return len(number) > 1 and not _YEAR.fullmatch(number)  # 36党员, not 2021党员


def _is_counted(text: str, at: int, number: str) -> bool:
    """Whether a number that ends its clause counts something: by the words before it, or because its form can only be a
    number (六百, 3.6万, 一百五六十, 七万八)."""
    if _COUNTED.search(text, max(0, at - 12), at):
        return True
    if not _YEAR.fullmatch(number) and (
        _blur(text, at, number)[0] or (len(number) > 1 and _LINKED.search(text, max(0, at - 4), at))
    ):
        return True
    numeral = read(number) if len(number) > 1 and not number.isdigit() else None
    return numeral is not None and (number[-1] in "百千万亿" or "十" in number or numeral.short)


def _quantity(
    text: str, match: re.Match[str], measure: str, end: int, noun_end: int = 0, *, grows: bool = False
) -> Quantity | None:
    """The quantity of a match with this measure word, None where its context makes it no count."""
    at = match.start()
    number, more, times, late, same, high, high_more, high_times, _, small, after, bare_more, bare_times, bare_late = (
        match.groups()
    )
    if not (grows or _may_follow(text, at)) or _goes_on(text, end - len(after or ""), measure):
        return None
    values = _values(number, times or bare_times, None if grows else high, high_times, measure, apart=bool(same))
    if values is None:
        return None
    low, top, some = values
    word, start = _blur(text, at, number)
    vague = number in _UNITS and not (word or more or late or bare_more or bare_late)
    if vague and (measure not in _VAGUE_OF or number + measure == "万元" or text[at - 1 : at] == "家"):
        return None  # 千家万户 and 总投资万元 count nothing; 上千, 百余, 近万, 百名 and 百万元 do
    if (measure in _MONEY or not measure) and (_is_abroad(text, start, end) or _CUT_SHORT.match(text, end)):
        return None
    if small:
        low += _change(small)
    if not _decimals_fit(number, low, top, measure):
        return None
    factor = TO_SQUARE_METRES.get(measure)
    if factor:
        low, top = low * factor, top and top * factor
    marks = {_BEFORE.get(word), _AFTER.get(after or ""), _MORE if some else None}
    marks.update(_MARKS[mark] for mark in (more, late, high_more, bare_more, bare_late) if mark)
    marks.discard(None)
    return Quantity(
        start,
        end,
        _plain(low),
        None if top is None else _plain(top),
        # Marks that differ (近六十余, 约3000余) mean no more than: about so many.
        "exact" if not marks else _ABOUT if len(marks) > 1 else str(marks.pop()),
        measure,
        text[start - 1 : start] in _DAMAGE,
        noun_end or end,
        rates.rate(text, start, end),
        rates.is_each(text, start),
    )


def _goes_on(text: str, end: int, measure: str) -> bool:
    """Whether what follows a measure word makes it part of something else."""
    if text[end : end + 1].isdigit() and measure in ("m2", "m²", "㎡"):
        return True  # 1m20: another code
    return text[end : end + 1] in _NOT_SO_SIGNS and _NOT_SO.match(text, end) is not None


def _decimals_fit(number: str, low: float, top: float | None, measure: str) -> bool:
    """Whether a number has no more decimals than its measure word lets it have."""
    if measure not in WITH_FRACTIONS and (low != int(low) or (top is not None and top != int(top))):
        return False  # 1.450户
    has_decimals = low < 1000 and "." in number and measure not in TO_SQUARE_METRES
    return not (has_decimals and _THOUSANDTHS.fullmatch(number))


def _values(
    number: str, times: str | None, high: str | None, high_times: str | None, measure: str, *, apart: bool
) -> tuple[float, float | None, bool] | None:
    """(value, upper value, whether it is more) of the numerals of a quantity together; `apart`: each has a measure
    word of its own."""
    numeral = read(number)
    if numeral is None or not numeral.low or (number[0] == "0" and number[1:2].isdigit()):
        return None  # 0731 is a code
    if numeral.short and measure:
        return None
    low, top = numeral.low, numeral.high
    if times:
        low, top = low * LARGE[times], top and top * LARGE[times]
    if high:
        upper = read(high)
        if upper is None or upper.high or numeral.high:
            return None
        top = upper.low * LARGE.get(high_times or "", 1)
        unit = _shared_unit(number, high + (high_times or ""))
        if not (times or apart) and low * unit < top:
            low *= unit
        if low >= top:
            return None
    return low, top, numeral.more


def _shared_unit(number: str, high: str) -> float:
    """What the units of the upper number of a range are worth for the lower one: 3至5万元, 三到五百户, 一千到两千万元."""
    units = _UNITS_OF_ONE.fullmatch(high) if _NO_UNIT.fullmatch(number) else None
    if units:
        return (parse("一" + units[1]) or 1) * LARGE.get(units[2], 1)
    return 1 if number[-1] in LARGE else LARGE.get(high[-1], 1)


def _may_follow(text: str, at: int) -> bool:
    """Whether a number can begin at a position: not within a code, an ordinal, a formula, or another number."""
    before = text[at - 1 : at]
    if "㐀" <= before <= "鿿":
        if before not in _CAREFUL:
            return True
        if before == "周":
            return text[at].isdigit()  # 周三 is a day
        if before in _NUMERALS:
            return before == "一" and text[at - 2 : at - 1] not in _NUMERALS  # 统一400户
    elif before in _NO_NUMBER_AFTER or before.isalnum():
        return False
    elif before not in _LINKS:
        return True
    return before not in _NO_NUMBER_AFTER and not (
        _ORDINAL.search(text, max(0, at - 16), at) or _DASHED.search(text, max(0, at - 4), at)
    )


def _blur(text: str, at: int, number: str) -> tuple[str, int]:
    """The word that blurs the number at a position, and where quantity and word begin; empty where there is none."""
    match = _BLUR.search(text, max(0, at - 6), at) if text[at - 1 : at] in _BLUR_ENDS else None
    if match is None:
        return "", at
    word, start = match["word"], match.start()
    if word == "过":
        other = not (number[0] in "百千万" or _PAST.search(text, max(0, start - 2), start + 1))
    elif word in ("上", "数") and number[0] not in ("十百千万" if word == "数" else "百千万"):
        other = True
    else:
        other = start > 0 and text[start - 1] in _NO_BLUR.get(word, "")
    return ("", at) if other else (word, start)


def _is_abroad(text: str, start: int, end: int) -> bool:
    """Whether a sum is money of another country."""
    return bool(_FOREIGN.match(text, end) or _FOREIGN_BEFORE.search(text, max(0, start - 8), start))


def _change(small: str) -> float:
    """5角, 5角2分 as yuan; 半 as half of what is counted, 3分 as tenths of it (两亩三分)."""
    if small == "半":
        return 0.5
    if small[1] == "分":
        return (numeral.low if (numeral := read(small[0])) else 0) / 10
    jiao, fen = read(small[0]), read(small[2]) if len(small) > 2 else None
    return (jiao.low if jiao else 0) / 10 + (fen.low if fen else 0) / 100


def _plain(value: float) -> float | int:
    if isinstance(value, int):
        return value
    value = round(value, 2)
    return int(value) if value == int(value) else value
