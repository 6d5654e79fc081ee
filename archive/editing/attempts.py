"""How fast passwords may be tried.

Some tries at an account are free; those beyond wait for their turn, the right one like the wrong ones, and no try locks the
account. A browser that logged in before is known by a cookie and has turns of its own: who attacks an account from elsewhere
does not make its owner wait. Names that no account has are treated alike.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 10_000  # names that are remembered; the one that was tried last longest ago is forgotten first


class Crowded(Exception):
    """So many are waiting already that this one has to come again.

    Attributes:
        seconds: after which a turn may be free.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many are trying to log in. Try again in {seconds} seconds.")
        self.seconds = seconds


@dataclass(frozen=True)
class Pace:
    """How many tries are free, how many seconds lie between two further ones, and how many seconds one may wait."""

    free: int
    between: float
    longest: float = 30.0


OF_ACCOUNT = Pace(free=5, between=2.0)
OF_ALL = Pace(free=20, between=0.5)  # of unknown browsers, whatever the account: each costs a third of a second


class Attempts:
    """The tries of one of several processes: together they let through what one would."""

    def __init__(self, processes: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._processes, self._clock = processes, clock
        self._next: OrderedDict[str, float] = OrderedDict()  # when the next try would be due if none were free

    def wait(self, name: str, browser: str = "") -> float:
        """The seconds that a try at an account has to wait, from a browser that is known by this text, or from one that
        is unknown. Raises Crowded."""
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
        """When a try is due, which may have been long ago."""
        free = math.ceil(pace.free / self._processes)
        return self._next[key] - self._between(pace) * (free - 1) if key in self._next else -math.inf

    def _take(self, key: str, pace: Pace, now: float) -> None:
        self._next[key] = max(now, self._next.get(key, now)) + self._between(pace)
        self._next.move_to_end(key)
        if len(self._next) > _MOST:
            self._next.popitem(last=False)
