"""Places as texts write them, from the largest down: 湖南省|湘潭市|岳塘区|宝塔街道|云峰社区.

What stands in one path lies in each other; a text may mention other places only in passing (来自四川的志愿者).
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from archive.facts.propose.names import Name
from archive.places import gazetteer
from archive.places.resolve import Steps, rank

_JOINTS = frozenset(["", "的", "·", "-"])
_AND = frozenset(["、", "和", "与", "及"])
_FROM = re.compile(r"(?:来自|远赴|赴|前往|原籍|老家|毗邻|学习|借鉴|考察)(?:于|在)?$")
_OF_OTHERS = re.compile(
    r"[的籍]|[一-鿿]{0,6}(?:考察|参观|调研|代表|观摩|学习)[团组]|[一-鿿]{0,4}(?:同行|客人|专家|游客|客商)"
)
_SPEAKS = re.compile(r"[^一-鿿]|$|讯|电|报道")  # 南京1月5日电, 株洲:…; not 济南|分公司
_CAPITAL = re.compile(r"北京(?:\d+年)?\d+月\d+日电")  # national news is dated there, independent of its topic
_MAX_NEAR = 40  # names of one rank that are searched on either side of a position


@dataclass(frozen=True)
class Path:
    """Names that follow each other, the largest first. `passing`: the text only mentions it."""

    names: tuple[Name, ...]
    passing: bool = False

    @cached_property
    def steps(self) -> Steps:
        """The names and kinds to look up in the list of divisions."""
        return Steps(tuple((name.text, name.kind) for name in self.names), self.passing)


@dataclass(frozen=True)
class Step:
    """One name of a path."""

    path: Path
    number: int

    @property
    def name(self) -> Name:
        """The name itself."""
        return self.path.names[self.number]

    @property
    def down_to(self) -> tuple[Name, ...]:
        """The names from the largest to this."""
        return self.path.names[: self.number + 1]


class Paths:
    """The paths of one folded text in order of appearance, and their steps by position."""

    def __init__(self, text: str, names: Sequence[Name]) -> None:
        self.all = list(_paths(text, names))
        self._starts: dict[int, Step] = {}
        self._ends: dict[int, Step] = {}
        self._ranked: dict[int, list[Step]] = defaultdict(list)
        for step in (Step(path, number) for path in self.all for number in range(len(path.names))):
            if step.name.start not in self._starts:
                self._starts[step.name.start] = self._ends[step.name.end] = step
                self._ranked[_rank(step.name)].append(step)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.all)

    def of(self, start: int, end: int) -> Step | None:
        """The step that a name is, or else the smallest that it begins with (云峰社区|党群服务中心) or stands behind."""
        step = self._starts.get(start)
        if not step or step.name.end > end:
            return self._ends.get(start)
        while (after := self._starts.get(step.name.end)) and after.path == step.path and after.name.end <= end:
            step = after
        return step

    def before(self, position: int, rank: int) -> list[Step]:
        """The steps of a rank that end before a position, the nearest first."""
        steps = self._ranked.get(rank, [])
        at = bisect_left(steps, position, key=lambda step: step.name.start)
        return [step for step in reversed(steps[max(0, at - _MAX_NEAR) : at]) if step.name.end <= position]

    def after(self, position: int, rank: int) -> list[Step]:
        """The steps of a rank from a position on, the nearest first."""
        steps = self._ranked.get(rank, [])
        at = bisect_left(steps, position, key=lambda step: step.name.start)
        return steps[at : at + _MAX_NEAR]


def _paths(text: str, names: Sequence[Name]) -> Iterator[Path]:
    longest = {name.start: name for name in names if rank(name.text, name.kind) is not None}
    used: set[int] = set()
    before: Path | None = None
    for start, name in longest.items():
        if start not in used:
            own = tuple(_follow(text, name, longest))
            used.update(step.start for step in own)
            shared = _shared(text, before, own[0]) if before else ()
            before = Path((*shared, *own), not shared and _is_passing(text, own))
            yield before


def _rank(name: Name) -> int:
    return rank(name.text, name.kind) or 0


def _follow(text: str, name: Name, longest: dict[int, Name]) -> Iterator[Name]:
    """A name and those that go on from it to smaller places."""
    following: Name | None = name
    while following:
        here = following
        yield here
        close = [longest[at] for at in (here.end, here.end + 1) if at in longest and text[here.end : at] in _JOINTS]
        following = next((smaller for smaller in close if _rank(here) < _rank(smaller)), None)


def _shared(text: str, before: Path, first: Name) -> tuple[Name, ...]:
    """The places above the previous item of a list are above this one too: 上海市普陀区、徐汇区."""
    last = before.names[-1]
    is_list = text[last.end : first.start] in _AND and _rank(last) == _rank(first)
    return before.names[:-1] if is_list else ()


def _is_passing(text: str, names: tuple[Name, ...]) -> bool:
    """Whether provinces and cities that lead to no smaller place are an origin, a destination, or part of another name
    (郑州|粮食批发市场), or are a province alone."""
    first, last = names[0], names[-1]
    if _rank(last) > 1:
        return False
    if last.kind == "province" or _FROM.search(text, max(0, first.start - 6), first.start):
        return True
    if gazetteer.codes_of(last.text) and not gazetteer.is_full(last.text):
        return not _SPEAKS.match(text, last.end) or _CAPITAL.match(text, last.start) is not None
    return _OF_OTHERS.match(text, last.end) is not None
