"""How a session begins, and how a worker takes over one that was begun before."""

import inspect
from collections.abc import Callable
from concurrent.futures import Future
from itertools import takewhile
from typing import Any

import msgspec
from msgspec.structs import replace
from opentelemetry.trace import SpanContext, format_span_id, format_trace_id

from reev_flow.clock import random_bytes
from reev_flow.errors import SessionError, SessionExists
from reev_flow.flows.tracing.context import surrounding
from reev_flow.flows.work import SessionWork
from reev_flow.runtime.keeper import SessionKeeper, hear
from reev_flow.runtime.session_ids import new_id
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import Lease, SessionData
from reev_flow.sessions.forking import is_half_forked
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.time_spent import spent_ns
from reev_flow.values.shown import shown

FIRST_EPOCH = 1


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is of: see `SessionData` for the fields. `function` is that of a flow, and not kept."""

    flow: str
    entry_point: str = ""
    digest: bytes = b""
    definition: bytes = b""
    arguments: bytes = b""
    function: Callable[..., Any] | None = None


def new_session(origin: Origin, session_id: str | None, now_ns: int, parent: SpanContext | None = None) -> SessionData:
    """Part of the trace that it begins in, else one of its own. It is given an id when it has none."""
    return SessionData(
        session_id=session_id or new_id(origin.flow),
        created_ns=now_ns,
        updated_ns=now_ns,
        is_named=bool(session_id),
        trace_id=random_bytes(16).hex() if parent is None else format_trace_id(parent.trace_id),
        flow=origin.flow,
        entry_point=origin.entry_point,
        digest=origin.digest,
        definition=origin.definition,
        arguments=origin.arguments,
    )


def no_remark(_: SessionData) -> str:
    return ""


async def begin(keeper: SessionKeeper, origin: Origin, session_id: str | None = None) -> SessionWork:
    """Created, leased and running with one wait for the disk. Raises `SessionExists` when the id is taken, `SessionForgotten`
    when it was.
    """
    await keeper.turns.take()
    claimed: Future[Lease] | None = None
    try:
        parent = surrounding()
        session = new_session(origin, session_id, keeper.clock.now_ns(), parent)
        created = keeper.store.create(session)
        if session_id is not None:  # it may be another's, whose lease must not be touched
            await awaited(created)
        claimed = keeper.store.claim(session.session_id, keeper.next_worker(), keeper.config.lease_seconds)
        if session_id is not None and (await awaited(claimed)).epoch != FIRST_EPOCH:
            raise SessionExists(session_id)  # noqa: TRY301 - who else knows the id was quicker; its epoch must not be written with
        work = keeper.work_on(replace(session, epoch=FIRST_EPOCH))
        parent_span_id = "" if parent is None else format_span_id(parent.span_id)
        work.recorder.change_state(SessionState.RUNNING, parent_span_id=parent_span_id)
        saved = work.recorder.commit()
        await awaited(created)
        lease = await awaited(claimed)
        await work.acknowledged(saved)
        keeper.hold(work, lease)
    except BaseException:
        if claimed is not None:
            claimed.add_done_callback(keeper.release_claim)
        keeper.turns.give_back()
        raise
    return work


class Found(msgspec.Struct, frozen=True):
    """How a session was found that is to be taken over: by the epoch it had, and the worker that had it and is gone."""

    epoch: int | None = None
    gone: str = ""

    def has_moved_on(self, epoch: int) -> bool:
        """Somebody had it since."""
        return self.epoch is not None and self.epoch != epoch


ANYHOW = Found()


async def take_over(
    keeper: SessionKeeper, session_id: str, *, remark: str = "", found: Found = ANYHOW
) -> SessionWork | SessionData:
    """The session as work of this worker; as it stands when it has ended, or has moved on since it was found. Raises `LeaseHeld` while
    another works on it.
    """
    if found is ANYHOW:
        session = await awaited(keeper.store.load(session_id))
        if session.state.is_end:
            return session
    await keeper.turns.take(is_new=False)
    try:
        work = await _claim(keeper, session_id, remark, found)
    except BaseException:
        keeper.turns.give_back()
        raise
    if isinstance(work, SessionData):
        keeper.turns.give_back()
    return work


async def _claim(keeper: SessionKeeper, session_id: str, remark: str, found: Found) -> SessionWork | SessionData:
    lease = await keeper.claim(session_id, gone=found.gone)
    try:
        store = keeper.store
        loading, reading, hearing = store.load(session_id), store.read_journal(session_id), store.messages(session_id)
        session, entries, messages = await awaited(loading), await awaited(reading), await awaited(hearing)
        if session.state.is_end or found.has_moved_on(lease.epoch - 1):
            keeper.store.release(lease)
            return session
        refuse_half_forked(session)
        work = keeper.work_under(lease, session, entries)
        work.recorder.take_over(lease.heard_ns)
        work.recorder.change_state(SessionState.RUNNING, reason=remark, interruption=None)
        await work.checkpoint()
        keeper.hold(work, lease, spent_ns=spent_ns(entries))
        hear(work, messages)  # a wish to cancel that its former worker did not live to hear of
    except BaseException:
        keeper.store.release(lease)
        raise
    return work


def refuse_half_forked(session: SessionData) -> None:
    """It would do everything once more that it was to begin with."""
    if is_half_forked(session):
        raise SessionError(
            f"session {session.session_id!r} was being forked when its process ended; fork it again with this id, or cancel it"
        )


async def begin_or_take_over(
    keeper: SessionKeeper,
    origin: Origin,
    session_id: str | None,
    *,
    remark_on: Callable[[SessionData], str] = no_remark,
) -> SessionWork | SessionData:
    """A session with an id of one's own is begun once, however often it is asked for. Raises `SessionExists` when the id is that of another
    flow, or of one with other arguments, `SessionForgotten` when it is that of one that was forgotten. `remark_on` gives what is to be noted when it is taken over.
    """
    if session_id is None:
        return await begin(keeper, origin)
    try:
        return await begin(keeper, origin, session_id)
    except SessionExists:
        existing = await awaited(keeper.store.load(session_id))
        if not is_of(existing, origin):
            raise
        return await take_over(keeper, session_id, remark=remark_on(existing))


def is_of(session: SessionData, origin: Origin) -> bool:
    """Steps that are called by hand take no arguments. Whether those of a flow are given by name or in order does not count."""
    if session.flow != origin.flow:
        return False
    is_said = bool(session.arguments and origin.arguments) and session.arguments != origin.arguments
    return not is_said or _by_name(session.arguments, origin) == _by_name(origin.arguments, origin)


def _by_name(arguments: bytes, origin: Origin) -> Any:
    pair = shown(arguments)
    if origin.function is None or not _is_call(pair):
        return pair
    in_order, by_name = pair
    names = _names_of(origin.function)
    return in_order[len(names) :], dict(zip(names, in_order, strict=False)) | by_name


def _is_call(pair: Any) -> bool:
    return isinstance(pair, list) and [type(part) for part in pair] == [list, dict]


def _names_of(function: Callable[..., Any]) -> list[str]:
    """Of its parameters but the session, as far as they may be given by name."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    kinds = takewhile(lambda one: one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD, parameters)
    return [parameter.name for parameter in kinds]
