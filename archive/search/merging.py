"""One search over several snapshots: an archive that is published in parts, by year or by province, behind one site.

Each part is searched by itself, the newest first; the pages are laid into one another, and the position to go on from names
how far each part has been read.
"""

import re
from collections.abc import Mapping
from typing import Any

from archive.search.engine import ResultPage
from archive.search.wanted import ListKind, SearchError, Sort

_ENDED = "-"
_PART = re.compile(r"([\w-]{1,60})=([^,]{0,60})")


def positions(after: str) -> dict[str, str]:
    """How far each part has been read: part -> the `after` of its own search, or what `has_ended` knows.

    Raises SearchError for what is no such position.
    """
    found = {}
    for piece in filter(None, after.split(",")):
        match = _PART.fullmatch(piece)
        if match is None:
            raise SearchError(
                "after：不是这些结果中的位置，请从第一页重新开始。",
                "after: not a position in these results. Start again from the first page.",
            )
        found[match[1]] = match[2]
    return found


def has_ended(position: str) -> bool:
    """Whether a part has no more results."""
    return position == _ENDED


def merged(kind: str, found: Mapping[str, ResultPage], before: Mapping[str, str], size: int) -> ResultPage:
    """Merge pages of results of several parts of an archive.

    Args:
        kind: a ListKind.
        found: the page of each part, by its name.
        before: where the page of each part began.
        size: how many results a page has.

    Returns:
        One page, whose rows have the name of their part as `database`.
    """
    rows = sorted(
        ((_date(kind, row), name, -at, row) for name, page in found.items() for at, row in enumerate(page.rows)),
        key=lambda one: one[:3],
        reverse=True,
    )[:size]
    following = {}
    for name, page in found.items():
        taken = [(date, row) for date, part, _, row in rows if part == name]
        if len(taken) == len(page.rows) and not page.next:
            following[name] = _ENDED
        elif taken:
            following[name] = f"{taken[-1][0]}~{taken[-1][1]['id']}"
        else:
            following[name] = before.get(name, "")
    ended = {name: position for name, position in before.items() if has_ended(position)}
    goes_on = not all(map(has_ended, following.values()))
    more = ",".join(f"{name}={at}" for name, at in {**following, **ended}.items()) if goes_on else ""
    folded = sum(page.folded for page in found.values())
    totals = [page.total for page in found.values()]
    total = None if before or None in totals else sum(count or 0 for count in totals)
    return ResultPage([row | {"database": name} for _, name, _, row in rows], total, more, Sort.DATE, folded)


def _date(kind: str, row: Mapping[str, Any]) -> str:
    dates = {
        ListKind.ARTICLES: ("published",),
        ListKind.FACTS: ("as_of", "reported_on"),
        ListKind.STATIONS: ("latest",),
        ListKind.OUTLETS: ("latest",),
    }
    return next((str(row[name]) for name in dates[ListKind(kind)] if row[name]), "")
