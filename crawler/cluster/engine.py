"""Ray: where tasks run. A task that its worker dies under is run again, elsewhere; that is Ray's own work."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archive.storage.store import ArchiveError

logger = logging.getLogger(__name__)
_TRIES = 5  # that a worker may die under a task
_SHARED_MEMORY = 100_000_000  # bytes: results are small, rows go through the storage


@contextmanager
def connected(address: str = "") -> Iterator[None]:
    """A connection to the cluster at an address (`auto`: the one of this node), or a cluster of this machine alone.

    Raises ArchiveError where Ray is not installed or does not answer.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody
    try:
        import ray
    except ImportError:
        raise ArchiveError("--engine ray needs Ray: pip install 'dangqun-archive[cluster]'.") from None
    own: dict[str, Any] = {} if address else {"object_store_memory": _SHARED_MEMORY, "include_dashboard": False}
    try:
        ray.init(address or "local", logging_level=logging.ERROR, log_to_driver=False, **own)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise ArchiveError(f"Ray does not answer at {address or 'this machine'}: {error}") from None
    try:
        yield
    finally:
        ray.shutdown()


def each(
    function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], *, fresh: bool = False
) -> Iterator[tuple[int, Any]]:
    """Run a function for every tuple of arguments, somewhere; gives (number of the job, result) as they end.

    `fresh`: each in a process of its own. Raises what a function raised, and ArchiveError where workers kept dying.
    """
    import ray

    task = ray.remote(max_retries=_TRIES, num_cpus=1, max_calls=1 if fresh else 0)(_there)
    environment = {name: value for name, value in os.environ.items() if name.startswith("DANGQUN_")}
    waiting = {}
    for number, job in enumerate(jobs):
        waiting[task.options(name=function.__name__).remote(environment, function, job)] = number
    logger.info("%d tasks of %s", len(jobs), function.__name__)
    while waiting:
        (done, *_), _ = ray.wait(list(waiting), num_returns=1)
        try:
            number = waiting.pop(done)
            result = ray.get(done)
            logger.info("Task %d of %d has ended: %s", number + 1, len(jobs), function.__name__)
            yield number, result
        except ray.exceptions.RayTaskError as error:
            raise (error.cause or error) from None
        except ray.exceptions.RayError as error:
            raise ArchiveError(f"A task ended {_TRIES + 1} times with its worker: {error}") from None


def _there(environment: dict[str, str], function: Callable[..., Any], job: tuple[Any, ...]) -> Any:
    """What a worker does: the settings of whoever asked, then the function."""
    os.environ.update(environment)
    return function(*job)
