"""The pace at which passwords may be tried.

Some attempts at an account are free. Further attempts wait for their turn, with the right password as with a wrong one, and no
attempt locks the account. A cookie identifies a browser that logged in before. Such a browser has its own turns, so that an
attack from elsewhere does not make the owner wait. Names without an account are treated alike.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MAX_NAMES = 10_000  # names that are kept; the least recently tried is dropped first


class Crowded(Exception):
    """Too many attempts are waiting already.

    Attributes:
        seconds: how long to wait before the next attempt.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many are trying to log in. Try again in {seconds} seconds.")
        self.seconds = seconds


@dataclass(frozen=True)
class Pace:
    """How many attempts are `free`, the seconds `between` further ones, and the `longest` time in seconds that one may wait."""

    free: int
    between: float
    longest: float = 30.0


OF_ACCOUNT = Pace(free=5, between=2.0)
OF_ALL = Pace(free=20, between=0.5)  # of unknown browsers, at all accounts: each costs a third of a second


class Attempts:
    """The attempts at one of several processes, each with its share: together they allow what a single process would."""

    def __init__(self, processes: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._processes, self._clock = processes, clock
        self._next: OrderedDict[str, float] = OrderedDict()  # when the next attempt would be due if none were free

    def wait(self, name: str, browser: str = "") -> float:
        """The seconds that an attempt at an account has to wait. `browser` identifies one that logged in before; empty for an
        unknown one. Raises Crowded."""
        now = self._clock()
        paces = {f"{name} {browser}": OF_ACCOUNT} | ({} if browser else {"": OF_ALL})
        waits = [self._due(key, pace) - now for key, pace in paces.items()]
        for wait, pace in zip(waits, paces.values(), strict=True):
            if wait > pace.longest:
                raise Crowded(math.ceil(wait - pace.longest))
        for key, pace in paces.items():
            self._take(key, pace, now)
        return max(0.0, *waits)

    def _between(self, pace: Pace) -> float:
        return pace.between * self._processes

    def _due(self, key: str, pace: Pace) -> float:
        """When the next attempt is due, which may be in the past."""
        free = math.ceil(pace.free / self._processes)
        return self._next[key] - self._between(pace) * (free - 1) if key in self._next else -math.inf

    def _take(self, key: str, pace: Pace, now: float) -> None:
        self._next[key] = max(now, self._next.get(key, now)) + self._between(pace)
        self._next.move_to_end(key)
        if len(self._next) > _MAX_NAMES:
            self._next.popitem(last=False)
