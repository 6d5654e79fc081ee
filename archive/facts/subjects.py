"""Who a number is about: the nearest mention of a fitting kind, as the discourse has it.

A type says which kinds of subject it takes, the best first. For each of these in turn: a name inside the
quote, the last mention before it in its sentence, a station named after it in its sentence (投入14万元,打造的…
服务站), then the last mention in earlier sentences. Mentions are names (臻锦园小区), short forms of them (臻锦园),
words that point back (该小区, 全市, 社区 at the head of a clause, 中心), and a station that is named by the place
spoken of (该小区 … 党群服务站 is 臻锦园小区党群服务站). Where nothing is named, the bare word itself is the subject.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.facts.document import Document
from archive.facts.names import KINDS, Name

_STATION_WORDS = "|".join(sorted(KINDS["station"], key=len, reverse=True))
_POINTER = re.compile(
    r"(?:(?P<sure>[该本全])|(?<=[,。;:!?\n])(?:目前|现在|如今)?)"
    r"(?P<word>小区|社区|街道|[村镇乡县市区])"
    rf"(?!{_STATION_WORDS}|级|政府|里的?人|民)"
)
_POINTS_TO = {
    "小区": ("estate",), "社区": ("community",), "村": ("community",), "街道": ("town",), "镇": ("town",), "乡": ("town",),
    "县": ("district",), "区": ("district",), "市": ("city", "district"),
}  # fmt: skip
# A station without its name: 党群服务站, or 该中心, 新中心, 站里 at the head of a clause.
_STATION = re.compile(
    rf"(?P<full>{_STATION_WORDS})"
    r"|(?:[该新本](?=中心|站|驿站|阵地)|(?<=[,。;:!?\n])(?:目前|如今|现在)?)(?P<short>服务中心|服务站|中心|驿站|阵地|站)(?=[^一-鿿]|[一-鿿])"
)
_COUNTED = re.compile(r"[个处座家所级各每](?:城市|农村|社区|小区|街道|村级?|镇级?|市级|区级|县级|一级|级|[、和(])*$")
_BARE = re.compile(
    rf"(?P<station>{_STATION_WORDS}|“[^”]{{2,6}}中心”|(?<=级)中心|(?<=每个)中心|服务站|服务中心)|(?P<estate>小区)|(?P<community>社区|(?<![农乡])村)|(?P<town>街道|(?<![城乡])镇)"
    r"|(?P<city>全市)|(?P<district>全[区县])"
)
UNNAMED = "unnamed"  # the kind of a subject that is a bare word: it is no station or place of its own
_DIGIT = re.compile(r"\d")
_FAR = 300  # characters back to a subject; beyond that nobody would take them together
_CORE = re.compile(rf"{_STATION_WORDS}|小区|社区|村")
_SHORT_FORM = 3  # characters: shorter cores are ordinary words too often
_WIDE = frozenset(["city", "district", "province"])  # a text is about its city from first to last
_MAX_SHORT_FORMS = 40
_ABOVE = ("province", "city", "district", "town")
_PLACES = ("estate", "community")


# What follows these words tells where or what the thing named before is: 京华假日湾是美平社区里最大的小区.
_TELLS = re.compile(
    r"(?:(?:^|[,的])(?:就|原|也)?是[^,。;]*|由原?|(?:位于|坐落[于在]|座落[于在]|地处|设在|设于|隶属于?|属于|搬[进到至]了?|迁[入到至]了?))$"
)
_LISTED = 3  # names of one kind in one sentence are a list; what comes after is about none of them


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    name: Name  # what is meant; for a pointer the name that it points back to
    is_named: bool = True  # false where the name was put together from the place spoken of
    tells: bool = False  # it only tells where or what another is


def of(
    document: Document, start: int, end: int, wanted: tuple[frozenset[str], ...], before: tuple[Name, int] | None = None
) -> Name | None:
    """The subject of a statement at `start`..`end`, None where no name of a wanted kind is near enough.

    `before` is the subject of the statement before and where that one ends: statements of one sentence share
    their subject until another is named.
    """
    sentence_start, sentence_end = document.sentence(start)
    mentions = _mentions(document)
    if before and wanted and before[0].kind in wanted[0] and sentence_start <= before[1] <= start:
        between = [m for m in mentions if before[1] <= m.start and m.end <= end and m.name.kind in wanted[0]]
        if not between:
            return before[0]
    heads = _heads(document, mentions, start, end, wanted)
    for kinds in wanted:
        fitting = [m for m in mentions if m.name.kind in kinds and not m.tells]
        ahead = [m for m in fitting if m.start >= end and m.end <= sentence_end and m.name.kind == "station"]
        ahead = [m for m in ahead if not _DIGIT.search(document.text, end, m.start)]  # another number comes first
        inside = [m for m in fitting if start <= m.start and m.end <= end]
        earlier = [m for m in fitting if m.end <= start]
        here = [m for m in earlier if m.start >= sentence_start]
        far = _FAR if kinds - _WIDE else len(document.text)
        near = [m for m in earlier if start - m.end <= far and not _is_listed(document, m, earlier)]
        near = [m for m in near if m.is_named] or near
        for nearest in (inside[:1], here[-1:], ahead[:1], heads[:1], near[-1:]):
            if nearest:
                return nearest[0].name
    bare = _unnamed(document, start, wanted)
    ahead = [m for m in mentions if end <= m.start and m.end <= sentence_end and any(m.name.kind in k for k in wanted)]
    return bare or (ahead[0].name if ahead else None)


def _heads(
    document: Document, mentions: tuple[_Mention, ...], start: int, end: int, wanted: tuple[frozenset[str], ...]
) -> list[_Mention]:
    """The name that heads the number's own clause (望潭区青萝街道|锦帆社区 is headed by the last of them)."""
    at, _ = document.clause(start, end)
    head: list[_Mention] = []
    while following := [m for m in mentions if m.start == at and m.end <= start and m.end > at]:
        head = following[-1:]
        at = head[0].end
    return [m for m in head if any(m.name.kind in kinds for kinds in wanted)]


def _is_listed(document: Document, mention: _Mention, mentions: list[_Mention]) -> bool:
    """Whether a mention is one of a list: 西苑社区有…,沿河社区有…,三里社区…。"""
    span = document.sentence(mention.start)
    beside = {m.name.text for m in mentions if m.name.kind == mention.name.kind and span[0] <= m.start < span[1]}
    return len(beside) >= _LISTED


def _unnamed(document: Document, start: int, wanted: tuple[frozenset[str], ...]) -> Name | None:
    """The bare word (社区, 街道) that a text without a name speaks of: the last that heads a clause before the number."""
    words = [
        Name(match.start(), match.end(), match.lastgroup or "", match[0])
        for match in _BARE.finditer(document.text, 0, start)
    ]
    for kinds in wanted:
        fitting = [word for word in words if word.kind in kinds and start - word.end <= _FAR]
        sentence, _ = document.sentence(start)
        heads = [
            word
            for word in fitting
            if word.start == 0
            or document.text[word.start - 1] in ",。;:!?\n我本该"
            or (word.kind == "station" and word.start >= sentence)
        ]
        if heads:
            return replace(heads[-1], kind=UNNAMED)
    return None


@lru_cache(maxsize=4)
def _mentions(document: Document) -> tuple[_Mention, ...]:
    names = document.names
    found = [_Mention(name.start, name.end, name) for name in names]
    found.extend(_short_forms(document))
    found.sort(key=lambda m: (m.start, m.end))
    found = list(_telling(document, found))
    said = [m for m in found if not m.tells]
    for pointer in _POINTER.finditer(document.text):
        if pointer["word"] in "村镇乡县市区" and not pointer["sure"]:
            continue
        kinds = _POINTS_TO[pointer["word"]]
        meant = [m.name for m in said if m.name.kind in kinds and m.end <= pointer.start()]
        if meant:
            found.append(_Mention(pointer.start(), pointer.end(), meant[-1]))
    found.sort(key=lambda m: (m.start, m.end))
    found.extend(_unnamed_stations(document, found))
    return tuple(sorted(found, key=lambda m: (m.start, m.end)))


def _telling(document: Document, mentions: list[_Mention]) -> Iterator[_Mention]:
    """The mentions, those marked that only tell where or what the one before them is."""
    last = 0
    telling = -1  # where a place that tells ends: 位于望潭区澄浦街道
    for mention in mentions:
        sentence_start, _ = document.sentence(mention.start)
        before = document.text[max(last, sentence_start, mention.start - 40) : mention.start]
        goes_on = document.text[telling : mention.start] in ("", "、", "和", "与") if telling >= 0 else False
        tells = goes_on or (last > sentence_start and _TELLS.search(before) is not None)
        telling = mention.end if tells else telling
        yield replace(mention, tells=tells)
        last = max(last, mention.end)


def _short_forms(document: Document) -> Iterator[_Mention]:
    """京华假日湾, where the text has 京华假日湾小区 too."""
    cores: dict[str, Name] = {}
    for name in document.names:
        core = _CORE.sub("", name.text)
        if name.kind in _PLACES and len(core) >= _SHORT_FORM and len(cores) < _MAX_SHORT_FORMS:
            cores.setdefault(core, name)
    if not cores:
        return
    spans = [(name.start, name.end) for name in document.names]
    for match in re.finditer("|".join(map(re.escape, sorted(cores, key=len, reverse=True))), document.text):
        if not any(start < match.end() and match.start() < end for start, end in spans):
            yield _Mention(match.start(), match.end(), cores[match[0]])


def _unnamed_stations(document: Document, mentions: list[_Mention]) -> list[_Mention]:
    """Stations spoken of without their name: the one named last, or that of the place named last."""
    text = document.text
    found: list[_Mention] = []
    named = [m for m in mentions if m.name.kind == "station"]
    spans = [(m.start, m.end) for m in named]
    for match in _STATION.finditer(text):
        start, end = match.start(match.lastgroup or 0), match.end()
        if any(s < end and start < e for s, e in spans) or _COUNTED.search(text[max(0, start - 12) : start]):
            continue
        station = next((m for m in reversed(named) if m.end <= start), None) if match["short"] else None
        station = station or next((m for m in reversed([*named, *found]) if m.end <= start), None)
        places = [m for m in mentions if m.end <= start and m.name.kind in _PLACES]
        place = places[-1] if places and not _is_listed(document, places[-1], places) else None
        same = station and (not place or place.start <= station.end or place.name.text in station.name.text)
        if station and (same or match["short"]):
            found.append(_Mention(start, end, station.name))
        elif place and match["full"]:
            joined = place.end + 1 == start and text[place.end] == "的" and place.name.start == place.start
            parts = ((place.start, end),) if joined else ((place.name.start, place.name.end), (start, end))
            name = Name(start, end, "station", place.name.text + match["full"], parts)
            found.append(_Mention(place.start if joined else start, end, name, is_named=joined))
    return found


def full_name(document: Document, name: Name) -> Name:
    """The fullest form of a station's name in the text: 臻锦园小区党群服务站 is 东方名苑臻锦园小区党群服务站."""
    core = _CORE.sub("", name.text)
    if name.kind != "station" or not core:
        return name
    same = [n for n in document.names if n.kind == "station" and _CORE.sub("", n.text).endswith(core)]
    return max(same, key=lambda n: (len(n.text), -n.start), default=name)


def places(document: Document, name: Name) -> tuple[str, ...]:
    """The places that the text names above a subject, largest first: the last of each kind before its first
    mention, else the first after."""
    first = min((n.start for n in document.names if n.text == name.text), default=name.start)
    found = []
    for kind in _ABOVE:
        of_kind = [n for n in document.names if n.kind == kind and n.text != name.text]
        before = [n for n in of_kind if n.start <= first]
        if of_kind:
            found.append((before[-1] if before else of_kind[0]).text)
    return tuple(found)


def division(document: Document, name: Name) -> str:
    """The code of the smallest division that a subject certainly lies in or is; empty where none is certain."""
    places = document.places
    own = places.code_of(name.text)
    if own or not places.code:
        return own
    within = [n for n in document.names if n.kind == "community" and name.start <= n.start and n.end <= name.end]
    beside = [n for n in document.names if n.kind == "community" and n.end == name.start]
    codes = [code for n in (*within, *beside) if (code := places.code_of(n.text))]
    if codes:
        return codes[0]  # 云峰社区党群服务中心, 云盘社区书香庭苑小区
    communities = {code for code in places.codes.values() if len(code) == 12}
    return communities.pop() if len(communities) == 1 and name.kind in ("station", "estate") else places.code
