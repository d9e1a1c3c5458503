"""What holds whatever happens, each by the words it has in docs/explanation/leases-and-epochs.md."""

from collections import Counter
from collections.abc import Callable

from model.explorer import MoveCheck, StateCheck
from model.worker import LEASE_NS, appended, has_news, is_known_to_be_gone
from model.world import LEASE, NOW, Worker, World
from reev_flow.errors import LeaseHeld, SessionError
from reev_flow.sessions.history import Standing, read_history, standing_after
from reev_flow.sessions.journal import Effect, EntryKind, JournalEntry
from reev_flow.sessions.records import Answer, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.stores.rules import Claim, holds
from support.sessions import is_unbroken

ALLOWED = frozenset({Standing.OPEN, Standing.RETRYING})


def the_lease_is_of_the_last_claim(world: World) -> bool:
    return world.kept.worker in {"", world.claimed_by} and world.session.epoch == world.claims


def each_epoch_is_one_workers(world: World) -> bool:
    epochs = [worker.lease.epoch for worker in world.workers if worker.lease is not None]
    return len(epochs) == len(set(epochs))


def one_answer_is_kept(world: World) -> bool:
    return len({message.subject for message in world.messages}) == len(world.messages)


def somebody_can_take_it_up(world: World) -> bool:
    """When nobody is heard of for as long as a lease lasts; twice as long when the clock was set back meanwhile."""
    is_for_people = world.session.state is SessionState.WAITING and not has_news(world)
    if world.session.state.is_end or is_for_people:
        return True
    is_set_back = world.kept.heard_ns > NOW
    return _can_be_claimed_after(world, LEASE_NS) or (is_set_back and _can_be_claimed_after(world, 2 * LEASE_NS))


def _can_be_claimed_after(world: World, silent_ns: int) -> bool:
    claim = Claim(session_id="s-1", worker="another", seconds=LEASE)
    try:
        world.rules.claimed(world.kept, claim, NOW + silent_ns)
    except LeaseHeld as held:
        return world.rules.sees_silence(held, NOW + silent_ns, silent_ns)
    return True


def who_is_gone_is_replaced_at_once(world: World) -> bool:
    if not (world.holder_is_gone and world.scope.is_one_machine):
        return True
    held = LeaseHeld("s-1", world.kept.worker, world.kept.expires_ns)
    return is_known_to_be_gone(world, held)


def only_the_last_claim_writes(before: World, name: str, after: World) -> bool:
    if _facts(before) == _facts(after):
        return True
    actor = _actor(before, name)
    new = after.journal[len(before.journal) :]
    is_last = actor is not None and actor.lease is not None and actor.lease.epoch == before.claims
    return is_last and all(entry.epoch == before.claims for entry in new)


def nothing_acknowledged_is_lost(before: World, name: str, after: World) -> bool:
    """What was there stays, and who hears that a write is kept finds it there."""
    stays = after.journal[: len(before.journal)] == before.journal
    stays = stays and after.messages[: len(before.messages)] == before.messages
    actor = _actor(before, name)
    if not name.endswith(" writes") or actor is None:
        return stays
    return stays and after.journal == actor.entries and after.session.state is _state_of(actor)


def every_entry_follows(before: World, _: str, after: World) -> bool:
    return _facts(before) == _facts(after) or is_unbroken(after.session, after.journal)


def an_effect_begins_once_and_is_known(before: World, _: str, after: World) -> bool:
    if before.did == after.did:
        return True
    attempts = Counter((did.step, did.attempt) for did in after.did)
    started = {(entry.step, entry.attempt) for entry in after.journal if entry.kind is EntryKind.STARTED}
    rerun = {step.name for step in after.scope.steps if step.effect is Effect.RERUN}
    effects = {at: times for at, times in attempts.items() if at[0] not in rerun}
    return set(effects.values()) <= {1} and set(effects) <= started


def doubt_is_settled_first(before: World, _: str, after: World) -> bool:
    """An attempt follows another only when it is known that nothing of that one happened."""
    if len(before.journal) == len(after.journal):
        return True
    standings = {name: history.standing for name, history in read_history(before.journal).items()}
    for entry in after.journal[len(before.journal) :]:
        is_allowed = standings.get(entry.step, Standing.OPEN) in ALLOWED
        if entry.kind is EntryKind.STARTED and entry.effect is not Effect.RERUN and not is_allowed:
            return False
        if entry.step:
            standings[entry.step] = standing_after(entry)
    return True


def an_answer_counts_once(before: World, _: str, after: World) -> bool:
    """And it is the one that was kept."""
    if len(before.journal) == len(after.journal):
        return True
    heard = [entry for entry in after.journal if entry.kind is EntryKind.ANSWERED]
    said = {message.subject: message.value for message in after.messages}
    is_once = len({(entry.step, entry.attempt) for entry in heard}) == len(heard)
    return is_once and all(_heard(entry) == said.get(f"{entry.step}@{entry.attempt}") for entry in heard)


def what_ended_takes_nothing_more(before: World, _: str, after: World) -> bool:
    return not before.session.state.is_end or _facts(before) == _facts(after)


def nobody_is_robbed(before: World, name: str, after: World) -> bool:
    """A lease that runs ends by who has it, or because it is known that nobody has, or nobody was heard of for as long as it lasts."""
    if not before.kept.worker or before.left_ns <= 0 or before.holder_is_gone or before.silent >= LEASE:
        return True
    actor = _actor(before, name)
    is_its_own = actor is not None and actor.lease is not None and actor.lease.worker == before.kept.worker
    return is_its_own or after.kept.worker == before.kept.worker


def renewing_gives_the_whole_time(before: World, name: str, after: World) -> bool:
    return not name.endswith(" renews") or LEASE_NS <= after.left_ns <= max(before.left_ns, LEASE_NS)


def who_has_the_lease_is_not_refused(before: World, name: str, _: World) -> bool:
    actor = _actor(before, name)
    if not name.endswith(" is refused") or actor is None or actor.lease is None:
        return True
    is_up_to_date = actor.entries[: len(before.journal)] == before.journal
    return not (is_up_to_date and holds(before.kept, actor.lease))


def a_write_made_twice_is_made_once(before: World, name: str, after: World) -> bool:
    actor = _actor(before, name)
    if not name.endswith(" writes") or actor is None or actor.write is None:
        return True
    try:
        return appended(after, actor.write) is after
    except SessionError:
        return False


def effects_happen_exactly_once(world: World) -> bool:
    """Only as long as nobody is stopped for longer than a lease: see the page."""
    times = Counter(did.step for did in world.did)
    wanted = [step.name for step in world.scope.steps if not step.is_question and step.effect is not Effect.RERUN]
    least = 1 if world.session.state is SessionState.COMPLETED else 0
    return all(least <= times[step] <= 1 for step in wanted)


def _facts(world: World) -> tuple[bytes, SessionState, int]:
    return world.session.chain, world.session.state, len(world.journal)


def _actor(world: World, name: str) -> Worker | None:
    return world.workers[int(name.split()[1]) - 1] if name.startswith("worker ") else None


def _state_of(worker: Worker) -> SessionState | None:
    return None if worker.session is None else worker.session.state


def _heard(entry: JournalEntry) -> bytes | None:
    record = read_record(entry)
    return record.value if isinstance(record, Answer) else None


def _named(*checks: Callable[..., bool]) -> dict[str, Callable[..., bool]]:
    return {check.__name__.replace("_", " "): check for check in checks}


ALWAYS: dict[str, StateCheck[World]] = _named(
    the_lease_is_of_the_last_claim,
    each_epoch_is_one_workers,
    one_answer_is_kept,
    somebody_can_take_it_up,
    who_is_gone_is_replaced_at_once,
)
EACH_MOVE: dict[str, MoveCheck[World]] = _named(
    only_the_last_claim_writes,
    nothing_acknowledged_is_lost,
    every_entry_follows,
    an_effect_begins_once_and_is_known,
    doubt_is_settled_first,
    an_answer_counts_once,
    what_ended_takes_nothing_more,
    nobody_is_robbed,
    renewing_gives_the_whole_time,
    who_has_the_lease_is_not_refused,
    a_write_made_twice_is_made_once,
)
IF_NOBODY_IS_STOPPED: dict[str, StateCheck[World]] = _named(effects_happen_exactly_once)
