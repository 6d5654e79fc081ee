"""The national list of divisions down to communities, by name. Source: divisions.xz, see build.py."""

import lzma
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from archive.model import SubjectKind

_FILE = Path(__file__).with_name("divisions.xz")
LEVELS = {  # digits of a code -> kind
    2: SubjectKind.PROVINCE,
    4: SubjectKind.CITY,
    6: SubjectKind.DISTRICT,
    9: SubjectKind.TOWN,
    12: SubjectKind.COMMUNITY,
}


@cache
def _list() -> bytes:
    """Lines of name and codes between line feeds, sorted; 13 MB, read at first use (0.2 s)."""
    return lzma.decompress(_FILE.read_bytes())


@lru_cache(50_000)
def codes_of(name: str) -> tuple[str, ...]:
    """The codes of all divisions of a name (simplified characters), ascending by length and digits; empty where the
    list has none. 2, 4, 6, 9 or 12 digits, each code beginning with that of the division above."""
    lines, wanted = _list(), name.encode()
    low, high = 0, len(lines) - 1
    while low < high:  # the line that begins behind `low` is the first not below the name
        middle = (low + high) // 2
        start = lines.rfind(b"\n", low, middle + 1)
        start = lines.rfind(b"\n", 0, low + 1) if start < 0 else start
        end = lines.find(b"\n", start + 1)
        if end < 0:
            break
        if lines[start + 1 : end].split(b"\t", 1)[0] < wanted:
            low = end
        else:
            high = start
    end = lines.find(b"\n", low + 1)
    found, _, packed = lines[low + 1 : end].partition(b"\t")
    return _unpack(packed.decode()) if found == wanted else ()


@cache
def above() -> dict[str, str]:
    """Code -> name of all divisions but communities."""
    text = lzma.decompress(_FILE.with_name("above.xz").read_bytes()).decode()
    return dict(line.split("\t") for line in text.splitlines())


def path_of(code: str) -> tuple[str, ...]:
    """The names from the province down to a code's town (湖南省, 湘潭市, 岳塘区, 宝塔街道)."""
    names = above()
    found = (names.get(code[:digits]) for digits in LEVELS if digits <= len(code))
    return tuple(name for name in found if name)


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """The names of divisions of any level, communities too. It reads the whole list (1.5 s), if it is asked for any."""
    wanted, found = set(codes), dict[str, str]()
    for line in _list().split(b"\n") if wanted else ():
        name, _, packed = line.partition(b"\t")
        if packed:
            found |= dict.fromkeys(wanted.intersection(_unpack(packed.decode())), name.decode())
    return found


def _unpack(packed: str) -> tuple[str, ...]:
    codes, before = [], ""
    for item in packed.split(","):
        before = before[: int(item[0], 16)] + item[1:]
        codes.append(before)
    return tuple(sorted(codes, key=lambda code: (len(code), code)))
