"""Answers that many readers ask for. They are kept as long as the database object that gave them: a snapshot never changes,
and a new one is another object."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

_MAX_ANSWERS = 4000  # some 10 KB each; the least recently used is dropped first


async def cached(database: object, question: Hashable, answer: Callable[[], Awaitable[Any]]) -> Any:
    """The answer of a database that is served to a question; `answer` makes it where it is not known."""
    known: OrderedDict[Hashable, Any] = vars(database).setdefault("_answers", OrderedDict())
    if question not in known:
        known[question] = await answer()
        if len(known) > _MAX_ANSWERS:
            known.popitem(last=False)
    known.move_to_end(question)
    return known[question]
