"""Whether two addresses, as texts write them, are certainly two places."""

import re

from archive.text import fold

# A house of a road, or several of them, and a building of an estate, by their numbers. In 12-1号 the house is 12.
_NUMBERED = (
    re.compile(r"(?:路|街|大道|道|巷|弄|胡同)(\d{1,5})(?:[-—~至](\d{1,5}))?号(?!楼)"),
    re.compile(r"[\u4e00-\u9fff](\d{1,5})()(?:号楼|栋|幢|座)"),
)
_FORMER = re.compile(r"旧址|原址|原先|原来|曾(?=经|用|在|位于|设|址)|(?<![中太平])原(?=位于|在|设|为)")
_CLAUSE = re.compile(r"[，。；！？、,;!?\n]")
_LONGEST = 100  # houses of one address; a longer range is two numbers of another kind


def is_former(words: str) -> bool:
    """Whether the last clause of some words names a former address: 服务站原位于人民路8号."""
    return bool(_FORMER.search(_CLAUSE.split(fold(words))[-1]))


def are_apart(one: str, other: str) -> bool:
    """Whether two addresses are certainly two places.

    They are where both number houses of a road, or both a building, and they have no such number in common. Other
    differences may be two spellings of one address: 人民路12号 and 望潭区人民中路12号.
    """
    numbers = ((_numbers(pattern, one), _numbers(pattern, other)) for pattern in _NUMBERED)
    both = [(here, there) for here, there in numbers if here and there]
    return bool(both) and all(here.isdisjoint(there) for here, there in both)


def _numbers(pattern: re.Pattern[str], address: str) -> set[int]:
    found: set[int] = set()
    for first, last in pattern.findall(fold(address)):
        found.add(int(first))
        if last and int(last) - int(first) < _LONGEST:
            found.update(range(int(first), int(last) + 1))
    return found
