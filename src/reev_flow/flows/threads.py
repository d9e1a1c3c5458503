"""Threads for functions that are not coroutines. They do not keep the program alive: one that never returns must not."""

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class JobFuture(Future[Any]):
    """Cancelling it while its function runs gives up on it: the function goes on, and its thread counts no longer."""

    def __init__(self, on_given_up: Callable[["JobFuture"], None]) -> None:
        super().__init__()
        self._on_given_up = on_given_up

    def cancel(self) -> bool:
        is_cancelled = super().cancel()
        if not is_cancelled:
            self._on_given_up(self)
        return is_cancelled


class Job(msgspec.Struct, frozen=True):
    """A function to be called, and what is made of it."""

    call: Callable[[], Any]
    future: JobFuture


class FlowThreads(Executor):
    """At most so many functions run at once, but for those that were given up; others wait, in order."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._lock = Lock()
        self._count = 0
        self._running: set[JobFuture] = set()
        self._is_closed = False

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future = JobFuture(self._give_up)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the threads of steps are closed")
            self._jobs.put(Job(partial(function, *args, **kwargs), future))
            self._have_thread()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as executors have it
        """Never waits. What has not begun is cancelled, or done by the threads that there are."""
        with self._lock:
            self._is_closed = True
            while cancel_futures and (job := self._next_job()) is not None:
                job.future.cancel()
            for _ in range(self._count):
                self._jobs.put(None)

    def _next_job(self) -> Job | None:
        try:
            return self._jobs.get_nowait()
        except Empty:
            return None

    def _have_thread(self) -> None:
        """The lock is held."""
        if not self._idle.acquire(blocking=False) and self._count < self._most:
            self._count += 1
            Thread(target=self._work, name=f"reev-flow {self._name}", daemon=True).start()

    def _give_up(self, future: JobFuture) -> None:
        """Its thread ends when the function returns; another one does the rest."""
        with self._lock:
            if future in self._running:
                self._running.discard(future)
                self._count -= 1
                if not self._is_closed and not self._jobs.empty():
                    self._have_thread()

    def _work(self) -> None:
        is_wanted = True
        while is_wanted and (job := self._jobs.get()) is not None:
            is_wanted = self._do(job)
            if is_wanted:
                self._idle.release()
            del job  # neither its arguments nor its result are kept until the next one

    def _do(self, job: Job) -> bool:
        """Whether the thread is wanted for more."""
        with self._lock:
            self._running.add(job.future)  # first, so that nobody gives it up unnoticed
        if not job.future.set_running_or_notify_cancel():
            return self._is_wanted_after(job)
        result, error = outcome_of(job.call)
        is_wanted = self._is_wanted_after(job)
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)
        return is_wanted

    def _is_wanted_after(self, job: Job) -> bool:
        with self._lock:
            is_wanted = job.future in self._running
            self._running.discard(job.future)
        return is_wanted


def step_threads() -> FlowThreads:
    """As many as asyncio has of its own."""
    return FlowThreads(min(32, (os.cpu_count() or 1) + 4), "step")


def outcome_of(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
        return None, error
