"""One session, its workers, the people it asks and the clock: what may happen next, one move at a time.

What a store does is what `stores/rules.py` says, what a worker notes is what its `Recorder` notes. A move is one thing that is seen from
outside the worker: a call of the store, or the effect of a step. A worker may die, or be stopped and go on later, between any two.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from reev_flow.errors import LeaseHeld
from reev_flow.runtime.silence import has_been_silent
from reev_flow.sessions.data import Lease, Message, SessionData
from reev_flow.sessions.journal import Effect, JournalEntry
from reev_flow.sessions.recorder import Recorder
from reev_flow.sessions.store import Write
from reev_flow.stores import rules as shipped

NS = 1_000_000_000
NOW = 1_000 * NS  # every state is told as if it were now: only what a lease has left counts
LEASE = 1  # seconds; time passes a second at a time
JUMP = 3  # how far the clock is set back or forward: further than a lease is long


class Phase(StrEnum):
    """What a worker does next."""

    IDLE = "idle"
    READ = "read"  # it has the lease, and does not know the session yet
    WRITE = "write"
    ACT = "act"  # the step's function is called
    ASK = "ask"  # a question is put and the worker looks for its answer
    RELEASE = "release"
    REST = "rest"  # it keeps the flow's coroutine, and nothing else
    GO_ON = "go on"  # it saw that nobody else moved the session on


class Step(msgspec.Struct, frozen=True):
    """Of the flow: one that does something outside, or a question."""

    name: str
    effect: Effect = Effect.ASK
    is_question: bool = False


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """One process and what it believes. `then` is what it does when its write is acknowledged."""

    phase: Phase = Phase.IDLE
    session: SessionData | None = None
    entries: tuple[JournalEntry, ...] = ()
    lease: Lease | None = None
    write: Write | None = None
    then: Phase = Phase.IDLE
    step: str = ""
    attempt: int = 0


class Did(msgspec.Struct, frozen=True, order=True):
    """What the outside world saw."""

    step: str
    attempt: int
    epoch: int


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What is explored. Each may be replaced by one that is wrong."""

    claimed: Callable[[shipped.Kept, shipped.Claim, int], shipped.Kept] = shipped.claimed
    renewed: Callable[[shipped.Kept, Lease, int, float], shipped.Kept] = shipped.renewed
    released: Callable[[shipped.Kept, Lease, int], shipped.Kept | None] = shipped.released
    appended: Callable[[shipped.Kept, Write, Any], shipped.Kept | None] = shipped.appended
    sent: Callable[[shipped.Kept, Message, Any], shipped.Kept | None] = shipped.sent
    take_over: Callable[[Recorder, int], None] = Recorder.take_over
    runs_again_in_doubt: Callable[[Effect], bool] = lambda effect: effect is Effect.RERUN
    waits_until_begun: bool = True
    sees_later_claims: bool = True
    sees_answers: bool = True
    sees_who_is_gone: bool = True
    sees_silence: Callable[[LeaseHeld, int, int], bool] = has_been_silent


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """How large the world is: how often what goes wrong may go wrong."""

    steps: tuple[Step, ...]
    workers: int = 2
    deaths: int = 1
    slow_seconds: int = 0  # that pass although the worker that has the lease lives: it is stopped, or held up
    jumps: int = 0  # of the clock
    is_one_machine: bool = True  # so that a worker is known to be gone


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A state. `claims` is the last epoch that anybody was given, `silent` for how many seconds nobody was heard of."""

    scope: Scope
    rules: Rules
    kept: shipped.Kept
    journal: tuple[JournalEntry, ...] = ()
    messages: tuple[Message, ...] = ()
    workers: tuple[Worker, ...] = ()
    did: tuple[Did, ...] = ()
    claims: int = 0
    claimed_by: str = ""
    holder_is_gone: bool = False
    silent: int = 0
    deaths: int = 0
    slow_seconds: int = 0
    jumps: int = 0

    @property
    def session(self) -> SessionData:
        return self.kept.session

    @property
    def left_ns(self) -> int:
        """Of the lease, by the clock of the store."""
        return self.kept.expires_ns - NOW


def new_world(scope: Scope, how: Rules) -> World:
    # Workers' clocks are far ahead of the store's, so that no journal depends on when it was written.
    far_ns = 10_000 * NS
    session = SessionData(session_id="s-1", flow="pay", created_ns=far_ns, updated_ns=far_ns, trace_id="7" * 32)
    return World(
        scope=scope,
        rules=how,
        kept=shipped.Kept(session=session),
        workers=(Worker(),) * scope.workers,
        deaths=scope.deaths,
        slow_seconds=scope.slow_seconds,
        jumps=scope.jumps,
    )


def is_over(world: World) -> bool:
    return world.session.state.is_end


def key(world: World) -> Any:
    """What tells two states apart. A chain stands for a whole journal, and nothing is told by when a lease was heard of."""
    kept = world.kept
    return (
        (kept.session.chain, kept.session.state, kept.session.epoch, kept.session.entries, len(world.journal)),
        (kept.worker, kept.expires_ns, kept.heard_ns),
        tuple((one.subject, one.value) for one in world.messages),
        tuple(_key_of(worker) for worker in world.workers),
        (world.did, world.claims, world.claimed_by, world.holder_is_gone, world.silent),
        (world.deaths, world.slow_seconds, world.jumps),
    )


def _key_of(worker: Worker) -> Any:
    session, lease, write = worker.session, worker.lease, worker.write
    return (
        (worker.phase, worker.then, worker.step, worker.attempt),
        None if session is None else (session.chain, session.state, session.epoch),
        None if lease is None else (lease.worker, lease.epoch),
        None if write is None else (write.session.chain, write.session.epoch),
    )


def settled(world: World, *, passed: int = 0) -> World:
    """Told as if it were now, after so many seconds by the clock. What a lease lacks is forgotten when no clock will give it back."""
    kept, least = world.kept, -JUMP * world.jumps * NS
    shift = -passed * NS
    left = max(kept.expires_ns + shift - NOW, least) if kept.worker else 0
    heard = min(max(kept.heard_ns + shift - NOW, least), (JUMP + LEASE) * NS) if kept.worker else 0
    return replace(
        world,
        kept=replace(kept, expires_ns=NOW + left, heard_ns=NOW + heard, former_heard_ns=0),
        holder_is_gone=world.holder_is_gone and bool(kept.worker),
        silent=world.silent if kept.worker else 0,
    )


def with_worker(world: World, number: int, worker: Worker) -> World:
    return replace(world, workers=(*world.workers[:number], worker, *world.workers[number + 1 :]))


def time_moves(world: World) -> Iterator[tuple[str, World]]:
    """A second that passes while the one who has the lease lives counts: there are only so many."""
    if not world.kept.worker:
        return
    if world.left_ns > -JUMP * world.jumps * NS or world.silent < LEASE:
        later = replace(world, silent=min(world.silent + 1, LEASE))
        if world.holder_is_gone:
            yield "a second passes", settled(later, passed=1)
        elif world.slow_seconds:
            yield "a second passes", settled(replace(later, slow_seconds=world.slow_seconds - 1), passed=1)
    if world.jumps:
        jumped = replace(world, jumps=world.jumps - 1)
        yield "the clock is set back", settled(jumped, passed=-JUMP)
        yield "the clock is set forward", settled(jumped, passed=JUMP)
