"""Commands that write run at a low priority, so that the site answers its readers first."""

import contextlib
import os

_LOW = 10  # of 19


def give_way() -> None:
    """Lower the priority of this process and of those that it starts, if the system allows it."""
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(_LOW, os.getpriority(os.PRIO_PROCESS, 0)))
