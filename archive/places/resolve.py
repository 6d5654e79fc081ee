"""Which divisions the names of a text are: by intersection. 云峰社区 with 云盘社区 and 宝塔街道 can only be one place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

from archive.places.divisions import LEVELS, codes_of

_LENGTH = {kind: digits for digits, kind in LEVELS.items()}
_TOWNS = 41_352
_CHANCE = 0.05
_MAX_CODES = 2000  # a name that more places share says nothing


@dataclass(frozen=True)
class Places:
    """The place that a text is about: `code` as far as it is certain (2 to 12 digits, empty where nothing is), and
    the code of each name that lies in it."""

    code: str
    codes: dict[str, str]

    def code_of(self, name: str) -> str:
        """The code of a name of the text; empty where it is not certain."""
        return self.codes.get(name, "")


def resolve(names: Iterable[tuple[str, str]]) -> Places:
    """Resolve (name in simplified characters, kind) pairs of one text.

    A place is certain where it explains more of the names than any place that is not above or below it, and names as
    common as these would hardly agree by chance.
    """
    known: dict[str, tuple[str, ...]] = {}
    for name, kind in names:
        if kind in _LENGTH and name not in known:
            codes = _codes(name, kind)
            if codes and len(codes) <= _MAX_CODES:
                known[name] = codes
    best = _best(known)
    if not best:
        return Places("", {})
    found: dict[str, str] = {}
    for name, of_name in known.items():
        # A community is certain only where its town is: another town may be named that the list puts it not in.
        inside = [c for c in of_name if (c.startswith(best) and (len(c) <= 9 or len(best) == 9)) or best.startswith(c)]
        if len(inside) == 1:
            found[name] = inside[0]
    return Places(best, found)


def _codes(name: str, kind: str) -> tuple[str, ...]:
    """The codes of a name, or of what is left of it without a place that the text wrote before it (顺德均安镇)."""
    for start in (0, 2, 3):
        codes = tuple(code for code in codes_of(name[start:]) if _fits(code, kind)) if len(name) >= start + 3 else ()
        if codes:
            return codes
    return ()


def _fits(code: str, kind: str) -> bool:
    """Whether a code is of a kind: county-level cities are called 市, communities may be villages."""
    return len(code) == _LENGTH[kind] or (kind == "city" and len(code) == 6)


def _best(known: dict[str, tuple[str, ...]]) -> str:
    """The town that the names agree on where chance would hardly make them agree, else the smallest county, city or
    province that is named itself and not contradicted."""
    votes: Counter[str] = Counter()
    for of_name in known.values():
        votes.update({code[:digits] for code in of_name for digits in LEVELS if digits <= min(len(code), 9)})
    above = Counter(code for of_name in known.values() for code in of_name if len(code) < 9)
    for prefix in votes:  # a name above lends its vote to what lies below it
        votes[prefix] += sum(above[prefix[:digits]] for digits in (2, 4, 6) if digits < len(prefix))
    for digits in (9, 6, 4, 2):
        ranked = [(count, prefix) for prefix, count in votes.items() if len(prefix) == digits]
        if not ranked:
            continue
        most, best = max(ranked)
        rival = max((n for p, n in votes.items() if not p.startswith(best) and not best.startswith(p)), default=0)
        if most > rival and (_is_no_chance(best, known) if digits == 9 else _is_named(best, known)):
            return best
    return ""


def _is_named(prefix: str, known: dict[str, tuple[str, ...]]) -> bool:
    """Whether a county, city or province is named itself, by a name that is its own or together with one above it."""
    own = [of_name for of_name in known.values() if prefix in of_name]
    above = any(prefix.startswith(code) and code != prefix for of_name in known.values() for code in of_name)
    return any(len(of_name) == 1 or above for of_name in own)


def _is_no_chance(town: str, known: dict[str, tuple[str, ...]]) -> bool:
    """Whether names that common would meet in one town by chance in fewer than one text of twenty."""
    low = [of_name for of_name in known.values() if len(of_name[-1]) >= 9]
    inside = [
        sum(1 for code in of_name if len(code) >= 9) for of_name in low if any(c.startswith(town) for c in of_name)
    ]
    expected = float(_TOWNS) * comb(len(low), len(inside))
    for number in inside:
        expected *= number / _TOWNS
    above = {len(code) for of_name in known.values() for code in of_name if len(code) < 9 and town.startswith(code)}
    if above:  # the smallest one named; it holds so many towns
        expected *= {2: 1300, 4: 120, 6: 14}[max(above)] / _TOWNS
    return bool(inside) and expected < _CHANCE
