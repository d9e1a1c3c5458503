"""Keeps a worker's leases alive from a thread of its own, so that a step that holds up the event loop does not lose its session."""

import threading
from collections.abc import Callable

from reev_flow.errors import LeaseLost, SessionError
from reev_flow.sessions.data import Lease
from reev_flow.sessions.store import SessionStore


class Heartbeat:
    """Renews every lease three times while it lasts."""

    def __init__(self, store: SessionStore, seconds: float, on_lost: Callable[[str, SessionError], None]) -> None:
        """`on_lost` is called in the thread, with the session's id, when somebody else has the lease."""
        self._store = store
        self._seconds = seconds
        self._on_lost = on_lost
        self._leases: dict[str, Lease] = {}
        self._lock = threading.Lock()  # a lease that is given up must not come back because it was renewed just then
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, lease: Lease) -> None:
        self._leases[lease.session_id] = lease
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="reev-flow heartbeat", daemon=True)
            self._thread.start()

    def remove(self, session_id: str) -> Lease | None:
        """The lease as it was last renewed."""
        with self._lock:
            return self._leases.pop(session_id, None)

    def close(self) -> None:
        self._ends.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        while not self._ends.wait(self._seconds / 3):
            leases = self._leases.copy()  # in one go: a walk would stumble over one that comes or goes meanwhile
            asked = [(lease, self._store.renew(lease, self._seconds)) for lease in leases.values()]
            for lease, future in asked:
                error = future.exception()
                if error is None:
                    self._keep(lease, future.result())
                elif isinstance(error, LeaseLost) and self._leases.get(lease.session_id) is lease:
                    self._on_lost(lease.session_id, error)

    def _keep(self, old: Lease, renewed: Lease) -> None:
        with self._lock:
            if self._leases.get(old.session_id) is old:
                self._leases[old.session_id] = renewed
