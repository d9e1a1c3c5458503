"""What comes in, by whichever transport: counted, handed on, and acknowledged once it is on disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from reev_flow.clock import Clock, SystemClock
from reev_flow.errors import ReevFlowError, StoreError
from reev_flow.runtime.ingest import Accepted, Ingest
from reev_flow.server.held import Held
from reev_flow.server.limits import Limits
from reev_flow.server.metric_points import NOT_KEPT, count_points
from reev_flow.server.refusals import unavailable, unhandled, unreadable
from reev_flow.server.tallies import Source, Tallies
from reev_flow.sessions.acknowledgement import awaited

LARGE_BYTES = 64 * 1024  # of metrics; more are counted in a thread, so that others are answered meanwhile
DOUBT_NS = 10_000_000_000


class Intake:
    """Takes requests of all signals. Used in one event loop."""

    def __init__(
        self, ingest: Ingest, limits: Limits, tell: Callable[[str], None], *, clock: Clock | None = None
    ) -> None:
        """`tell` is told, once, when things cannot be stored any more, and when they can again."""
        self.limits = limits
        self.clock = clock or SystemClock()
        self.tallies = Tallies(self.clock)
        self.held = Held(limits.held_bytes)
        self._ingest = ingest
        self.tell = tell
        self._failed_ns: int | None = None

    @property
    def is_in_doubt(self) -> bool:
        """The last thing could not be stored, and that was a moment ago."""
        return self._failed_ns is not None and self.clock.monotonic_ns() - self._failed_ns < DOUBT_NS

    async def take(self, source: Source, body: bytes, *, is_json: bool) -> Accepted:
        """Raises `Refused`."""
        self.tallies.received_bytes[source] += len(body)
        if source.signal == "metrics":
            accepted = await self._reject_points(body, is_json=is_json)
        else:
            take = self._ingest.logs if source.signal == "logs" else self._ingest.traces
            accepted = await self._store(source, take, body, is_json=is_json)
        self.tallies.accepted[source] += accepted.spans
        self.tallies.rejected[source] += accepted.rejected
        return accepted

    async def _store(
        self, source: Source, take: Callable[..., Future[Accepted]], body: bytes, *, is_json: bool
    ) -> Accepted:
        try:
            accepted: Accepted = await awaited(take(body, is_json=is_json))
        except StoreError as error:
            self._note_failure(error)
            raise unavailable(f"it cannot be stored now ({error.details})") from _let_go(error)
        except ReevFlowError as error:
            raise unreadable(f"the body {error}") from _let_go(error)
        except Exception as error:
            self.tell(f"a request with {source.signal} could not be handled: {type(error).__name__}: {error}")
            raise unhandled() from error
        self._note_success()
        return accepted

    async def _reject_points(self, body: bytes, *, is_json: bool) -> Accepted:
        if len(body) <= LARGE_BYTES:
            points = count_points(body, is_json=is_json)
        else:
            points = await asyncio.to_thread(count_points, body, is_json=is_json)
        return Accepted(spans=0, rejected=points, reason=NOT_KEPT if points else "")

    def _note_failure(self, error: StoreError) -> None:
        self.tallies.store_failures += 1
        if self._failed_ns is None:
            self.tell(f"what comes in cannot be stored: {error}; senders are asked to try again")
        self._failed_ns = self.clock.monotonic_ns()

    def _note_success(self) -> None:
        if self._failed_ns is not None:
            self._failed_ns = None
            self.tell("what comes in can be stored again")


def _let_go(error: ReevFlowError) -> ReevFlowError:
    """The way that an error came leads to the body, and in a circle: the body would stay until the garbage collector looks for such."""
    one: BaseException | None = error
    while one is not None:
        one.__traceback__ = None
        one = one.__cause__ or one.__context__
    return error
