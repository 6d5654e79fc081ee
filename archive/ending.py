"""Processes that end with the one that started them, however that one ends: SIGKILL leaves it no time to end them."""

import ctypes
import os
import signal
import sys
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def end_with_parent() -> None:
    """Let this process end as soon as its parent is gone, where `multiprocessing` started it."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=[parent.sentinel], name="parent", daemon=True).start()


def end_with_caller() -> None:
    """For `preexec_fn` of a command: let it be killed as soon as the thread that starts it is gone. Only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
