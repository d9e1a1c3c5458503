"""Takes finished spans off the hands of the program that made them, and brings them to a store of traces."""

import atexit
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeAlias

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, attach, get_current, set_value
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor

from reev_flow.runtime.span_chunks import chunks_of
from reev_flow.stores import forks
from reev_flow.trace.semantics import SESSION_SCOPE
from reev_flow.trace.store import TraceStore

MOST_WAITING = 8_192
DELAY_SECONDS = 0.25  # what ended within it is lost when the process is killed
STOP_SECONDS = 10.0

Waiting: TypeAlias = ReadableSpan | threading.Event
"""A span, or somebody who wants to know when everything before him is done."""


def keep_all(_: int) -> bool:
    return True


class SpansOut(SpanProcessor):
    """A span processor that neither raises into the program nor blocks it: what does not fit into its queue, cannot be encoded or cannot
    be stored is dropped and counted.

    A thread hands on what has come when a batch is full, `delay_seconds` after the first span at the latest. Flow and step spans of
    sessions are left out: their journals know them. `keeps` is asked about the trace id of each span.

    Its queue is made so that nothing in `on_end` waits for a lock: the garbage collector may end a span in the middle of it.
    """

    def __init__(
        self,
        store: TraceStore,
        *,
        batch_size: int = 100,
        most_waiting: int = MOST_WAITING,
        delay_seconds: float = DELAY_SECONDS,
        keeps: Callable[[int], bool] = keep_all,
    ) -> None:
        self._store = store
        self._batch_size = batch_size
        self._most_waiting = most_waiting
        self._delay_seconds = delay_seconds
        self._keeps = keeps
        self._is_closed = False
        self.dropped = 0
        self.last_error: Exception | None = None
        self._start_fresh()
        forks.keep(self)
        atexit.register(self.shutdown)  # before the stores close, whose callback was registered before

    def _start_fresh(self) -> None:
        self._waiting: deque[Waiting] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._wants_bell_at = 1  # the thread is rung when so many wait
        self._is_hurried = False
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def on_end(self, span: ReadableSpan) -> None:
        if self._is_closed:
            return
        try:
            if not self._is_wanted(span):
                return
            if len(self._waiting) < self._most_waiting:
                self._waiting.append(span)
                self._call()
            else:
                self._drop(1)
        except Exception as error:  # noqa: BLE001 - the program that ends a span has nothing to do with it
            self._drop(1, error)

    def _is_wanted(self, span: ReadableSpan) -> bool:
        context, scope = span.get_span_context(), span.instrumentation_scope
        if context is None or not context.trace_flags.sampled:
            return False
        return (scope is None or scope.name != SESSION_SCOPE) and self._keeps(context.trace_id)

    def _drop(self, count: int, error: Exception | None = None) -> None:
        with self._lock:
            self.dropped += count
            self.last_error = error or self.last_error

    def _call(self) -> None:
        if len(self._waiting) >= self._wants_bell_at:
            self._wants_bell_at = self._most_waiting + 1  # once is enough
            self._bell.put(None)
        if self._thread is None:
            self._start_thread()

    def _start_thread(self) -> None:
        with (
            self._lock,
            suppress(RuntimeError),
        ):  # a process that ends starts no threads; whoever flushes does the work then
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="reev-flow spans", daemon=True)
                thread.start()
                self._thread = thread

    def flush(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Whether everything that ended before was stored, or dropped, in time."""
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

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self.flush(timeout_millis / 1_000)

    def shutdown(self) -> None:
        """Within a bound; what is left then is dropped. Spans that end later are nobody's."""
        if self._is_closed:
            return
        self._is_closed = True
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            self._hurry()
            thread.join(STOP_SECONDS)
        if not self._has_thread:
            self._work_off()
        self._drop(sum(isinstance(left, ReadableSpan) for left in tuple(self._waiting)))
        self._waiting.clear()
        forks.forget(self)
        atexit.unregister(self.shutdown)

    def _run(self) -> None:
        attach(_suppressed())
        while not (self._is_closed and not self._waiting):
            self._await(1, None)
            self._await(self._batch_size, self._delay_seconds)
            self._hand_on()

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
        """One batch, and word to everybody who waited for what came before him."""
        spans: list[ReadableSpan] = []
        while self._waiting and len(spans) < self._batch_size:
            item = self._waiting.popleft()
            if isinstance(item, threading.Event):
                self._store_all(spans)
                spans = []
                item.set()
            else:
                spans.append(item)
        self._store_all(spans)
        if not self._waiting:
            self._is_hurried = self._is_closed

    def _store_all(self, spans: Sequence[ReadableSpan]) -> None:
        if not spans:
            return
        try:
            chunks, lost = chunks_of(spans)
            if lost:
                self._drop(lost)
            if chunks:
                self._store.add(chunks).result()
        except Exception as error:  # noqa: BLE001 - the edge that owns the loop: counted, and shown by who reads the count
            self._drop(len(spans), error)

    def hold(self) -> None:
        """Nothing here is open while the process forks."""

    def let_go(self) -> None:
        """Goes on by itself."""

    def start_over(self) -> None:
        """In the child of a fork. What waited is the parent's to store."""
        self.dropped = 0
        self._start_fresh()

    def close(self) -> None:
        self.shutdown()


def _suppressed() -> Context:
    """What the store does must make no spans, or there is no end of them. Instrumentations ask for one name or the other."""
    context, yes = get_current(), True
    for name in ("suppress_instrumentation", _SUPPRESS_INSTRUMENTATION_KEY):
        context = set_value(name, yes, context)
    return context
