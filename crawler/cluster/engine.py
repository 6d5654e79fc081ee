"""Runs tasks on Ray. Ray runs a task again elsewhere if its worker dies."""

import logging
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from archive.errors import ArchiveError

logger = logging.getLogger(__name__)
_MAX_RETRIES = 5  # of a task whose worker dies
_SHARED_MEMORY = 100_000_000  # bytes: results are small, rows pass through the storage


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
    """Run a function on the cluster for each tuple of arguments.

    Args:
        function: the task.
        jobs: its arguments.
        fresh: run each task in a process of its own.

    Yields:
        (index of the job, result), in the order in which they end.

    Raises:
        ArchiveError: the workers of a task kept dying. Exceptions of a task are raised as they are.
    """
    import ray

    task = ray.remote(max_retries=_MAX_RETRIES, num_cpus=1, max_calls=1 if fresh else 0)(_task)
    environment = {name: value for name, value in os.environ.items() if name.startswith("DANGQUN_")}
    waiting = {}
    for number, job in enumerate(jobs):
        packed = pickle.dumps((function, job))
        waiting[task.options(name=function.__name__).remote(environment, packed)] = number
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
            raise ArchiveError(f"A task ended {_MAX_RETRIES + 1} times with its worker: {error}") from None


def _task(environment: dict[str, str], packed: bytes) -> Any:
    """The task on a worker: set the environment of the caller, then import and call the function. What it imports reads the
    plug-ins that the environment names."""
    os.environ.update(environment)
    function, job = pickle.loads(packed)  # noqa: S301 (packed by `each`)
    return function(*job)
