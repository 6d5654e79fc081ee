"""Threads that answer, and how long each has been busy: readers' SQL never takes those of the site's own pages."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from threading import get_ident
from typing import Any

_LARGEST = 16_000_000  # characters and bytes of the rows of one answer
_SHORT, _LONG = 15.0, 45.0  # seconds; readers' SQL has 2, an Excel file or a piece of a download 30


class ReaderRequest:
    """A request for readers' own SQL, with the size of the rows that were read for it so far; `whole`: it is sent piece by piece."""

    def __init__(self, whole: bool = False):
        self.whole, self._size = whole, 0

    def count(self, row: tuple[Any, ...]) -> None:
        """Take in one more row. Raises ValueError where the answer becomes too large to be held."""
        self._size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if self._size > _LARGEST and not self.whole:
            raise ValueError(f"The answer has more than {_LARGEST:,} characters: ask for less of it.")


READER_REQUEST: ContextVar[ReaderRequest | None] = ContextVar("reader_request", default=None)


class Watched(ThreadPoolExecutor):
    """Threads of which none may be busy with one call for more than `patience` seconds."""

    def __init__(self, threads: int, name: str, patience: float):
        super().__init__(threads, name)
        self._patience = patience
        self._begun: dict[int, float] = {}

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let a thread call a function, as soon as one is free."""
        return super().submit(self._call, fn, *args, **kwargs)

    def stuck(self) -> bool:
        """Whether a call has been under way for too long."""
        return any(time.monotonic() - begun > self._patience for begun in list(self._begun.values()))

    def _call(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self._begun[get_ident()] = time.monotonic()
        try:
            return fn(*args, **kwargs)
        finally:
            del self._begun[get_ident()]


class Threads(Watched):
    """Threads for the site's own pages, and others beside them for readers' SQL (see READER_REQUEST) and for `downloads`."""

    def __init__(self, own: int):
        super().__init__(own, "own", _LONG)
        self._readers, self.downloads = Watched(2, "readers", _SHORT), Watched(2, "downloads", _LONG)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Let a thread call a function: one of those that are meant for it."""
        request = READER_REQUEST.get()
        if request is None:
            return super().submit(fn, *args, **kwargs)
        return (self.downloads if request.whole else self._readers).submit(fn, *args, **kwargs)

    def stuck(self) -> bool:
        """Whether a call has been under way for too long, in any of these threads."""
        return super().stuck() or self._readers.stuck() or self.downloads.stuck()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls."""
        for one in (self._readers, self.downloads):
            one.shutdown(wait, cancel_futures=cancel_futures)
        super().shutdown(wait, cancel_futures=cancel_futures)
