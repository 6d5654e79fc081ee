"""The threads that run queries. Readers' requests have threads of their own, so that they never keep the site's pages waiting; a thread that
is busy for too long is noticed."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from threading import get_ident
from typing import Any

_MAX_ANSWER = 16_000_000  # characters and bytes of the rows of one answer
_QUERY_SECONDS, _DOWNLOAD_SECONDS = 15.0, 45.0  # readers' SQL has 2, a piece of a download 30


class ReaderRequest:
    """A request that can bring a reader's own SQL, with the size of the rows that were read for it so far. The answer is sent piece by
    piece if it `is_streamed`, and otherwise limited, because the process holds it in memory."""

    def __init__(self, is_streamed: bool = False):
        self.is_streamed, self._size = is_streamed, 0

    def count(self, row: tuple[Any, ...]) -> None:
        """Count one more row. Raises ValueError where the answer becomes too large to be held."""
        self._size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if self._size > _MAX_ANSWER and not self.is_streamed:
            raise ValueError(f"The answer has more than {_MAX_ANSWER:,} characters: ask for less of it.")


# The request under way, if it is a reader's.
READER: ContextVar[ReaderRequest | None] = ContextVar("reader", default=None)


class WatchedThreads(ThreadPoolExecutor):
    """Threads of which none may be busy with one call for more than `max_seconds`."""

    def __init__(self, threads: int, name: str, max_seconds: float):
        super().__init__(threads, name)
        self._max_seconds = max_seconds
        self._started: dict[int, float] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let a thread call a function, as soon as one is free."""
        return super().submit(self._call, fn, *args, **kwargs)

    def stuck(self) -> bool:
        """Whether a call has been under way for too long."""
        return any(time.monotonic() - started > self._max_seconds for started in list(self._started.values()))

    def _call(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self._started[get_ident()] = time.monotonic()
        try:
            return fn(*args, **kwargs)
        finally:
            del self._started[get_ident()]


class Threads(WatchedThreads):
    """Threads for the site's own pages, and others beside them for readers' requests (see READER) and for `downloads`."""

    def __init__(self, own: int):
        super().__init__(own, "own", _DOWNLOAD_SECONDS)
        self._readers = WatchedThreads(2, "readers", _QUERY_SECONDS)
        self.downloads = WatchedThreads(2, "downloads", _DOWNLOAD_SECONDS)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let a thread call a function: one of those that are meant for it."""
        reader = READER.get()
        if reader is None:
            return super().submit(fn, *args, **kwargs)
        return (self.downloads if reader.is_streamed else self._readers).submit(fn, *args, **kwargs)

    def stuck(self) -> bool:
        """Whether a call has been under way for too long, in any of these threads."""
        return super().stuck() or self._readers.stuck() or self.downloads.stuck()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls."""
        for one in (self._readers, self.downloads):
            one.shutdown(wait, cancel_futures=cancel_futures)
        super().shutdown(wait, cancel_futures=cancel_futures)
