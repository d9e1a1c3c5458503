"""Work that only one thread at a time may do, asked for by many: a bounded queue, a thread, and callers who lend a hand."""

import threading
from asyncio import _get_running_loop
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

from reev_flow.errors import StoreError
from reev_flow.sessions.acknowledgement import Acknowledgement, LoopCall, wake_loops

LOOK_SECONDS = 0.01  # an event loop comes round sooner, unless something holds it up
QUIET_LOOKS = 10  # when nothing was asked for during so many, the thread sleeps until it is called


class Job:
    """One thing asked for: what to do, and then what came of it. `about` is the session it is about, "" for many."""

    __slots__ = ("about", "argument", "do", "error", "future", "number", "result")

    def __init__(
        self, about: str, do: Callable[[Any, Any], object], argument: object, future: Acknowledgement[Any]
    ) -> None:
        self.about = about
        self.do = do
        self.argument = argument
        self.future = future
        self.number = 0  # in its lane
        self.result: object = None
        self.error: Exception | None = None


class Lane:
    """Jobs are taken in the order in which they were asked for, as many at once as are waiting (up to `most_at_once`).

    `work` is given such a batch and leaves a result or an error in each job. It must not raise for a job's sake, and it must bear
    being given the same job twice: a caller who lends a hand can be interrupted (Ctrl-C), and what was begun is then done again.

    Jobs that are asked for from inside a running event loop are left to that loop, which does them all at the end of its round: that saves
    two changes of thread. `may_begin` says whether it may; without it, and when the loop does not come round, the thread does them.
    """

    def __init__(
        self,
        location: str,
        work: Callable[[Sequence[Job]], None],
        put_away: Callable[[], None],
        *,
        most_waiting: int,
        most_at_once: int,
        may_begin: Callable[[Sequence[Job]], bool] | None = None,
    ) -> None:
        """`put_away` closes what `work` has open; `work` opens it again when it needs it. `may_begin` is asked right before `work`, in the
        same thread: whether these jobs would hold up nobody.
        """
        self._location = location
        self._work = work
        self._put_away = put_away
        self._most_waiting = most_waiting
        self._most_at_once = most_at_once
        self._may_begin = may_begin
        self._is_closed = False
        self._start_fresh()

    def _start_fresh(self) -> None:
        self._waiting: list[Job] = []  # only the thread whose turn it is takes from the front
        self._under_way: list[Sequence[Job]] = []
        self._added = 0
        self._last_about: dict[str, Job] = {}  # of what is not done yet
        self._last_of_all: Job | None = None
        # Held to add a job, so that none is added behind a close or during a fork. Python may throw garbage away anywhere, also in here,
        # and what that ends may add a job.
        self._door = threading.RLock()
        self._turn = threading.Lock()  # held to work
        # The thread sleeps until it can take this one; it is free while the thread is called for.
        self._call = threading.Lock()
        self._call.acquire()
        self._hurry = threading.Lock()  # of the same kind: free when the thread is called for what no loop will do
        self._hurry.acquire()
        self._is_asleep = True
        self._was_busy = False
        self._is_left_to_loop = False
        self._thread: threading.Thread | None = None

    def ask(self, about: str, do: Callable[[Any, Any], object], argument: object) -> Acknowledgement[Any]:
        job = Job(about, do, argument, Acknowledgement(self.lend_hand))
        self.add(job)
        return job.future

    def last_about(self, about: str) -> Acknowledgement[Any] | None:
        """The last job that is not done yet and has to do with it; with "" everything has.

        Looked up and not looked for: a list that another thread takes from must not be copied. While CPython 3.11 makes room for the copy it may
        throw garbage away, change threads over that, and then copy what is no longer there.
        """
        if not about:
            return _future_of(self._last_of_all)
        of_it, of_many = self._last_about.get(about), self._last_about.get("")
        if of_it is None or of_many is None:
            return _future_of(of_it or of_many)
        return max(of_it, of_many, key=_number_of).future

    def add(self, job: Job) -> None:
        with self._door:
            is_welcome = not self._is_closed and len(self._waiting) < self._most_waiting
            if is_welcome:
                self._have_thread()  # first: while it starts, callers stand still, and it would take this job without those after it
                self._added = job.number = self._added + 1
                self._last_about[job.about] = self._last_of_all = job
                self._waiting.append(job)
                if not self._leave_to_loop():
                    self._wake()
        if not is_welcome:
            wake_loops(job.future.settle(None, self._refusal()))

    def _forget(self, done: Sequence[Job]) -> None:
        with self._door:
            for job in done:
                if self._last_about.get(job.about) is job:
                    del self._last_about[job.about]
                if self._last_of_all is job:
                    self._last_of_all = None

    def _refusal(self) -> StoreError:
        if self._is_closed:
            return StoreError(self._location, "the store is closed", "open it again")
        return StoreError(
            self._location, f"{self._most_waiting:,} jobs are waiting already", "wait for some before asking for more"
        )

    def _leave_to_loop(self) -> bool:
        """The thread watches all the same: the loop may be held up, or stop. The door is held."""
        loop = None if self._may_begin is None else _get_running_loop()
        if loop is not None and not self._is_left_to_loop:
            self._is_left_to_loop = self._was_busy = True
            loop.call_soon(self._at_end_of_round)
            if self._is_asleep and self._call.locked():
                self._call.release()
        return loop is not None

    def _at_end_of_round(self) -> None:
        self._is_left_to_loop = False
        if self._waiting and not self._turn.locked():
            self._work_one_batch(self._may_begin)

    def _wake(self) -> None:
        """The door is held, so that nobody else calls at the same moment."""
        self._have_thread()
        for signal in (self._hurry, self._call):
            if signal.locked():
                signal.release()

    def _have_thread(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"reev-flow store {self._location}", daemon=True)
            self._thread.start()

    def _wake_up(self) -> None:
        with self._door:
            self._wake()

    def _run(self) -> None:
        """Once called it stays awake for a while: calling it costs a loop that does its own jobs as much as their rows do."""
        enough = 0 if self._may_begin is None else QUIET_LOOKS
        quiet_looks = enough
        while not self._is_closed:
            if quiet_looks >= enough:
                self._sleep()
            quiet_looks = 0 if self._was_busy else quiet_looks + 1
            self._was_busy = False
            first = self._first_waiting()
            if self._hurry.acquire(timeout=LOOK_SECONDS) or (first is not None and first is self._first_waiting()):
                self._is_left_to_loop = False
                while self._waiting and not self._turn.locked():  # whoever has it calls again when something is left
                    self._work_one_batch()

    def _sleep(self) -> None:
        self._is_asleep = True  # then look: whoever adds a job does so before it looks whether to call
        if not self._waiting:
            self._call.acquire()
        self._is_asleep = False

    def _first_waiting(self) -> Job | None:
        try:
            return self._waiting[0]  # and no part of the list: see `last_about`
        except IndexError:
            return None

    def lend_hand(self) -> None:
        """Do a batch in this thread, if it is nobody's turn."""
        if not self._turn.locked():
            self._work_one_batch()

    def _work_one_batch(self, may_begin: Callable[[Sequence[Job]], bool] | None = None) -> None:
        """Locks are only taken by `with` around here: an interruption between any other two steps would leave them taken."""
        batch: Sequence[Job] = ()
        try:
            with self._turn:
                batch = self._waiting[: self._most_at_once]
                if may_begin is not None and not may_begin(batch):
                    batch = ()
                self._under_way.append(batch)
                del self._waiting[: len(batch)]
                if batch:
                    self._work(batch)
            if self._waiting:
                self._wake_up()
            settle(batch)  # outside the turn: a callback may wait for another job of this lane
        except BaseException:
            self._waiting[:0] = [job for job in batch if not job.future.done()]
            self._wake_up()
            settle([job for job in batch if job.future.done()])
            raise
        finally:
            if batch in self._under_way:
                self._under_way.remove(batch)
            self._forget([job for job in batch if job.future.done()])

    def close(self) -> None:
        """What was asked for before is done first."""
        with self._door:
            self._is_closed = True
        while self._waiting:
            self._work_one_batch()
        if self._thread is not None:
            self._wake_up()
            if self._thread is not threading.current_thread():
                self._thread.join()
        with self._turn:
            self._put_away()

    def hold(self) -> None:
        """The turn before the door, since what works may come to add something."""
        self._turn.acquire()
        self._door.acquire()
        self._put_away()

    def let_go(self) -> None:
        self._door.release()
        self._turn.release()

    def start_over(self) -> None:
        """In the child of a fork. What was finished keeps its result; what was not is the parent's to do."""
        finished, waiting = [job for batch in self._under_way for job in batch], self._waiting
        self._start_fresh()
        for job in waiting:
            job.error = StoreError(self._location, "asked for before the process forked", "the parent process does it")
        for job in (*finished, *waiting):
            job.future.renew_lock()
        settle((*finished, *waiting))


def _number_of(job: Job) -> int:
    return job.number


def _future_of(job: Job | None) -> Acknowledgement[Any] | None:
    return None if job is None else job.future


def settle(jobs: Sequence[Job]) -> None:
    calls: list[LoopCall] = []
    for job in jobs:
        calls += job.future.settle(job.result, job.error)
    if calls:
        wake_loops(calls)


def fail(jobs: Sequence[Job], error: Exception) -> None:
    """Each gets an error of its own, since whoever raises it adds to it."""
    for job in jobs:
        job.error = copy(error)
        job.error.__cause__ = error.__cause__
