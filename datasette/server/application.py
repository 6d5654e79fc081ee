"""The site as an application, made in each process that serves it; `dangqun serve` tells by the environment what it is of."""

import os
import sys
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from uvicorn.protocols.http.h11_impl import H11Protocol

from archive.publishing.snapshot import inspected

_NOT_UNDERSTOOD = (
    "This is no valid HTTP request. Chinese in an address must be percent-encoded, as browsers do; with curl:"
    " curl --get --data-urlencode 'q=...' ADDRESS\n"
)
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


class Protocol(H11Protocol):
    """Uvicorn's HTTP, which says what is most often wrong with a request that it cannot read."""

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(_NOT_UNDERSTOOD)
