"""Takes up one session that nobody works on, and carries it on to where it ends, waits, or is left."""

from collections.abc import Callable

from reev_flow.errors import LeaseHeld, LeaseLost, SessionInterrupted, SessionWaiting, StoreError
from reev_flow.flows.work import SessionWork
from reev_flow.runtime.begin import take_over
from reev_flow.runtime.carry import carry
from reev_flow.runtime.keeper import SessionKeeper
from reev_flow.runtime.left_behind import Left
from reev_flow.runtime.origins import Runnable, of_session, remark_on
from reev_flow.runtime.patience import Setbacks, pause_ns, setbacks
from reev_flow.runtime.repertoire import Repertoire
from reev_flow.runtime.worker_news import What, WorkerNews
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import SessionData

NS = 1_000_000_000

PutOff = Callable[[str, int], None]


class TakingUp:
    """Remembers how often sessions could not be taken up at all, which their journals do not know, and which of them it let rest."""

    def __init__(
        self,
        keeper: SessionKeeper,
        repertoire: Repertoire,
        tell: Callable[[WorkerNews], None],
        put_off: PutOff,
    ) -> None:
        self._keeper = keeper
        self._repertoire = repertoire
        self._tell = tell
        self._put_off = put_off
        self._refusals: dict[str, int] = {}
        self._rested: dict[str, int] = {}  # after how many setbacks

    async def take_up(self, left: Left) -> bool:
        """Whether it was. Nothing is wrong when somebody else was quicker."""
        try:
            if await self._has_moved_on(left) or await self._has_to_rest(left.session):
                return False
            return await self._take_up(left)
        except (LeaseHeld, LeaseLost):
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            self._refuse(left.session, error)
            return False

    async def _has_moved_on(self, left: Left) -> bool:
        """Looked at before anything else: of what several workers found at the same time, each takes up but a part."""
        now = await awaited(self._keeper.store.load(left.session.session_id))
        return now.state.is_end or left.found.has_moved_on(now.epoch)

    async def _take_up(self, left: Left) -> bool:
        session = left.session
        runnable = of_session(session, self._repertoire.code_for(session), self._repertoire.tools)
        remark = remark_on(session, runnable.code)
        begun = await take_over(self._keeper, session.session_id, remark=remark, found=left.found)
        if isinstance(begun, SessionData):
            return False
        self._refusals.pop(session.session_id, None)
        self._rested.pop(session.session_id, None)
        self._news("begun", begun.session, detail=left.why)
        await self._carry_on(begun, runnable)
        return True

    async def _has_to_rest(self, session: SessionData) -> bool:
        """Because nobody who took it up got on with it: what its journal says, so that it holds for every worker, and those to come."""
        if session.epoch < 2:  # nobody but its first worker had it
            return False
        so_far = await self._setbacks(session)
        wait_ns = so_far.wait_ns(self._keeper.clock.now_ns())
        has_rested = self._rested.get(session.session_id) == so_far.count
        if wait_ns == 0 or has_rested:  # once is enough: a clock that was set back would say so again and again
            return False
        self._rested[session.session_id] = so_far.count
        self._rest(session, wait_ns, f"taken up {so_far.count} times, and it did not get on")
        return True

    async def _setbacks(self, session: SessionData) -> Setbacks:
        entries = await awaited(self._keeper.store.read_journal(session.session_id))
        return setbacks(session, entries)

    def _refuse(self, session: SessionData, error: Exception) -> None:
        if self._keeper.closing.is_set():
            return
        count = self._refusals[session.session_id] = self._refusals.get(session.session_id, 0) + 1
        self._rest(session, pause_ns(count), _told(error))

    def _rest(self, session: SessionData, for_ns: int, why: str) -> None:
        self._put_off(session.session_id, for_ns)
        self._news("put_off", session, detail=why, seconds=for_ns / NS)

    async def _carry_on(self, begun: SessionWork, runnable: Runnable) -> None:
        clock = self._keeper.clock
        began_ns = clock.monotonic_ns()
        error: Exception | None = None
        try:
            await carry(self._keeper, begun, runnable, wait=False)
        except Exception as raised:  # noqa: BLE001 - its session keeps it
            error = raised
        session = begun.session
        what = _what_became(begun, error)
        if what is None:
            wait_ns = (await self._setbacks(session)).wait_ns(clock.now_ns())
            self._rest(session, max(wait_ns, pause_ns(1)), _told(error))
            return
        detail = session.error if what == "ended" else _told(error) if what == "lost" else ""
        self._news(what, session, detail=detail, seconds=(clock.monotonic_ns() - began_ns) / NS)

    def _news(self, what: What, session: SessionData, *, detail: str = "", seconds: float = 0.0) -> None:
        self._tell(
            WorkerNews(
                what=what,
                session_id=session.session_id,
                flow=session.flow,
                state=session.state,
                detail=detail,
                seconds=seconds,
            )
        )


def _what_became(work: SessionWork, error: Exception | None) -> What | None:
    """None when its code could not go on with it."""
    if work.recorder.is_broken or isinstance(error, LeaseLost | StoreError):
        return "lost"
    if work.session.state.is_end:
        return "ended"
    if isinstance(error, SessionWaiting):
        return "waiting"
    return "left" if isinstance(error, SessionInterrupted) else None


def _told(error: Exception | None) -> str:
    return "" if error is None else str(error) or type(error).__name__
