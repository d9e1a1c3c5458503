"""What one worker does: takes a session up, runs its steps by its journal, asks, rests, ends, and may die at any moment."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from model.world import (
    LEASE,
    NOW,
    NS,
    Did,
    Phase,
    Step,
    Worker,
    World,
    settled,
    with_worker,
)
from reev_flow.clock import Clock
from reev_flow.errors import LeaseHeld, SessionError
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.sessions.history import Standing, StepHistory, read_history
from reev_flow.sessions.journal import Effect, EntryKind, read_entry
from reev_flow.sessions.recorder import Recorder
from reev_flow.sessions.records import Answer, Began, Question, Verdict
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.store import Write
from reev_flow.stores.rules import Claim, holds, lease_of

ENDED = frozenset({Standing.FINISHED, Standing.ANSWERED})


class StoppedClock:
    """Recorders never go back before what was noted last, so this one is always behind."""

    def now_ns(self) -> int:
        return 0

    def monotonic_ns(self) -> int:
        return 0


class Paper:
    """Takes the one write that a worker is about to make."""

    def __init__(self) -> None:
        self.writes: list[Write] = []

    def append(self, write: Write) -> Acknowledgement[None]:
        self.writes.append(write)
        return Acknowledgement()


CLOCK: Clock = StoppedClock()


def worker_moves(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker, who = world.workers[number], f"worker {number + 1}"
    for name, then in _MOVES[worker.phase](world, number):
        yield f"{who} {name}", then
    if worker.lease is not None and not (holds(world.kept, worker.lease) and is_fresh(world)):
        yield from _renews(world, number)
    if world.deaths and worker.phase is not Phase.IDLE:
        yield f"{who} dies", _dies(world, number)


def is_fresh(world: World) -> bool:
    return world.silent == 0 and world.left_ns == LEASE_NS and world.kept.heard_ns == NOW


def _claims(world: World, number: int) -> Iterator[tuple[str, World]]:
    """As recovering does: sessions that wait are left alone before there is something new for them."""
    if world.session.state.is_end or (world.session.state is SessionState.WAITING and not has_news(world)):
        return
    claimed = claimed_by(world, f"{number}.{world.claims + 1}")
    if claimed is not None:
        yield "claims", with_worker(claimed, number, Worker(phase=Phase.READ, lease=lease_of(claimed.kept)))


def claimed_by(world: World, name: str) -> World | None:
    """None when it is refused."""
    claim = Claim(session_id="s-1", worker=name, seconds=LEASE)
    try:
        kept = world.rules.claimed(world.kept, claim, NOW)
    except LeaseHeld as held:
        is_silent = world.rules.sees_silence(held, NOW, world.silent * NS)
        if not (is_silent or is_known_to_be_gone(world, held)):
            return None
        kept = world.rules.claimed(world.kept, replace(claim, instead_of=held.worker), NOW)
    claimed = replace(world, kept=kept, claims=world.claims + 1, claimed_by=name, holder_is_gone=False, silent=0)
    return settled(claimed)


def is_known_to_be_gone(world: World, held: LeaseHeld) -> bool:
    return world.rules.sees_who_is_gone and world.scope.is_one_machine and world.holder_is_gone


def has_news(world: World) -> bool:
    """What `runtime/inbox.py` looks for."""
    sent = {message.subject for message in world.messages}
    return world.rules.sees_answers and any(question in sent for question in open_questions(world))


def open_questions(world: World) -> tuple[str, ...]:
    """By what an answer to them is addressed to."""
    histories = read_history(world.journal).items()
    return tuple(
        f"{step}@{history.asked.attempt}"
        for step, history in histories
        if history.asked is not None and history.last is history.asked
    )


def _reads(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker = world.workers[number]
    if world.session.state.is_end:
        yield "finds it over", with_worker(world, number, replace(worker, phase=Phase.RELEASE))
        return
    if world.rules.sees_later_claims and worker.lease is not None and worker.lease.epoch != world.session.epoch:
        yield "sees a later claim", _gives_up(world, number)
        return
    knows = replace(worker, session=world.session, entries=world.journal)

    def take_over(recorder: Recorder) -> None:
        world.rules.take_over(recorder, 0)
        recorder.change_state(SessionState.RUNNING)

    yield "reads", with_worker(world, number, _noting(knows, take_over))


def _noting(worker: Worker, note: Callable[[Recorder], None], then: Phase = Phase.IDLE) -> Worker:
    """About to write; afterwards it goes on with the flow unless something else is said."""
    assert worker.session is not None
    paper = Paper()
    recorder = Recorder(paper, CLOCK, worker.session, worker.entries)  # type: ignore[arg-type]  # nothing else is asked of it
    note(recorder)
    recorder.commit()
    write = paper.writes[0]
    entries = (*worker.entries, *(read_entry(entry) for entry in write.entries))
    plain = replace(write, entries=tuple(replace(entry, origin=None) for entry in write.entries))
    return replace(worker, phase=Phase.WRITE, session=write.session, entries=entries, write=plain, then=then)


def _writes(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker = world.workers[number]
    assert worker.write is not None
    try:
        written = appended(world, worker.write)
    except SessionError:
        yield "is refused", _gives_up(world, number)
        return
    worker = replace(worker, write=None, phase=worker.then, then=Phase.IDLE)
    if worker.phase is Phase.IDLE:
        worker = _goes_on_with_flow(world, worker)
    yield "writes", with_worker(written, number, worker)


def appended(world: World, write: Write) -> World:
    def chain_at(entry: int) -> bytes | None:
        return world.journal[entry - 1].chain if 0 < entry <= len(world.journal) else None

    kept = world.rules.appended(world.kept, write, chain_at)
    if kept is None:
        return world
    return replace(world, kept=kept, journal=(*world.journal, *(read_entry(entry) for entry in write.entries)))


def _goes_on_with_flow(world: World, worker: Worker) -> Worker:
    """What comes next by its own journal: the first step without an outcome, or the end."""
    history = read_history(worker.entries)
    for step in world.scope.steps:
        now = history.get(step.name)
        if now is None or now.standing not in ENDED:
            return _asks(worker, step) if step.is_question else _does(world, worker, step, now)
    return _noting(worker, lambda recorder: recorder.change_state(SessionState.COMPLETED), Phase.RELEASE)


def _does(world: World, worker: Worker, step: Step, history: StepHistory | None) -> Worker:
    """As `flows/step_run.py`. A worker comes here a second time when its own start is acknowledged."""
    attempts = 0 if history is None else history.attempts
    begun = history.last if history is not None and history.last.kind is EntryKind.STARTED else None
    if begun is not None and worker.session is not None and begun.epoch == worker.session.epoch:
        return replace(worker, phase=Phase.ACT, step=step.name, attempt=attempts)
    is_in_doubt = history is not None and history.standing is Standing.IN_DOUBT
    if is_in_doubt and not world.rules.runs_again_in_doubt(step.effect):
        return _asks(worker, step, in_doubt=True)

    def start(recorder: Recorder) -> None:
        value = Began(name=step.name).encoded()
        recorder.note(EntryKind.STARTED, value, step=step.name, attempt=attempts + 1, effect=step.effect)

    if world.rules.waits_until_begun and step.effect is not Effect.RERUN:
        return _noting(worker, start)
    return replace(_noting(worker, start), phase=Phase.ACT, step=step.name, attempt=attempts + 1)


def _acts(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker = world.workers[number]
    assert worker.session is not None
    did = tuple(sorted((*world.did, Did(worker.step, worker.attempt, worker.session.epoch))))

    def finish(recorder: Recorder) -> None:
        recorder.note(EntryKind.FINISHED, b"done", step=worker.step, attempt=worker.attempt)

    after = _noting(worker, finish)
    if worker.write is not None:  # its start was not waited for: both go in one
        entries = (*worker.write.entries, *(after.write.entries if after.write else ()))
        after = replace(after, write=Write(session=after.session or worker.session, entries=entries))
    yield "acts", with_worker(replace(world, did=did), number, replace(after, step="", attempt=0))


def _asks(worker: Worker, step: Step, *, in_doubt: bool = False) -> Worker:
    now = read_history(worker.entries).get(step.name)
    asking = replace(worker, phase=Phase.ASK, step=step.name, attempt=0 if now is None else now.attempts)
    if now is not None and now.asked is not None and now.last is now.asked:
        return asking
    put = 1 if now is None or now.asked is None else now.asked.attempt + 1
    question = Question(text="?", in_doubt=in_doubt).encoded()

    def put_it(recorder: Recorder) -> None:
        recorder.note(EntryKind.ASKED, question, step=step.name, attempt=put)

    return _noting(asking, put_it, Phase.ASK)


def _looks_for_answer(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker = world.workers[number]
    asked = read_history(worker.entries)[worker.step].asked
    assert asked is not None
    subject = f"{worker.step}@{asked.attempt}"
    message = next((message for message in world.messages if message.subject == subject), None)
    if message is None:
        resting = _noting(worker, lambda recorder: recorder.change_state(SessionState.WAITING), Phase.REST)
        yield "begins to rest", with_worker(world, number, resting)
        return
    value, attempt, step = message.value, worker.attempt, worker.step
    is_about_doubt = attempt > 0

    def hear(recorder: Recorder) -> None:
        recorder.note(EntryKind.ANSWERED, Answer(value=value).encoded(), step=step, attempt=asked.attempt)
        if is_about_doubt:
            verdict = Verdict(happened=value == b"it happened", by="person")
            recorder.note(EntryKind.SETTLED, verdict.encoded(), step=step, attempt=attempt)

    yield "hears the answer", with_worker(world, number, _noting(replace(worker, step="", attempt=0), hear))


def _rests(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker = world.workers[number]
    if worker.lease is not None:
        yield "releases, and rests", with_worker(_released(world, worker), number, replace(worker, lease=None))
    elif worker.session is None or world.session.epoch != worker.session.epoch:
        yield "sees that it was moved on", with_worker(world, number, Worker())
    elif has_news(world):
        yield "wants to go on", with_worker(world, number, replace(worker, phase=Phase.GO_ON))


def _goes_on(world: World, number: int) -> Iterator[tuple[str, World]]:
    """It looked before, and somebody else may have claimed the session since: it writes on from what it knew."""
    worker = world.workers[number]
    claimed = claimed_by(world, f"{number}.{world.claims + 1}")
    if claimed is None:
        yield "is refused the lease", with_worker(world, number, Worker())
        return
    lease = lease_of(claimed.kept)

    def begin(recorder: Recorder) -> None:
        recorder.begin_epoch(lease.epoch)
        recorder.change_state(SessionState.RUNNING)

    yield "claims again", with_worker(claimed, number, _noting(replace(worker, lease=lease), begin, Phase.ASK))


def _releases(world: World, number: int) -> Iterator[tuple[str, World]]:
    yield "releases", with_worker(_released(world, world.workers[number]), number, Worker())


def _released(world: World, worker: Worker) -> World:
    kept = None if worker.lease is None else world.rules.released(world.kept, worker.lease, NOW)
    return world if kept is None else settled(replace(world, kept=kept))


def _gives_up(world: World, number: int) -> World:
    return with_worker(_released(world, world.workers[number]), number, Worker())


def _renews(world: World, number: int) -> Iterator[tuple[str, World]]:
    worker, who = world.workers[number], f"worker {number + 1}"
    if worker.lease is None:
        return
    try:
        kept = world.rules.renewed(world.kept, worker.lease, NOW, LEASE)
    except SessionError:
        yield f"{who} hears that its lease is lost", with_worker(world, number, Worker())
        return
    lease = replace(lease_of(kept), worker=worker.lease.worker)
    renewed = with_worker(replace(world, kept=kept, silent=0), number, replace(worker, lease=lease))
    yield f"{who} renews", settled(renewed)


def _dies(world: World, number: int) -> World:
    lease = world.workers[number].lease
    was_holder = lease is not None and holds(world.kept, lease)
    dead = replace(world, deaths=world.deaths - 1, holder_is_gone=world.holder_is_gone or was_holder)
    return settled(with_worker(dead, number, Worker()))


_MOVES: dict[Phase, Callable[[World, int], Iterator[tuple[str, World]]]] = {
    Phase.IDLE: _claims,
    Phase.READ: _reads,
    Phase.WRITE: _writes,
    Phase.ACT: _acts,
    Phase.ASK: _looks_for_answer,
    Phase.RELEASE: _releases,
    Phase.REST: _rests,
    Phase.GO_ON: _goes_on,
}
LEASE_NS = LEASE * NS
