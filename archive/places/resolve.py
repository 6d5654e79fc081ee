"""Which divisions the names of a text are: by the path that they stand in, and by intersection.

普陀区 behind 上海市 lies in Shanghai. 云峰社区 with 云盘社区 and 宝塔街道 can only be one place.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb

from archive.model import SubjectKind
from archive.places import gazetteer
from archive.places.divisions import LEVELS, codes_of

_LENGTH: dict[str, int] = {kind: digits for digits, kind in LEVELS.items()}
_RANKS: dict[str, int] = {
    SubjectKind.PROVINCE: 0,
    SubjectKind.CITY: 1,
    SubjectKind.DISTRICT: 2,
    SubjectKind.TOWN: 3,
    SubjectKind.COMMUNITY: 4,
}
_DISTRICT, _TOWN = 6, 9  # digits of a code
_TOWNS = 41_352
_CHANCE = 0.05
_REMEMBERED = 50_000  # names; of many texts' names no more are kept
_MAX_CODES = 2000  # a name that more places share says nothing

Codes = tuple[str, ...]


@dataclass(frozen=True)
class Steps:
    """Names that a text writes one behind the other as (name in simplified characters, kind), the largest first.
    `passing`: the text only mentions them and is not about them."""

    names: tuple[tuple[str, str], ...]
    passing: bool = False


@dataclass(frozen=True)
class Places:
    """The place that a text is about: `code` as far as it is certain (2 to 12 digits, empty where nothing is), and for
    each path the codes of its names, empty where they are not certain."""

    code: str
    codes: dict[Steps, Codes]


@lru_cache(_REMEMBERED)
def rank(name: str, kind: str) -> int | None:
    """0 for a province to 4 for a community; a county-level city ranks as a district. None for what is no division."""
    if kind == SubjectKind.CITY and (codes := _codes(name, kind)) and all(len(code) == _DISTRICT for code in codes):
        return _RANKS[SubjectKind.DISTRICT]
    return _RANKS.get(kind)


def resolve(paths: Sequence[Steps]) -> Places:
    """Resolve the paths of one text, given in order of appearance.

    A name that several places share is what the path says that it stands in, or what the same name is elsewhere in
    the text, or what lies in the only city named before that has one. The text's place is certain where it explains
    more of the names than any place that is not above or below it, and names as common as these would hardly agree by
    chance.
    """
    narrowed = _settled(paths, [_narrowed(path.names) for path in paths])
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, codes in zip(paths, narrowed, strict=True):
        for name, of_name in zip(path.names, codes, strict=True):
            if not path.passing and _votes(of_name):
                known[name].update(of_name)
    about = _best({name: tuple(codes) for name, codes in known.items()})
    return Places(about, {path: _certain(codes, about) for path, codes in zip(paths, narrowed, strict=True)})


def codes_of_name(name: str, kind: str) -> Codes:
    """All codes that a name of a kind can mean; none for what is no division or in none of the list."""
    return _codes(name, kind) if kind in _LENGTH else ()


def _votes(codes: Codes) -> bool:
    return bool(codes) and (len(codes) == 1 or len(codes[-1]) >= _TOWN)


@lru_cache(_REMEMBERED)
def _codes(name: str, kind: str) -> Codes:
    """The codes of a name, or of what is left of it behind a place that it begins with (顺德|均安镇)."""
    codes = _listed(name, kind)
    for cut in range(2, min(5, len(name) - 1)):
        if codes:
            break
        codes = gazetteer.below(_listed(name[cut:], kind), gazetteer.codes_of(name[:cut]))
    return codes if len(codes) <= _MAX_CODES else ()


def _listed(name: str, kind: str) -> Codes:
    if kind in (SubjectKind.PROVINCE, SubjectKind.CITY, SubjectKind.DISTRICT):
        codes = tuple(code for code in gazetteer.codes_of(name) if _fits(code, kind))
        return tuple(code for code in codes if not gazetteer.below((code,), codes))  # 中山市 is its own district
    return tuple(code for code in codes_of(name) if len(code) == _LENGTH[kind])


def _fits(code: str, kind: str) -> bool:
    """Whether a code is of a kind: municipalities and county-level cities are called 市."""
    return len(code) == _LENGTH[kind] or (
        kind == SubjectKind.CITY and (len(code) == _DISTRICT or gazetteer.is_municipality(code))
    )


def _narrowed(names: Sequence[tuple[str, str]], heads: Codes = ()) -> list[Codes]:
    """The codes that each name of a path can have beside the others; none below one that the list has not."""
    found: list[Codes] = []
    for name, kind in names:
        codes = _codes(name, kind)
        if not codes and kind not in (SubjectKind.PROVINCE, SubjectKind.COMMUNITY):
            break
        inside = _within(codes, heads) if heads else codes
        if not inside and kind in (SubjectKind.PROVINCE, SubjectKind.CITY, SubjectKind.DISTRICT):
            inside = codes  # it does not lie in what stands before it
        found.append(inside)
        heads = inside or heads
    for at in range(len(found) - 1, 0, -1):
        if found[at] and len(found[at][0]) <= _TOWN:  # a community may have its name from chance
            above = tuple(c for c in found[at - 1] if any(code.startswith(c) for code in found[at]))
            found[at - 1] = above or found[at - 1]
    return [*found, *[()] * (len(names) - len(found))]


def _within(codes: Codes, heads: Codes) -> Codes:
    return tuple(code for code in codes if code.startswith(heads))


def _settled(paths: Sequence[Steps], narrowed: list[list[Codes]]) -> list[list[Codes]]:
    """The codes of paths with a district that several places share, as far as the rest of the text decides which."""
    elsewhere: dict[str, set[str]] = defaultdict(set)
    for path, codes in zip(paths, narrowed, strict=True):
        for (name, _), of_name in zip(path.names, codes, strict=True):
            if len(of_name) == 1 and len(of_name[0]) <= _DISTRICT:
                elsewhere[name].update(of_name)
    cities: set[str] = set()
    settled = []
    for path, found in zip(paths, narrowed, strict=True):
        codes = found
        shared = next((at for at, c in enumerate(codes) if len(c) > 1 and len(c[-1]) == _DISTRICT), None)
        if shared is not None:
            able = tuple(elsewhere[path.names[shared][0]]) or _within(codes[shared], tuple(cities))
            if len(able) == 1:
                codes = [*codes[:shared], *_narrowed(path.names[shared:], able)]
        settled.append(codes)
        if not path.passing:
            cities.update(of_name[0] for of_name in codes if len(of_name) == 1 and _is_city(of_name[0]))
    return settled


def _is_city(code: str) -> bool:
    return len(code) == _LENGTH[SubjectKind.CITY] or gazetteer.is_municipality(code)


def _certain(path: Iterable[Codes], about: str) -> Codes:
    """The code of each name of a path where it is certain.

    A town is so where what stands above it is, or the text is about what it lies in; a community only where its town
    is: another town may be named that the list puts it not in.
    """
    found: list[str] = []
    above = ""
    for codes in path:
        digits = len(codes[-1]) if codes else 0
        sure = codes if len(codes) == 1 and digits <= _DISTRICT else ()
        for place in (above, about):
            if place and not sure and (digits <= _TOWN or len(place) == _TOWN):
                inside = tuple(code for code in codes if code.startswith(place) or place.startswith(code))
                sure = inside if len(inside) == 1 else ()
        found.append(sure[0] if sure else "")
        above = found[-1] or above
    return tuple(found)


def _best(known: dict[tuple[str, str], Codes]) -> str:
    """The town that the names agree on where chance would hardly make them agree, else the smallest county, city or
    province that is named itself and not contradicted."""
    votes: Counter[str] = Counter()
    low: Counter[str] = Counter()  # votes of towns and communities
    for codes in known.values():
        below = {code[:digits] for code in codes for digits in LEVELS if digits <= min(len(code), _TOWN)}
        votes.update(below)
        low.update(below if len(codes[0]) >= _TOWN else ())
    above = Counter(code for codes in known.values() for code in codes if len(code) < _TOWN)
    for prefix in votes:  # a name above lends its vote to what lies below it
        votes[prefix] += sum(above[prefix[:digits]] for digits in (2, 4, 6) if digits < len(prefix))
    for digits in (9, 6, 4, 2):
        is_town = digits == _TOWN
        ranked = [(votes[place], place) for place in votes if len(place) == digits and (is_town or place in above)]
        if not ranked:
            continue
        most, best = max(ranked)
        # One community alone, whose name many share, speaks for no other district than the one that is named.
        rivals = (place for place in votes if is_town or place in above or low[place] > 1)
        rival = max((votes[p] for p in rivals if not p.startswith(best) and not best.startswith(p)), default=0)
        if most > rival and (not is_town or _is_no_chance(best, known)):
            return best
    return ""


def _is_no_chance(town: str, known: dict[tuple[str, str], Codes]) -> bool:
    """Whether names that common would meet in one town by chance in fewer than one text of twenty."""
    low = {name: codes for name, codes in known.items() if len(codes[0]) >= _TOWN}
    inside = [name for name, codes in low.items() if any(code.startswith(town) for code in codes)]
    expected = float(_TOWNS) * comb(len(low), len(inside))
    for name in inside:
        expected *= len(_codes(*name)) / _TOWNS
    above = [len(code) for codes in known.values() for code in codes if len(code) < _TOWN and town.startswith(code)]
    if above:  # the smallest one named; it holds so many towns
        expected *= {2: 1300, 4: 120, 6: 14}[max(above)] / _TOWNS
    return bool(inside) and expected < _CHANCE
