"""Every district of the national list in sentences of our own, and the codes that its community is given there."""

import re
from collections import Counter

from archive.facts import chain
from archive.facts.document import Document
from archive.places.divisions import above, path_of

_ALONE = (
    "{name}青禾社区现有党员86名。",
    "近日,{name}召开会议,青禾社区党群服务站介绍了经验。",
    "位于{name}的青禾社区党群服务中心已经启用。",
)
_IN_CITY = (
    "{city}{name}青禾社区现有党员86名。",
    "近日,{city}{name}召开会议,青禾社区党群服务站介绍了经验。",
    "位于{province}{city}{name}的青禾社区党群服务中心已经启用。",
)
_SHORT = ("{short}{name}青禾社区现有党员86名。",)
FRAMES = {"alone": _ALONE, "with its city": _IN_CITY, "with its city's short name": _SHORT}
OUTCOMES = ("right", "wider", "none", "wrong")


def districts() -> dict[str, str]:
    """Code -> name."""
    return {code: name for code, name in above().items() if len(code) == 6}


def figures() -> dict[str, Counter[str]]:
    """Where a name stands and whether one or several have it -> how often the code is right, that of a division above
    it, none or wrong."""
    names = districts()
    number = Counter(names.values())
    counted: dict[str, Counter[str]] = {}
    for code, name in names.items():
        shared = "shared" if number[name] > 1 else "unique"
        for where, frames in FRAMES.items():
            for frame in frames:
                outcome = _outcome(code, _given(frame.format(name=name, **_above(code))))
                counted.setdefault(f"{shared}, {where}", Counter())[outcome] += 1
    return counted


def _above(code: str) -> dict[str, str]:
    """The names of a district's province and city; a municipality is a city without a province."""
    province, *cities = path_of(code)[:-1]
    if not cities:
        return {"province": "", "city": province, "short": province.removesuffix("市")}
    return {"province": province, "city": cities[0], "short": cities[0].removesuffix("市")}


def _given(text: str) -> str:
    """The code of the community, or of its station, that a sentence names."""
    document = Document.of(text)
    found = [name for name in document.names if re.match("青禾社区", name.text)]
    return chain.division(document, found[-1]) if found else ""


def _outcome(code: str, given: str) -> str:
    if not given:
        return "none"
    return "right" if given.startswith(code) else "wider" if code.startswith(given) else "wrong"
