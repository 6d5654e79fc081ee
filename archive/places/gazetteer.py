"""Provinces, cities and districts in running text, found whole by the national list: 镇海区, 市中区, 达拉特旗.

Grammar alone cuts such names at the kind words inside them (镇|海区). A name is looked up by its last character, the
longest first; of names that overlap the one that begins first is taken. Short forms (湖南, 株洲, 朝阳) count where they
lead to a place that lies in them: 湖南株洲, 上海普陀区, 北京朝阳红梅社区.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from archive.model import SubjectKind
from archive.places import divisions
from archive.text import fold

# The peoples whose names stand in those of autonomous places: 玉屏侗族自治县 is 玉屏县 in the news.
_PEOPLES = (
    "维吾尔|柯尔克孜|哈萨克|塔吉克|锡伯|蒙古|达斡尔|鄂温克|鄂伦春|朝鲜|仫佬|毛南|土家|布依|仡佬|哈尼|拉祜|布朗|傈僳|独龙|普米|景颇|纳西|撒拉|东乡|保安|裕固"
    "|(?:[各回满苗侗瑶壮彝藏羌畲黎水傣佤白怒土](?=族))"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:(?:{_PEOPLES})族?)*自治([区州县旗])$")
_KIND = re.compile(r"(?:新区|林区|特区|地区|[市省盟区州县旗])$")
_KINDS = {2: SubjectKind.PROVINCE, 4: SubjectKind.CITY, 6: SubjectKind.DISTRICT}
_MUNICIPALITIES = ("11", "12", "31", "50")  # cities without a province above them
# Districts that are called like parts of any city are meant only behind their own: 阳泉市郊区, 洛阳老城区.
_ORDINARY = re.compile(r"^(?:[老新主]?城|[郊矿东西南北中]|港口)[区市]$")
_TOWN = re.compile("街道|[镇乡]")
_PART = re.compile(r"[山城郊矿林新市][区县]$")  # 云南山区
_OTHER_WORD = {
    "市": re.compile(r"场|民(?![政宗])"),
    "区": re.compile(r"[域位]|块链"),
    "县": re.compile(r"域"),
}
# Short forms that are words or parts of other names: 中山路, 长春花园.
_WORDS_TOO = frozenset(["安康", "大同", "中山", "朝阳", "吉安", "兴安", "海东", "长治", "永州", "和平"])
_NOT_SHORT = re.compile(r"[东西南北中]?[路街道巷大花苑园籍人银小社新村镇乡区县学医]")
_LEADS_ON = re.compile(
    r"(?=[^一-鿿]|$|[一-鿿]{2,6}?(?:街道|镇|乡|社区|小区|村))"
)  # 北京朝阳|红梅社区, not 北京朝阳|医院


@dataclass(frozen=True)
class Place:
    """A division named at `start`..`end`, and the codes that the name can mean. A `loose` one is a short form that
    leads to no smaller place: it may be part of another name (长沙阳光小区)."""

    start: int
    end: int
    kind: str
    codes: tuple[str, ...]
    loose: bool = False


@dataclass(frozen=True)
class _Names:
    full: dict[str, tuple[str, ...]]
    tails: dict[str, tuple[int, ...]]  # last two characters -> lengths of the names that end with them, longest first
    short: dict[str, tuple[str, ...]]  # provinces and cities
    heads: dict[str, tuple[int, ...]]  # first two characters -> lengths of the short forms that begin with them
    pairs: frozenset[str]  # of `tails` and `heads`
    loose: frozenset[str]  # those of them that may stand alone
    districts: dict[str, tuple[str, ...]]  # short forms of districts


@cache
def _names() -> _Names:
    full: dict[str, set[str]] = defaultdict(set)
    short: dict[str, set[str]] = defaultdict(set)
    districts: dict[str, set[str]] = defaultdict(set)
    loose = set()
    for code, published in divisions.above().items():
        if len(code) > 6:
            continue
        name = fold(published)
        autonomous = _AUTONOMOUS.match(name)
        written = autonomous[1] + autonomous[2] if autonomous else name
        full[name].add(code)
        if len(code) > 2 and len(written) > 2:
            full[written].add(code)  # 玉屏县, 恩施州
        bare = _KIND.sub("", written)
        if len(bare) < 2:
            continue
        (districts if len(code) == 6 else short)[bare].add(code)
        if len(code) == 2 or not name.endswith("自治州"):
            loose.add(bare)
    tails, heads = _lengths(full, slice(-2, None)), _lengths(short, slice(2))
    return _Names(
        _sorted(full),
        tails,
        _sorted(short),
        heads,
        frozenset(tails.keys() | heads.keys()),
        frozenset(loose & short.keys()) - _WORDS_TOO,
        _sorted(districts),
    )


def _lengths(names: Iterable[str], part: slice) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = defaultdict(set)
    for name in names:
        found[name[part]].add(len(name))
    return {key: tuple(sorted(some, reverse=True)) for key, some in found.items()}


def _sorted(codes: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(some, key=lambda code: (len(code), code))) for name, some in codes.items()}


def codes_of(name: str) -> tuple[str, ...]:
    """The codes of 2, 4 or 6 digits that a full or short name of a province, city or district can mean."""
    names = _names()
    return (*names.full.get(name, ()), *names.short.get(name, ()), *names.districts.get(name, ()))


def is_full(name: str) -> bool:
    """Whether a name of the list stands with its kind (郑州市, not 郑州)."""
    return name in _names().full


def kind_of(name: str, codes: tuple[str, ...]) -> str:
    """The kind of a division: municipalities and county-level cities are cities too."""
    if is_municipality(codes[0]) or (len(codes[0]) == 6 and name.endswith("市")):
        return SubjectKind.CITY
    return _KINDS[len(codes[0])]


def is_municipality(code: str) -> bool:
    """Whether a code is that of Beijing, Tianjin, Shanghai or Chongqing."""
    return code in _MUNICIPALITIES


def below(codes: tuple[str, ...], heads: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some codes that lie below any of others."""
    return tuple(code for code in codes if any(len(head) < len(code) and code.startswith(head) for head in heads))


def find(text: str, begins: Callable[[int], bool]) -> list[Place]:
    """The divisions that a folded text names, in order, none inside another. `begins` says whether a name can begin
    at a position: names of two characters are looked for there alone (建成|县, not 建|成县)."""
    return _Reader(text, begins).read()


class _Reader:
    """One text on its way from left to right."""

    def __init__(self, text: str, begins: Callable[[int], bool]) -> None:
        self._text = text
        self._begins = begins
        self._full, self._short = _spans(text)
        self._found: list[Place] = []

    def read(self) -> list[Place]:
        for start in sorted({*self._full, *self._short}):
            if self._found and start < self._found[-1].end and not self._gives_way(start):
                continue
            last = self._found[-1] if self._found else None
            heads = last.codes if last and last.end == start else ()
            place = self._whole(start, heads) or self._shortened(start, heads)
            if place:
                self._found.append(place)
                district = None if place.loose else self._short_district(place)
                self._found.extend([district] if district else [])
        return self._found

    def _gives_way(self, start: int) -> bool:
        """Whether the name found last ends before another that begins inside it: 济南|市中区, 江|北海|曙区."""
        last, end = self._found[-1], self._full.get(start)
        if not end or end <= last.end:
            return False
        if last.loose:
            if _PART.match(self._text[last.end : end]):
                return False  # 云南|山区
            self._found.pop()
            return True
        codes = _names().short.get(self._text[last.start : start], ())
        if start == last.end - 1 and below(_names().full[self._text[start:end]], codes):
            self._found[-1] = Place(last.start, start, last.kind, codes)
            return True
        return False

    def _whole(self, start: int, heads: tuple[str, ...]) -> Place | None:
        end = self._full.get(start)
        if not end:
            return None
        name = self._text[start:end]
        codes = _names().full[name]
        inside = below(codes, heads)
        town = _TOWN.match(self._text, end)
        if town and divisions.codes_of(name + town[0]):
            return None  # 中山市|南区街道
        if not inside and (_ORDINARY.match(name) or (len(name) == 2 and not self._begins(start))):
            return None
        return Place(start, end, kind_of(name, inside or codes), inside or codes)

    def _shortened(self, start: int, heads: tuple[str, ...]) -> Place | None:
        end = self._short.get(start)
        if not end:
            return None
        name = self._text[start:end]
        codes = _names().short[name]
        inside = below(codes, heads)
        place = Place(start, end, kind_of(name, inside or codes), inside or codes)
        if self._leads_on(place):
            return place
        if _NOT_SHORT.match(self._text, end):
            return None
        return place if inside else replace(place, loose=True) if name in _names().loose else None

    def _leads_on(self, place: Place) -> bool:
        """Whether a smaller place that lies in this one follows: 湖南|株洲, 上海|普陀区, 北京|朝阳|红梅社区."""
        names = _names()
        full, short = self._full.get(place.end), self._short.get(place.end)
        codes = names.full[self._text[place.end : full]] if full else ()
        codes += names.short[self._text[place.end : short]] if short else ()
        return bool(below(codes, place.codes) or self._short_district(place))

    def _short_district(self, place: Place) -> Place | None:
        """A district without its kind behind the city that it lies in."""
        start = place.end
        if start in self._full:
            return None
        for end in range(start + 4, start + 1, -1):
            codes = below(_names().districts.get(self._text[start:end], ()), place.codes)
            if codes and _LEADS_ON.match(self._text, end):
                return Place(start, end, SubjectKind.DISTRICT, codes)
        return None


def _spans(text: str) -> tuple[dict[int, int], dict[int, int]]:
    """Start -> end of full names and of short forms, the longest of those that begin together."""
    names = _names()
    full: dict[int, int] = {}
    short: dict[int, int] = {}
    tails, heads = names.tails, names.heads
    for at in [at for at in range(len(text) - 1) if text[at : at + 2] in names.pairs]:
        pair, end = text[at : at + 2], at + 2
        for length in tails.get(pair, ()):
            if length <= end and text[end - length : end] in names.full and not _is_other_word(text, end):
                full[end - length] = end
        for length in heads.get(pair, ()):
            if text[at : at + length] in names.short:
                short[at] = at + length
                break
    return full, short


def _is_other_word(text: str, end: int) -> bool:
    """Whether the kind word before a position begins another word: 南京|市民, 东方|市场."""
    last = text[end - 1]
    return last in _OTHER_WORD and _OTHER_WORD[last].match(text, end) is not None
