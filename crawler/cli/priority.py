"""Who writes gives way to who reads: work on an archive takes what the readers of its site leave of the processor."""

import contextlib
import os

_LOW = 10  # of 19


def give_way() -> None:
    """Lower the priority of this process, and of those that it starts."""
    with contextlib.suppress(AttributeError, OSError):  # where there is no such thing
        os.setpriority(os.PRIO_PROCESS, 0, max(_LOW, os.getpriority(os.PRIO_PROCESS, 0)))
