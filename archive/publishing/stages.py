"""What the stages of a publication cost: `dangqun -vv publish` logs it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

logger = logging.getLogger(__name__)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Log the processor time of a block, or of each call of a function that this decorates."""
    started = process_time()
    yield
    logger.debug("Publishing, %s: %.1f s of processor time", name, process_time() - started)
