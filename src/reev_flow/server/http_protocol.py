"""HTTP as uvicorn speaks it through httptools, which sets no limits to heads of requests; this one does."""

from asyncio import TimerHandle, Transport
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reev_flow.server.limits import Limits


def bounded_protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """Made by uvicorn, one for each connection, with arguments of its own."""
    return type("BoundedHttp", (BoundedHttp,), {"limits": limits})


class BoundedHttp(HttpToolsProtocol):
    """Closes a connection whose request does not get on: nothing comes, its head trickles or swells, or the rest of a body whose request was
    answered already.
    """

    limits = Limits()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: TimerHandle | None = None
        self._is_in_head = False
        self._head_bytes = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._be_patient()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.head_bytes and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0
        self._be_patient()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.cycle.more_body and not self.pipeline:
            self._be_patient()
        super().on_response_complete()

    def _be_patient(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.limits.patience_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
