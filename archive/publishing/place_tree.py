"""The tree of places: which path leads from the province down to each station.

One district is one place, whatever articles name above it. 海曙区, 宁波市 海曙区 and a station whose division is known by its
code all lead to 浙江省 › 宁波市 › 海曙区, because the national list has only one. A place that the list does not have is the
one of its name that some article puts in a longer path, if the articles put it in one place only.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from archive.model import SubjectKind
from archive.places.divisions import LEVELS, names_of, path_of
from archive.places.resolve import Steps, codes_of_name, rank, resolve
from archive.text import fold

_TOWN, _COMMUNITY = 9, 12  # digits of a code
_CITY = 4
_ROUNDS = 2  # the first finds the district of a town, the second the town that another text puts in the city only
_RANK_OF_DIGITS = {digits: number for number, digits in enumerate(LEVELS)}
_KINDS = (
    (SubjectKind.PROVINCE, re.compile(r"(?:省|自治区|特别行政区)$")),
    (SubjectKind.CITY, re.compile(r"(?:[市州盟]|地区)$")),
    (SubjectKind.DISTRICT, re.compile(r"[区县旗]$")),
    (SubjectKind.TOWN, re.compile(r"(?:街道|[镇乡]|苏木)$")),
)
# Names that many cities have a district of. Alone they say nothing about which city is meant.
_ORDINARY = re.compile(
    r"^(?:国家级?|省级|高新|经开|经济|技术|产业|开发|综合|示范|先行|合作|旅游|度假|保税|自贸|试验|管理|[老新主]?城|[新郊矿东西南北中])+区$"
)

Names = tuple[str, ...]  # the names of a path, the topmost first


class Written(NamedTuple):
    """Where a name of a station lies: the code of its division (may be empty), and the places that articles name above it,
    the largest first, with blanks between them."""

    division: str
    place: str


class Node(NamedTuple):
    """A place on the path down to a station. Its key is its code or, where the list does not have it, the names of its path."""

    key: str
    name: str
    kind: str  # a SubjectKind; empty where the name does not say


class _Path(NamedTuple):
    """A path: the code as far down as it is certain, and all names. The first `listed` of them are the code's."""

    code: str
    names: Names
    listed: int


class Tree:
    """The paths of an archive's stations."""

    def __init__(self, written: Iterable[Written]) -> None:
        """Lay out the tree.

        Args:
            written: all that articles write about where stations lie.
        """
        self._paths = {one: _path(one) for one in set(written)}
        self._communities = names_of(path.code for path in self._paths.values() if len(path.code) == _COMMUNITY)
        self._codes = {names: code for path in self._paths.values() for names, code in _listed(path.code)}
        for _ in range(_ROUNDS):
            self._paths = self._lengthened()

    def path(self, written: Written) -> list[Node]:
        """Returns the places that something lies in, the topmost first."""
        path = self._paths[written]
        nodes = [self._node(path.names[:end]) for end in range(1, len(path.names) + 1)]
        community = self._communities.get(path.code)
        return [*nodes, Node(path.code, community, SubjectKind.COMMUNITY)] if community else nodes

    def forms(self, written: Written) -> Iterator[tuple[str, str]]:
        """Yields (key of a place, how an article writes it with what it names above it)."""
        tokens = written.place.split()
        codes = _certain(tokens)
        nodes = {node.name: node.key for node in self.path(written)}
        keys = set(nodes.values())
        for at, (token, code) in enumerate(zip(tokens, codes, strict=True)):
            key = code if code in keys else nodes.get(token)
            if key:
                yield key, " ".join(tokens[: at + 1])

    def _node(self, names: Names) -> Node:
        code = self._codes.get(names, "")
        return Node(code or " ".join(names), names[-1], LEVELS[len(code)] if code else _kind(names[-1]))

    def _lengthened(self) -> dict[Written, _Path]:
        """The paths, with all places that other paths have between theirs."""
        ways: dict[str, set[Names]] = defaultdict(set)
        for path in self._paths.values():
            for end in range(path.listed + 1, len(path.names) + 1):
                ways[path.names[end - 1]].add(path.names[:end])

        @cache
        def longest(names: Names, code: str) -> Names:
            return max(_same(names, code, ways[names[-1]]), key=len, default=names)

        found = {}
        for written, path in self._paths.items():
            names = path.names[: path.listed]
            for name in path.names[path.listed :]:
                names = longest((*names, name), path.code)
            found[written] = path._replace(names=names)
        return found


def city_of(nodes: Iterable[Node]) -> str:
    """Returns the names of a path down to its city, if the national list has it."""
    return " ".join(node.name for node in nodes if node.key.isdecimal() and len(node.key) <= _CITY)


def _same(names: Names, code: str, ways: Iterable[Names]) -> list[Names]:
    """Those of the ways to a place of one name that are longer paths of this place, in the division of a code; none where
    they lead to more than one."""
    kind = _kind(names[-1])
    alone = len(names) == 1 and (kind not in (SubjectKind.CITY, SubjectKind.DISTRICT) or _ORDINARY.match(names[-1]))
    if alone or any(listed.startswith(code) for listed in codes_of_name(names[-1], kind)):
        return []
    longer = [way for way in ways if len(way) > len(names) and _is_part(names, way)]
    longest = max(longer, key=lambda way: (len(way), way), default=())
    return longer if all(_is_part(way, longest) for way in longer) else []


def _path(written: Written) -> _Path:
    division, names = written.division, tuple(fold(name) for name in written.place.split())
    if any(code and not _agree(code, division) for code in _certain(names)):
        return _Path(division, path_of(division), len(path_of(division)))
    level = _RANK_OF_DIGITS.get(len(division), -1)
    whole = (*path_of(division), *(name for name in names if level < _rank(name) <= _RANK_OF_DIGITS[_TOWN]))
    certain = [(code, at) for at, code in enumerate(_certain(whole), 1) if code and len(code) >= len(division)]
    code, at = max(certain, key=lambda one: len(one[0]), default=(division, len(path_of(division))))
    above = path_of(code)
    return _Path(code, (*above, *whole[at:]), len(above))


def _listed(code: str) -> Iterator[tuple[Names, str]]:
    """Yields the path and the code of each division down to a code's town. Levels without a name of their own (市辖区) are
    left out."""
    for digits in (_TOWN, 6, _CITY, 2):
        here = path_of(code[:digits])
        if digits <= len(code) and len(here) > len(path_of(code[: digits - 1]) if digits > 2 else ()):
            yield here, code[:digits]


def _certain(names: Iterable[str]) -> tuple[str, ...]:
    """The code of each name of a path, empty where it is not certain."""
    steps = Steps(tuple((fold(name), _kind(name) or SubjectKind.TOWN) for name in names))
    return resolve([steps]).codes[steps] if steps.names else ()


def _kind(name: str) -> str:
    return next((kind for kind, form in _KINDS if form.search(name)), "")


def _rank(name: str) -> int:
    found = rank(name, _kind(name) or SubjectKind.TOWN)
    assert found is not None
    return found


def _agree(code: str, other: str) -> bool:
    return code.startswith(other) or other.startswith(code)


def _is_part(names: Names, other: Names) -> bool:
    """Whether all names stand in another path in their order, and both end with one name."""
    rest = iter(other)
    return names[-1] == other[-1] and all(name in rest for name in names)
