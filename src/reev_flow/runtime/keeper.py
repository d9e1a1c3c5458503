"""Gives the sessions of one worker their turn, their lease, their time and their answers."""

import asyncio
from concurrent.futures import Executor, Future
from contextlib import suppress

import msgspec

from reev_flow.clock import Clock, random_bytes
from reev_flow.errors import (
    LeaseHeld,
    LeaseLost,
    SessionCancelled,
    SessionError,
    SessionInterrupted,
    SessionTimeout,
)
from reev_flow.flows.mirror import Mirror
from reev_flow.flows.threads import step_threads
from reev_flow.flows.unsaved import Unsaved
from reev_flow.flows.work import SessionWork
from reev_flow.runtime.forking import fork
from reev_flow.runtime.heartbeat import Heartbeat
from reev_flow.runtime.room import ask_to_give_back
from reev_flow.runtime.silence import Silences
from reev_flow.runtime.tracing import OFF, Tracing
from reev_flow.runtime.turns import Turns
from reev_flow.runtime.workers import is_gone, worker_name
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.recorder import Recorder
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import SessionStore

NS = 1_000_000_000
MINUTE_NS = 60 * NS
HOUR_NS = 60 * MINUTE_NS
CANCEL = "cancel"
LOOKS_FOR_CANCEL_EVERY = 4


class Held(msgspec.Struct):
    """A session that this worker works on, and what is left of the time it may take. No timer while it waits."""

    work: SessionWork
    left_ns: int
    since_ns: int = 0
    timer: asyncio.TimerHandle | None = None


class SessionKeeper:
    """Used in the thread of one event loop, but for the heartbeat."""

    def __init__(self, store: SessionStore, config: SessionConfig, clock: Clock, tracing: Tracing = OFF) -> None:
        self.store = store
        self.config = config
        self.clock = clock
        self.threads: Executor = step_threads()
        self.unsaved = Unsaved()
        self.turns = Turns(config.max_concurrent, config.most_waiting)
        self.held: dict[str, Held] = {}
        self._tracing = tracing
        self._name = worker_name(random_bytes(4).hex())
        self._claims = 0
        self._silences = Silences(clock)
        self._loop = asyncio.get_running_loop()
        self._heartbeat = Heartbeat(store, config.lease_seconds, self._lose)
        self._poll: asyncio.Task[None] | None = None
        self._going_on: dict[str, asyncio.Task[None]] = {}
        self._in_queue: set[str] = set()  # those of them that wait for a turn
        self._next_prune_ns = 0
        self.closing = asyncio.Event()  # set when no session begins any more

    def next_worker(self) -> str:
        """Each claim has a name of its own, so that one worker cannot take a session from itself unnoticed."""
        self._claims += 1
        return f"{self._name}.{self._claims}"

    async def claim(self, session_id: str, *, gone: str = "") -> Lease:
        """Also from a worker of this machine that is surely gone; from the one named `gone`, who is known to be. Raises `LeaseHeld` while
        another works on it.
        """
        worker, seconds = self.next_worker(), self.config.lease_seconds
        try:
            return await self._claimed(self.store.claim(session_id, worker, seconds, instead_of=gone))
        except LeaseHeld as held:
            if not (is_gone(held.worker) or self._silences.are_over(held)):
                raise
            return await self._claimed(self.store.claim(session_id, worker, seconds, instead_of=held.worker))

    async def _claimed(self, claim: Future[Lease]) -> Lease:
        try:
            return await awaited(claim)
        except asyncio.CancelledError:
            claim.add_done_callback(self.release_claim)
            raise

    def release_claim(self, claim: Future[Lease]) -> None:
        """A lease that comes although nobody waits for it any longer."""
        if claim.exception() is None:
            self.store.release(claim.result())

    def work_on(self, session: SessionData, entries: tuple[JournalEntry, ...] = ()) -> SessionWork:
        """The session as work of this worker, who has its turn and the epoch that it says."""
        tell, is_heard = self._tracing.tell, self._tracing.is_heard
        on_noted = None if tell is None else Mirror(tell, entries, is_heard=is_heard)
        recorder = Recorder(self.store, self.clock, session, entries, on_noted=on_noted)
        return SessionWork(recorder, self, tracer=self._tracing.tracer, auto_save=self.config.auto_save)

    def work_under(self, lease: Lease, session: SessionData, entries: tuple[JournalEntry, ...]) -> SessionWork:
        """Raises `LeaseLost` when the session was read after somebody else had claimed it: it says that one's epoch, and what is written
        with it would be taken for that one's.
        """
        if session.epoch != lease.epoch:
            raise LeaseLost(session.session_id, lease.epoch)
        return self.work_on(session, entries)

    def hold(self, work: SessionWork, lease: Lease, *, spent_ns: int = 0) -> None:
        """From now on the lease is kept alive, and the time that is left runs. Who waited with the same session here has lost it."""
        if self.closing.is_set():
            raise SessionInterrupted(work.session.session_id)
        former = self.held.pop(work.session.session_id, None)
        if former is not None:
            former.work.stop(former.work.recorder.cause(LeaseLost(lease.session_id, former.work.session.epoch)))
        left_ns = int(self.config.timeout_seconds * NS) - spent_ns
        held = self.held[work.session.session_id] = Held(work, left_ns)
        self._heartbeat.add(lease)
        self._start_timer(held)
        self._start_poll()
        if self.clock.monotonic_ns() >= self._next_prune_ns:
            self.prune()

    def put_down(self, work: SessionWork) -> None:
        """The lease is released after whatever was written before; nobody waits for that."""
        session_id = work.session.session_id
        held = self.held.get(session_id)
        if held is None or held.work is not work:
            return
        del self.held[session_id]
        self._stop_timer(held)
        lease = self._heartbeat.remove(session_id)
        if lease is not None:
            self.store.release(lease)
            self.turns.give_back()
        work.close()

    async def joined(self, session_id: str | None) -> None:
        """Returns when nobody in this worker runs that session any longer."""
        while session_id is not None and session_id in self.held:
            root = self.held[session_id].work.root
            if root is None:
                return
            await asyncio.wait([root])
            await asyncio.sleep(0)  # whoever drives it writes how it ended

    async def fork(self, session_id: str, from_step: str, chosen_id: str | None) -> SessionData:
        """See `SessionManager.fork`."""
        return await fork(self, session_id, from_step, chosen_id)

    async def rest(self, work: SessionWork) -> None:
        held = self.held.get(work.session.session_id)
        if held is None or work.session.state is not SessionState.RUNNING:
            return
        # All of it is asked for before anything is waited for, so that whoever goes on a moment later finds the lease released.
        work.recorder.change_state(SessionState.WAITING, deadline_ns=work.deadline_ns)
        saved = work.recorder.commit()
        self._stop_timer(held)
        lease = self._heartbeat.remove(work.session.session_id)
        if lease is not None:
            self.store.release(lease)
            self.turns.give_back()
        try:
            await work.acknowledged(saved)
        except SessionError as error:
            work.stop(error)  # while it waits nobody writes, so that nobody else would hear of it
            raise

    async def go_on(self, work: SessionWork) -> None:
        """Several branches may find at once that the session has something to do again: one of them does it."""
        session_id = work.session.session_id
        if work.session.state is not SessionState.WAITING:
            return
        task = self._going_on.get(session_id)
        if task is None:
            task = self._going_on[session_id] = self._loop.create_task(self._take_up_again(work))
            task.add_done_callback(lambda done: self._went_on(work, done))
        await asyncio.wait([task])
        await work.may_begin()

    def _went_on(self, work: SessionWork, task: "asyncio.Task[None]") -> None:
        del self._going_on[work.session.session_id]
        error = None if task.cancelled() else task.exception()
        if error is not None:
            work.stop(error if isinstance(error, SessionError) else SessionInterrupted(work.session.session_id))

    async def settled(self, session_id: str) -> None:
        """Returns when nobody is on the way to take up a session that waits; whoever only waits for a turn gives up."""
        task = self._going_on.get(session_id)
        if task is not None:
            if session_id in self._in_queue:
                task.cancel()
            await asyncio.wait([task])

    async def _take_up_again(self, work: SessionWork) -> None:
        session_id = work.session.session_id
        held = self.held.get(session_id)
        if held is None or held.work is not work or work.stopped_by is not None:
            return
        self._in_queue.add(session_id)
        try:
            await self.turns.take(is_new=False)
        finally:
            self._in_queue.discard(session_id)
        lease: Lease | None = None
        try:
            work.refuse_stopped()
            await self._refuse_moved_on(work)  # before the claim, which would take it from whoever has it now
            lease = await self.claim(session_id)
            work.recorder.begin_epoch(lease.epoch)
            work.refuse_stopped()
            work.recorder.change_state(SessionState.RUNNING)
            await work.checkpoint()
        except BaseException:
            self.turns.give_back()
            if lease is not None:
                self.store.release(lease)
            raise
        self._heartbeat.add(lease)
        self._start_timer(held)

    async def _refuse_moved_on(self, work: SessionWork) -> None:
        error = await self._moved_on(work)
        if error is not None:
            raise work.recorder.cause(error)

    async def _moved_on(self, work: SessionWork) -> SessionError | None:
        """A session that waits is anybody's: why this worker has nothing to do with it any longer."""
        mine = work.session
        stored = await awaited(self.store.load(mine.session_id))
        if stored.epoch == mine.epoch:
            return None
        is_cancelled = stored.state is SessionState.CANCELLED
        return SessionCancelled(mine.session_id) if is_cancelled else LeaseLost(mine.session_id, mine.epoch)

    def prune(self) -> Future[tuple[str, ...]]:
        """Forgets sessions that ended longer ago than the retention. Done by itself when a session begins, at most once an hour; as long as
        there is something to forget, once a minute.
        """
        self._next_prune_ns = self.clock.monotonic_ns() + HOUR_NS
        forgetting = self.store.prune(max(0, self.clock.now_ns() - int(self.config.retention_days * 24 * HOUR_NS)))
        forgetting.add_done_callback(self._prune_again_soon)
        return forgetting

    def _prune_again_soon(self, forgetting: Future[tuple[str, ...]]) -> None:
        """Stores forget no more at once than lets others have their turn."""
        if forgetting.exception() is None and forgetting.result():
            self._next_prune_ns = self.clock.monotonic_ns() + MINUTE_NS
            ask_to_give_back(self.store)

    async def look_for_answers(self, work: SessionWork) -> None:
        work.deliver(await awaited(self.store.messages(work.session.session_id)))

    def begin_closing(self) -> None:
        """No session begins any more, or is taken up again."""
        self.closing.set()
        self.turns.close()

    def close(self) -> None:
        self.begin_closing()
        for task in (*self._going_on.values(), *([] if self._poll is None else [self._poll])):
            task.cancel()
        self._heartbeat.close()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _start_timer(self, held: Held) -> None:
        held.since_ns = self.clock.monotonic_ns()
        held.timer = self._loop.call_later(max(0, held.left_ns) / NS, self._time_out, held)

    def _stop_timer(self, held: Held) -> None:
        if held.timer is not None:
            held.timer.cancel()
            held.timer = None
            held.left_ns -= self.clock.monotonic_ns() - held.since_ns

    def _time_out(self, held: Held) -> None:
        held.work.stop(SessionTimeout(held.work.session.session_id, self.config.timeout_seconds))

    def _lose(self, session_id: str, error: SessionError) -> None:
        """Called by the heartbeat's thread."""
        with suppress(RuntimeError):  # the loop is closed: nobody works on it any longer
            self._loop.call_soon_threadsafe(self._stop_lost, session_id, error)

    def _stop_lost(self, session_id: str, error: SessionError) -> None:
        held = self.held.get(session_id)
        is_of_before = isinstance(error, LeaseLost) and held is not None and error.epoch != held.work.session.epoch
        if held is not None and not is_of_before:
            held.work.recorder.cause(error)
            held.work.stop(error)

    def _start_poll(self) -> None:
        if self._poll is None or self._poll.done():
            self._poll = self._loop.create_task(self._look_around())

    async def _look_around(self) -> None:
        """Answers and wishes to cancel that other processes sent, as long as there are sessions."""
        count = 0
        while self.held:
            await asyncio.sleep(self.config.poll_seconds)
            count += 1
            for held in tuple(self.held.values()):
                is_all_looked_for = count % LOOKS_FOR_CANCEL_EVERY == 0
                if held.work.open_questions or is_all_looked_for:
                    await self._read_messages(held.work)
                if held.work.session.state is SessionState.WAITING and is_all_looked_for:
                    await self._look_after(held.work)

    async def _look_after(self, work: SessionWork) -> None:
        before = work.session
        with suppress(SessionError):  # as below
            moved_on = await self._moved_on(work)
            still_waits = work.session is before and before.session_id not in self._going_on
            if moved_on is not None and still_waits:
                self._stop_lost(before.session_id, moved_on)

    async def _read_messages(self, work: SessionWork) -> None:
        with suppress(SessionError):  # what is wrong with the store is told by the next write
            hear(work, await awaited(self.store.messages(work.session.session_id)))


def hear(work: SessionWork, messages: tuple[Message, ...]) -> None:
    """Answers find their questions, and the wish that the session ends is done."""
    work.deliver(messages)
    for message in messages:
        if message.subject == CANCEL:
            work.stop(SessionCancelled(work.session.session_id, message.value.decode("utf-8", "replace")))
