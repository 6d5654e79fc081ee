"""Processes that end with the process that started them, even if SIGKILL ends that one and it cannot end them itself."""

import ctypes
import os
import signal
import sys
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def end_with_parent() -> None:
    """Let this process end as soon as its parent is gone, if `multiprocessing` started it."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=[parent.sentinel], name="parent", daemon=True).start()


def end_with_caller() -> None:
    """For `preexec_fn` of a command: the kernel kills the command as soon as the thread that started it is gone. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
