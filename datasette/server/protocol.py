"""HTTP as the site's server speaks it."""

import os
from asyncio import TimerHandle
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

_INVALID = (
    "This is no valid HTTP request. Chinese in an address must be percent-encoded, as browsers do; with curl:"
    " curl --get --data-urlencode 'q=...' ADDRESS\n"
)
_TIMEOUT = float(
    os.environ.get("DANGQUN_PATIENCE") or 30
)  # seconds without progress, after which a connection is closed


class Protocol(H11Protocol):
    """Uvicorn's HTTP with two changes. It names the most frequent mistake if it cannot read a request. It closes a connection if
    a request is not complete in time, or if the client reads nothing of an answer for as long."""

    _request_timer: TimerHandle | None = None  # runs while there is no complete request
    _write_timer: TimerHandle | None = None  # runs while the client does not read the answer

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._update_request_timer()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._update_request_timer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._update_request_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_timer = self._write_timer or self._start_timer()

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._write_timer)
        self._write_timer = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        _cancel(self._request_timer)
        _cancel(self._write_timer)
        self._request_timer = self._write_timer = None

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(_INVALID)

    def _update_request_timer(self) -> None:
        cycle = self.cycle
        if cycle is None or cycle.more_body or cycle.response_complete:
            self._request_timer = self._request_timer or self._start_timer()
        else:
            _cancel(self._request_timer)
            self._request_timer = None

    def _start_timer(self) -> TimerHandle:
        return self.loop.call_later(_TIMEOUT, self.transport.abort)


def _cancel(timer: TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
