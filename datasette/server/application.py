"""The site as an application, made in each process that serves it; `dangqun serve` configures it by environment variables."""

import os
import sys
from asyncio import TimerHandle
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from uvicorn.protocols.http.h11_impl import H11Protocol

from archive.publishing.snapshot import inspected

_NOT_UNDERSTOOD = (
    "This is no valid HTTP request. Chinese in an address must be percent-encoded, as browsers do; with curl:"
    " curl --get --data-urlencode 'q=...' ADDRESS\n"
)
_PATIENCE = float(os.environ.get("DANGQUN_PATIENCE") or 30)  # seconds that a connection may stand still
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
    """Uvicorn's HTTP with two changes. It names the most frequent mistake if it cannot read a request. It closes a connection if
    a request is not complete in time, or if the client takes nothing of an answer for as long."""

    _request: TimerHandle | None = None  # runs while there is no complete request
    _taking: TimerHandle | None = None  # runs while an answer waits to be taken

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._look()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taking = self._taking or self._soon()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._taking = _ended(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._request, self._taking = _ended(self._request), _ended(self._taking)

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(_NOT_UNDERSTOOD)

    def _look(self) -> None:
        cycle = self.cycle
        if cycle is None or cycle.more_body or cycle.response_complete:
            self._request = self._request or self._soon()
        else:
            self._request = _ended(self._request)

    def _soon(self) -> TimerHandle:
        return self.loop.call_later(_PATIENCE, self.transport.abort)


def _ended(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
