"""Who is mentioned where in a text: names, their short forms, words that point back, stations named by their place.

Every step goes through the text once, so that time grows with its length and nothing else.
"""

import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from archive.facts.propose.names import KINDS, Name

_STATION_WORDS = "|".join(sorted(KINDS["station"], key=len, reverse=True))
CORE = re.compile(rf"{_STATION_WORDS}|小区|社区|村")
_WIDE = frozenset(["city", "district", "province"])  # a text is about its city from first to last
_PLACES = ("estate", "community")

_POINTER = re.compile(
    r"(?:(?P<sure>[该本全])|(?<=[,。;:!?\n])(?:目前|现在|如今)?)"
    r"(?P<word>小区|社区|街道|[村镇乡县市区])"
    rf"(?!{_STATION_WORDS}|级|政府|里的?人|民)"
    r"|(?:(?<=[,。;:!?\n])|(?<=年来,)|(?<=以来,))(?P<body>[镇乡县区])(?=党委|政府|委)"
)
_POINTS_TO = {
    "小区": ("estate",), "社区": ("community",), "村": ("community",), "街道": ("town",), "镇": ("town",), "乡": ("town",),
    "县": ("district",), "区": ("district",), "旗": ("district",), "市": ("city", "district"),
}  # fmt: skip
# A station without its name: 党群服务站, or 该中心, 新中心, 站里 at the head of a clause.
_STATION = re.compile(
    rf"(?P<full>{_STATION_WORDS})"
    r"|(?:[该新本](?=中心|站|驿站|阵地)|(?<=[,。;:!?\n])(?:目前|如今|现在)?)(?P<short>服务中心|服务站|中心|驿站|阵地|站)"
)
_COUNTED = re.compile(r"[个处座家所级各每](?:城市|农村|社区|小区|街道|村级?|镇级?|市级|区级|县级|一级|级|[、和(])*$")
# What follows these words describes where or what the thing named before is: 京华假日湾是美平社区里最大的小区.
_DESCRIBES = re.compile(
    r"(?:(?:^|[,的])(?:就|原|也)?是[^,。;]*|由原?|(?:位于|坐落[于在]|座落[于在]|地处|设在|设于|隶属于?|属于|搬[进到至]了?|迁[入到至]了?))$"
)
_TOWNS_OWN = re.compile(r"(?:街道|[镇乡])$")
_LISTED = 3  # names of one kind in one sentence are a list; what comes after is about none of them
_SHORT_FORM = 3  # characters: shorter cores are ordinary words too often
_MAX_SHORT_FORMS = 40
_HERE = re.compile(r"(?:[这那]里|此[处地]|当地|该[处地]|[我你他]们)$")
_BODY = re.compile(r"(?:中心|站点?|驿站|阵地)$")
_FAR_BACK = 200  # mentions before a pointing expression that it can mean
_SAME_START = 8  # mentions that begin at one position


@dataclass(frozen=True)
class Mention:
    """Words at `start`..`end` that mean `name`."""

    start: int
    end: int
    name: Name  # for a pointer the name that it points back to
    descriptive: bool = False  # it only describes where or what another name is
    listed: bool = False  # one of several of its kind: 西苑社区有…,沿河社区有…,三里社区…


class Mentions:
    """The mentions of one text in order of appearance, found by position."""

    def __init__(self, text: str, names: list[Name], sentence: Callable[[int], tuple[int, int]]) -> None:
        found = [Mention(name.start, name.end, name) for name in names]
        found.extend(_short_forms(text, names))
        found = list(_mark_descriptive(text, _ordered(found), sentence))
        found = _ordered([*found, *_pointers(text, found)])
        found = list(_mark_listed(found, sentence))
        found = _ordered([*found, *_unnamed_stations(text, found)])
        self._all = found
        self._starts = [mention.start for mention in found]

    def __iter__(self) -> Iterator[Mention]:
        return iter(self._all)

    def antecedent(self, text: str, start: int, end: int) -> Name | None:
        """The name that a pointing expression at a span of the folded text means (该小区, 社区, 中心, 全村, 这里).

        It is the last one of its kind that was named or meant before; None where there is none, or where it is one of
        a list.
        """
        here = bisect_left(self._starts, start)
        for mention in self._all[here : here + _SAME_START]:
            if (mention.start, mention.end) == (start, end) and mention.name.start != start:
                return mention.name
        kinds, ending = _pointed_at(text[start:end])
        for mention in reversed(self._all[max(0, here - _FAR_BACK) : here]):
            name = mention.name
            if name.kind in kinds and name.text.endswith(ending) and mention.end <= start and not mention.descriptive:
                return None if mention.listed else name
        return None


def _pointed_at(words: str) -> tuple[tuple[str, ...], str]:
    """The kinds of name that words can point back to, and how the name must end."""
    if _HERE.search(words):
        return ("station", *_PLACES, "town"), ""
    for word, kinds in _POINTS_TO.items():
        if words.endswith(word):
            return kinds, word if kinds in (("town",), ("district",)) or word == "村" else ""
    return (("station",), "") if _BODY.search(words) else ((), "")


def _mask(spans: Iterable[tuple[int, int]], length: int) -> bytearray:
    """One byte a character, 1 inside any of the spans."""
    covered = bytearray(length)
    for start, end in spans:
        covered[start:end] = b"\x01" * (end - start)
    return covered


def _ordered(mentions: list[Mention]) -> list[Mention]:
    return sorted(mentions, key=lambda m: (m.start, m.end))


def _mark_descriptive(
    text: str, mentions: list[Mention], sentence: Callable[[int], tuple[int, int]]
) -> Iterator[Mention]:
    """The mentions. Marked are those that only describe where or what the one before them is."""
    last = 0
    described_to = -1  # where a descriptive place ends: 位于望潭区澄浦街道
    for mention in mentions:
        sentence_start, _ = sentence(mention.start)
        before = text[max(last, sentence_start, mention.start - 40) : mention.start]
        goes_on = (
            described_to >= 0
            and mention.start - described_to < 2
            and text[described_to : mention.start] in ("", "、", "和", "与")
        )
        descriptive = goes_on or (last > sentence_start and _DESCRIBES.search(before) is not None)
        described_to = mention.end if descriptive else described_to
        yield replace(mention, descriptive=descriptive)
        last = max(last, mention.end)


def _mark_listed(mentions: list[Mention], sentence: Callable[[int], tuple[int, int]]) -> Iterator[Mention]:
    """The mentions. Marked are those that are one of a list."""
    named: dict[tuple[int, str], set[str]] = defaultdict(set)
    for mention in mentions:
        named[sentence(mention.start)[0], mention.name.kind].add(mention.name.text)
    for mention in mentions:
        yield replace(mention, listed=len(named[sentence(mention.start)[0], mention.name.kind]) >= _LISTED)


def _short_forms(text: str, names: list[Name]) -> Iterator[Mention]:
    """京华假日湾, where the text has 京华假日湾小区 too."""
    cores: dict[str, Name] = {}
    for name in names:
        core = CORE.sub("", name.text) if name.kind in _PLACES else ""
        if len(core) >= _SHORT_FORM and len(cores) < _MAX_SHORT_FORMS:
            cores.setdefault(core, name)
    if not cores:
        return
    taken = _mask(((name.start, name.end) for name in names), len(text))
    for match in re.finditer("|".join(map(re.escape, sorted(cores, key=len, reverse=True))), text):
        if not any(taken[match.start() : match.end()]):
            yield Mention(match.start(), match.end(), cores[match[0]])


def _pointers(text: str, mentions: list[Mention]) -> Iterator[Mention]:
    """该小区, 全市, 社区 at the head of a clause: the last of that kind that was named; before any was, the only one
    that the text names."""
    all_of: dict[str, dict[str, Name]] = defaultdict(dict)
    for mention in mentions:
        all_of[mention.name.kind].setdefault(mention.name.text, mention.name)
    listed = _mask(((m.start + 1, m.end) for m in mentions if m.name.kind in _WIDE), len(text))
    last: dict[str, Name] = {}
    order: dict[str, int] = {}
    coming = iter(sorted((m for m in mentions if not m.descriptive), key=lambda m: m.end))
    following = next(coming, None)
    for pointer in _POINTER.finditer(text):
        while following is not None and following.end <= pointer.start():
            last[following.name.kind], order[following.name.kind] = following.name, following.start
            following = next(coming, None)
        word = pointer["word"] or pointer["body"]
        if word in "村镇乡县市区" and not (pointer["sure"] or pointer["body"]):
            continue
        if listed[pointer.start()]:
            continue  # 万|全区
        known = [kind for kind in _POINTS_TO[word] if kind in last]
        if known:
            yield Mention(pointer.start(), pointer.end(), last[max(known, key=order.__getitem__)])
        elif pointer["sure"] and len(coming_up := [n for kind in _POINTS_TO[word] for n in all_of[kind].values()]) == 1:
            yield Mention(pointer.start(), pointer.end(), coming_up[0])


def _unnamed_stations(text: str, mentions: list[Mention]) -> Iterator[Mention]:
    """Stations mentioned without their name: the one named last, or that of the place named last."""
    taken = _mask(((m.start, m.end) for m in mentions if m.name.kind == "station"), len(text))
    coming = deque(sorted(mentions, key=lambda m: m.end))
    last: dict[str, Mention] = {}  # by what it names: a station, a place, a town
    spoken: Mention | None = None  # the station mentioned last, named or not
    for match in _STATION.finditer(text):
        start, end = match.start(match.lastgroup or 0), match.end()
        while coming and coming[0].end <= start:
            met = coming.popleft()
            what = "place" if met.name.kind in _PLACES else met.name.kind
            last[what] = met
            spoken = met if what == "station" else spoken
        if any(taken[start:end]) or _COUNTED.search(text, max(0, start - 12), start):
            continue
        near = _near(text, start, last.get("place"), last.get("town"))
        station = (last.get("station") if match["short"] else None) or spoken
        same = station and (not near or near.start <= station.end or near.name.text in station.name.text)
        if station and (same or match["short"]):
            yield Mention(start, end, station.name)
            spoken = Mention(start, end, station.name)
        elif near and match["full"]:
            spoken = _of_place(text, near, start, end, match["full"])
            yield spoken


def _near(text: str, start: int, place: Mention | None, town: Mention | None) -> Mention | None:
    """The place, of those named last, that a station at `start` is of."""
    if town and _TOWNS_OWN.search(text, max(0, start - 2), start):
        return town  # 苍山镇为镇党群服务中心揭牌
    return place if place and not place.listed else None


def _of_place(text: str, place: Mention, start: int, end: int, word: str) -> Mention:
    """The station of a place, which the text calls by a bare word."""
    joined = place.end + 1 == start and text[place.end] == "的" and place.name.start == place.start
    parts = ((place.start, end),) if joined else ((place.name.start, place.name.end), (start, end))
    name = Name(start, end, "station", place.name.text + word, parts)
    return Mention(place.start if joined else start, end, name)
