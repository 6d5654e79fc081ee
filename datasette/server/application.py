"""The site as an application, made in each process that serves it; `dangqun serve` tells by the environment what it is of."""

import os
import sys
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from archive.publishing.snapshot import inspected

_TURN = 0.0005  # seconds that a page is drawn while a query waits to go on; Python's own 0.005 are too long


def application() -> Any:
    """The ASGI application over the snapshots that DANGQUN_SNAPSHOTS names, the first with its tables counted already."""
    sys.setswitchinterval(_TURN)
    snapshots = os.environ["DANGQUN_SNAPSHOTS"].split(os.pathsep)
    return Datasette(
        immutables=snapshots,
        config_dir=Path(__file__).parents[1],
        inspect_data=inspected(Path(snapshots[0])),
        secret=os.environ["DATASETTE_SECRET"],
    ).app()
