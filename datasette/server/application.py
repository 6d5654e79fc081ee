"""The site as an application. Each process that serves it makes one; `dangqun serve` configures it by environment variables."""

import os
import sys
from pathlib import Path
from typing import Any

from datasette.app import Datasette

from archive.publishing.snapshot import inspected

_SWITCH_INTERVAL = (
    0.0005  # seconds a page may be drawn while a query waits for Python; its default of 0.005 is too long
)


def application() -> Any:
    """The ASGI application over the snapshots that DANGQUN_SNAPSHOTS names, the first with its tables counted already."""
    sys.setswitchinterval(_SWITCH_INTERVAL)
    snapshots = os.environ["DANGQUN_SNAPSHOTS"].split(os.pathsep)
    return Datasette(
        immutables=snapshots,
        config_dir=Path(__file__).parents[1],
        inspect_data=inspected(Path(snapshots[0])),
        secret=os.environ["DATASETTE_SECRET"],
    ).app()
