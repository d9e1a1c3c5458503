"""A bounded queue of finished spans, and the thread that takes them to where they are wanted."""

import atexit
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, attach, get_current, set_value
from opentelemetry.sdk.trace import ReadableSpan

from reev_flow.runtime.loss_report import LossReport
from reev_flow.stores import forks

if TYPE_CHECKING:
    from multiprocessing.util import Finalize

MOST_WAITING = 8_192
DELAY_SECONDS = 0.25  # what ended within it is lost when the process is killed
STOP_SECONDS = 10.0
FIRST = 100  # before whatever else a process of multiprocessing does at its end

Waiting: TypeAlias = ReadableSpan | threading.Event
"""A span, or somebody who wants to know when everything before him is done."""


class Lost(NamedTuple):
    """How many spans of a delivery did not arrive, and why, if that is known."""

    spans: int = 0
    error: Exception | None = None


NONE_LOST = Lost()
Deliver: TypeAlias = Callable[[Sequence[ReadableSpan]], Lost]
"""Takes spans to where they are wanted; all of them were lost when it raises."""


class SpanQueue:
    """Neither raises into the program nor blocks it: what does not fit, or cannot be delivered, is dropped and counted.

    A thread delivers when so many batches are full as are delivered together, `delay_seconds` after the first span at the latest. Nothing in `put` waits for a lock that
    anybody holds for long: the garbage collector may end a span in the middle of it. The child of a fork begins with an empty queue.
    """

    def __init__(  # noqa: PLR0913 - options that are all given by name
        self,
        deliver: Deliver,
        *,
        batch_size: int = 100,
        batches_at_once: int = 1,
        most_waiting: int = MOST_WAITING,
        delay_seconds: float = DELAY_SECONDS,
        stop_seconds: float = STOP_SECONDS,
        report: LossReport | None = None,
        settle: Callable[[], Lost] = lambda: NONE_LOST,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        """To wake the thread for each batch takes longer than the batch: up to `batches_at_once` are delivered together. `settle` is called at the end and says what was lost then, `forget` in the child of a fork."""
        self._deliver = deliver
        self._settle = settle
        self._forget = forget
        self._batch_size = batch_size
        self._most_at_once = batch_size * batches_at_once
        self._wakes_at = max(min(self._most_at_once, most_waiting // 2), batch_size)
        self._most_waiting = most_waiting
        self._delay_seconds = delay_seconds
        self._stop_seconds = stop_seconds
        self._report = report or LossReport("spans were lost")
        self._is_closed = False
        self.dropped = 0
        self.last_error: Exception | None = None
        self._at_process_end: Finalize | None = None
        self._start_fresh()
        forks.keep(self)
        atexit.register(self.shutdown)  # before the stores close, whose callback was registered before
        _end_with_process(self, is_forking=False)

    def _start_fresh(self) -> None:
        self._waiting: deque[Waiting] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._wants_bell_at = 1  # the thread is rung when so many wait
        self._is_hurried = False
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def put(self, span: ReadableSpan) -> None:
        waiting = self._waiting
        count = len(waiting)
        if count >= self._most_waiting or self._is_closed:
            self.drop(0 if self._is_closed else 1)
            return
        waiting.append(span)
        if count + 1 >= self._wants_bell_at:
            self._ring()

    def drop(self, count: int, error: Exception | None = None) -> None:
        with self._lock:
            self.dropped += count
            self.last_error = error or self.last_error

    def _ring(self) -> None:
        self._wants_bell_at = self._most_waiting + 1  # once is enough
        self._bell.put(None)
        if self._thread is None and not self._start_thread():
            self._wants_bell_at = 1  # the next one tries again

    def _start_thread(self) -> bool:
        # A process that ends starts no threads; whoever flushes does the work then.
        with self._lock, suppress(RuntimeError):
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="reev-flow spans", daemon=True)
                thread.start()
                self._thread = thread
        return self._thread is not None

    def flush(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Whether everything that ended before was delivered, or dropped, in time."""
        if not self._has_thread:
            self._work_off()
            return True
        done = threading.Event()
        self._waiting.append(done)
        self._hurry()
        return done.wait(timeout_seconds)

    @property
    def _has_thread(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _hurry(self) -> None:
        self._is_hurried = True
        self._bell.put(None)

    def _work_off(self) -> None:
        with self._lock:
            while self._waiting:
                self._hand_on()

    def shutdown(self) -> None:
        """Within a bound; what is left then is dropped, and told. Spans that come later are nobody's."""
        if self._is_closed:
            return
        self._is_closed = True
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            self._hurry()
            thread.join(self._stop_seconds)
        if not self._has_thread:
            self._work_off()
            self._count(self._settle, 0)
        left = sum(isinstance(item, ReadableSpan) for item in tuple(self._waiting))
        if left:
            self.drop(left)
        self._waiting.clear()
        forks.forget(self)
        if self._at_process_end is not None:
            self._at_process_end.cancel()
        atexit.unregister(self.shutdown)
        self._report.tell_last(self.dropped, self.last_error)

    def _run(self) -> None:
        attach(_suppressed())
        while not (self._is_closed and not self._waiting):
            self._await(1, None)
            self._await(self._wakes_at, self._delay_seconds)
            self._hand_on()
            self._report.tell(self.dropped, self.last_error)

    def _await(self, count: int, seconds: float | None) -> None:
        """Until so many wait, or somebody is in a hurry; not longer than that, if there is a limit."""
        until = None if seconds is None else monotonic() + seconds
        while not self._is_hurried:
            self._wants_bell_at = count
            if len(self._waiting) >= count:  # looked at after the wish: whoever came before it did not ring
                break
            left = None if until is None else until - monotonic()
            if left is not None and left <= 0:
                break
            with suppress(Empty):
                self._bell.get(timeout=left)

    def _hand_on(self) -> None:
        """What waits, within the limit, and word to everybody who waited for what came before him."""
        spans: list[ReadableSpan] = []
        while self._waiting and len(spans) < self._most_at_once:
            item = self._waiting.popleft()
            if isinstance(item, threading.Event):
                self._deliver_all(spans)
                spans = []
                item.set()
            else:
                spans.append(item)
        self._deliver_all(spans)
        if not self._waiting:
            self._is_hurried = self._is_closed

    def _deliver_all(self, spans: Sequence[ReadableSpan]) -> None:
        if spans:
            self._count(lambda: self._deliver(spans), len(spans))

    def _count(self, work: Callable[[], Lost], most: int) -> None:
        try:
            lost = work()
            if lost.spans:
                self.drop(*lost)
        except Exception as error:  # noqa: BLE001 - the edge that owns the loop: counted, and shown by who reads the count
            self.drop(most, error)

    def hold(self) -> None:
        """Nothing here is open while the process forks."""

    def let_go(self) -> None:
        """Goes on by itself."""

    def start_over(self) -> None:
        """In the child of a fork. What waited is the parent's to deliver."""
        self.dropped = 0
        self.last_error = None
        self._start_fresh()
        self._forget()
        if not self._is_closed:
            _end_with_process(self, is_forking=True)

    def close(self) -> None:
        self.shutdown()


def _end_with_process(queue: SpanQueue, *, is_forking: bool) -> None:
    """Processes that multiprocessing makes end without `atexit`; it has a register of its own, which is emptied after a fork."""
    processes = sys.modules.get("multiprocessing.util")
    if processes is None:
        return

    def note(mine: SpanQueue) -> None:
        mine._at_process_end = processes.Finalize(None, mine.shutdown, exitpriority=FIRST)  # noqa: SLF001 - written for it

    if is_forking:
        processes.register_after_fork(queue, note)
    elif sys.modules["multiprocessing.process"].parent_process() is not None:
        note(queue)


def _suppressed() -> Context:
    """What happens to spans must make no spans, or there is no end of them. Instrumentations ask for one name or the other."""
    context, yes = get_current(), True
    for name in ("suppress_instrumentation", _SUPPRESS_INSTRUMENTATION_KEY):
        context = set_value(name, yes, context)
    return context
