"""Looks through the store for what a worker may take up, and remembers what is to be left alone for a while."""

from collections.abc import Callable, Iterable, Iterator

from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.left_behind import Left, addressed, need_not_wait_any_longer, stalled
from reev_flow.runtime.repertoire import Repertoire
from reev_flow.runtime.worker_news import WorkerNews
from reev_flow.sessions.data import SessionData

GRACE_NS = 500_000_000  # what runs elsewhere looks for its answers more often
MOST_READ = 250  # at one look, of sessions that were sent something: most of them may have read it long ago


class LookOut:
    """Used by one worker. `in_hand` are the sessions that it works on, or is about to."""

    def __init__(self, keeper: SessionKeeper, repertoire: Repertoire, tell: Callable[[WorkerNews], None]) -> None:
        self._keeper = keeper
        self._repertoire = repertoire
        self._tell = tell
        self.in_hand: set[str] = set()
        self._until_ns: dict[str, int] = {}  # put off, by the clock that never goes backwards
        self._seen_ns: dict[str, int] = {}  # what somebody else may just be about to take, and when that was first seen
        self._read_up_to = ""
        self._unknown: set[str] = set()

    @property
    def is_expecting(self) -> bool:
        """Whether something was found that may be taken up in a moment."""
        return bool(self._seen_ns)

    @property
    def worth_a_look_ns(self) -> int | None:
        """When the first of them may be, by the clock that never goes backwards."""
        return min(self._seen_ns.values()) + GRACE_NS if self._seen_ns else None

    def put_off(self, session_id: str, for_ns: int) -> None:
        self._until_ns[session_id] = self._keeper.clock.monotonic_ns() + for_ns

    async def look(self) -> list[Left]:
        """The one whose last change is longest ago comes first. Raises `SessionError` when the store cannot be read."""
        store, clock = self._keeper.store, self._keeper.clock
        asked = [one for one in await addressed(store, clock) if self._is_ours(one)]
        answered = await need_not_wait_any_longer(store, self._next_to_read(asked), clock)
        found = [one for one in await stalled(store) if self._is_ours(one.session)] + answered
        ready = list(self._ready(found))
        ready.sort(key=lambda left: (left.session.updated_ns, left.session.session_id))
        return ready

    def _is_ours(self, session: SessionData) -> bool:
        if session.session_id in self.in_hand or session.session_id in self._keeper.held:
            return False
        if self._repertoire.code_for(session) is not None:
            return True
        if session.flow not in self._unknown:
            self._unknown.add(session.flow)
            self._tell(WorkerNews(what="unknown", session_id=session.session_id, flow=session.flow))
        return False

    def _next_to_read(self, asked: list[SessionData]) -> list[SessionData]:
        """Those that were answered a moment ago, and of the others each in its turn, so that many that have nothing new hold nobody up."""
        expected = [session for session in asked if session.session_id in self._seen_ns]
        others = [session for session in asked if session.session_id not in self._seen_ns]
        others.sort(key=lambda session: session.session_id)
        later = [session for session in others if session.session_id > self._read_up_to]
        chosen = (later + others)[: min(MOST_READ, len(others))]
        self._read_up_to = chosen[-1].session_id if chosen else ""
        return expected + chosen

    def _ready(self, found: Iterable[Left]) -> Iterator[Left]:
        now_ns = self._keeper.clock.monotonic_ns()
        self._until_ns = {name: until_ns for name, until_ns in self._until_ns.items() if until_ns > now_ns}
        seen_ns, self._seen_ns = self._seen_ns, {}
        for left in found:
            name = left.session.session_id
            if name in self._until_ns:
                continue
            first_ns = seen_ns.get(name, now_ns)
            if left.may_be_in_hand and now_ns - first_ns < GRACE_NS:
                self._seen_ns[name] = first_ns
            else:
                yield left
