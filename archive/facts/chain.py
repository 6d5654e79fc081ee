"""Locates a subject: the places that the text names above it, and the code of the division."""

from collections.abc import Iterable

from archive.facts.document import Document
from archive.facts.propose.mentions import CORE
from archive.facts.propose.names import UNNAMED, Name
from archive.facts.propose.paths import Step
from archive.places.divisions import LEVELS, path_of
from archive.places.resolve import codes_of_name, rank

_DISTRICT, _COMMUNITY = 6, 12  # digits of a code
_SMALL = 4  # the rank of a community; stations and 小区 lie in one
_NAMED_NEAR = 3000  # characters before a name in which the places above it are named
_MAX_MENTIONS = 50  # mentions of one name that are examined


def full_name(document: Document, name: Name) -> Name:
    """The fullest form of a station's name in the text: 臻锦园小区党群服务站 is 东方名苑臻锦园小区党群服务站."""
    core = CORE.sub("", name.text)
    if name.kind != "station" or not core:
        return name
    same = [n for n in document.distinct_names if n.kind == "station" and CORE.sub("", n.text).endswith(core)]
    return max(same, key=lambda n: (len(n.text), -n.start), default=name)


def places(document: Document, name: Name) -> tuple[str, ...]:
    """The places that the text names above a subject, largest first.

    Those written with it, and with these, come first; then for each level that is still open the last one before its
    first mention, else the first after, that contradicts none. A province heads the places only where it is written
    with one of them, or one of them is known to lie in it.
    """
    mentions = _mentions(document, name)
    first = min(mention.start for mention in mentions)
    code = division(document, name)
    limit = min(_rank(name), _SMALL)
    above: dict[int, Name] = {}
    for mention in mentions:
        step = document.paths.of(*_span(mention))
        _take(document, above, step.down_to if step else (), limit)
    for level in range(limit - 1, -1, -1):
        if level in above:
            continue
        near = [s for s in document.paths.before(first, level) if s.name.start >= first - _NAMED_NEAR]
        for step in (*near, *document.paths.after(first, level)):
            if step.name.text != name.text and _may_hold(document, step, code, above):
                _take(document, above, step.down_to, limit)
                break
    return tuple(above[level].text for level in sorted(above))


def _take(document: Document, above: dict[int, Name], names: Iterable[Name], limit: int) -> None:
    """Add names, and those that the text writes above them elsewhere, at the levels that are still open."""
    for name in names:
        for mention in _mentions(document, name):
            step = document.paths.of(*_span(mention))
            for upper in step.down_to if step else ():
                if _rank(upper) < limit:
                    above.setdefault(_rank(upper), upper)


def _may_hold(document: Document, step: Step, code: str, above: dict[int, Name]) -> bool:
    """Whether a subject of a code with those places above it can lie in another place that the text names."""
    own = _code(document, step)
    if step.path.passing and not (code and own and code.startswith(own)):
        return False
    return _agree(code, own) and all(above.get(_rank(name), name).text == name.text for name in step.down_to)


def division(document: Document, name: Name) -> str:
    """The code of the smallest division that a subject certainly lies in or is; empty where none is certain.

    The places written with the name decide, at this mention or at others. Without any, it is the division that the whole
    text is about, as far as the text names that before the last mention and the sentence names no other.
    """
    steps = [document.paths.of(*_span(mention)) for mention in _mentions(document, name)]
    codes = [_code(document, step) if step else "" for step in steps]
    stated = [code for code in codes if code]
    if stated:
        longest = max(stated, key=len)
        return longest if all(longest.startswith(code) for code in stated) else codes[0]
    about = document.places.code
    if name.kind == UNNAMED and name.text[-1] in "市区县":
        return _division_called(about, name.text[-1])
    listed = codes_of_name(name.text, name.kind)
    if _rank(name) < _SMALL - 1 or (name.kind == "town" and listed):
        return ""
    communities = {code for codes in document.places.codes.values() for code in codes if len(code) == _COMMUNITY}
    if len(communities) == 1 and name.kind in ("station", "estate"):
        return communities.pop()
    last = max(mention.start for mention in _mentions(document, name))
    named = _last_named(document, name.start)
    while about and not (_agree(about, named) and document.first_named.get(about, last) <= last):
        about = about[: max((digits for digits in LEVELS if digits < len(about)), default=0)]
    return about


def _code(document: Document, step: Step) -> str:
    """The code of a step, or of the nearest above it that is certain."""
    codes = document.places.codes.get(step.path.steps, ())
    return next((code for code in reversed(codes[: step.number + 1]) if code), "")


def _division_called(code: str, word: str) -> str:
    """The division of a code that is called 市, 区 or 县, where only one is: 全市, 全区."""
    matching = [
        code[:digits] for digits in (2, 4, _DISTRICT) if digits <= len(code) and _last_name(code[:digits])[-1:] == word
    ]
    return matching[0] if len(matching) == 1 else ""


def _last_name(code: str) -> str:
    here, above = path_of(code), path_of(code[:-1])
    return here[-1] if len(here) > len(above) else ""


def _last_named(document: Document, position: int) -> str:
    """The code of the district or smaller place that the sentence names last before a position."""
    start, _ = document.sentence(position)
    near = [step for level in (2, 3) for step in document.paths.before(position, level)[:1] if step.name.start >= start]
    last = max(near, key=lambda step: step.name.start, default=None)
    return _code(document, last) if last else ""


def _agree(code: str, other: str) -> bool:
    """Whether one of two divisions is part of the other; an empty code agrees with all."""
    return code.startswith(other) or other.startswith(code)


def _mentions(document: Document, name: Name) -> list[Name]:
    """A name and the others of its text and kind."""
    return [name, *document.same_names.get((name.text, name.kind), ())[:_MAX_MENTIONS]]


def _span(name: Name) -> tuple[int, int]:
    return name.parts[0] if name.parts else (name.start, name.end)


def _rank(name: Name) -> int:
    found = rank(name.text, name.kind)
    return _SMALL + 1 if found is None else found
