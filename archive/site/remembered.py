"""Answers that many ask for, kept as long as what they were asked of: a snapshot never changes, and a new one is another object."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

_MOST = 4000  # answers, some 10 KB each


async def remembered(of: object, asked: Hashable, answer: Callable[[], Awaitable[Any]]) -> Any:
    """The answer to a question, made where it is not known; `of` is the database that is served."""
    known: OrderedDict[Hashable, Any] = vars(of).setdefault("_remembered", OrderedDict())
    if asked not in known:
        known[asked] = await answer()
        if len(known) > _MOST:
            known.popitem(last=False)
    known.move_to_end(asked)
    return known[asked]
