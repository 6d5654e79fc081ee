"""A cache of answers that many readers want. A snapshot never changes, so its answers are good as long as it is served; a new snapshot
is another database object, with a cache of its own."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

from archive.language import LANGUAGE

_SIZE = 4000  # answers, some 10 KB each
_CACHES: WeakKeyDictionary[Any, OrderedDict[Hashable, Any]] = WeakKeyDictionary()


async def cached(database: object, key: Hashable, compute: Callable[[], Awaitable[Any]]) -> Any:
    """The answer with a key for a database that is served, in the language of the request: from the cache, or else computed. The
    least recently used answers leave the cache."""
    key = (LANGUAGE.get(), key)
    answers = _CACHES.setdefault(database, OrderedDict())
    if key not in answers:
        answers[key] = await compute()
        if len(answers) > _SIZE:
            answers.popitem(last=False)
    answers.move_to_end(key)
    return answers[key]
