"""Whether two addresses, as texts write them, are certainly two places."""

import re

from archive.text import fold

# A house of a road and a building of an estate, by their numbers; 12-1号 and 12-14号 begin with house 12.
_NUMBERED = (
    re.compile(r"(?:路|街|大道|道|巷|弄|胡同)(\d+)(?:[-—~至]\d+)?号(?!楼)"),
    re.compile(r"[\u4e00-\u9fff](\d+)(?:号楼|栋|幢|座)"),
)


def are_apart(one: str, other: str) -> bool:
    """Whether two addresses are certainly two places.

    They are where both number the house of a road, or both a building, and they have no such number in common. Other
    differences may be two spellings of one address: 人民路12号 and 望潭区人民中路12号.
    """
    numbers = ((set(pattern.findall(fold(one))), set(pattern.findall(fold(other)))) for pattern in _NUMBERED)
    both = [(here, there) for here, there in numbers if here and there]
    return bool(both) and all(here.isdisjoint(there) for here, there in both)
