"""Forks a session: another one goes on from one of its steps, with ids and effects of its own."""

from typing import Protocol

from msgspec.structs import replace

from reev_flow.clock import Clock, random_bytes
from reev_flow.errors import SessionExists
from reev_flow.runtime.session_ids import new_id
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.data import Lease, SessionData
from reev_flow.sessions.forking import Birth, ForkPoint, first_journal, forked, is_fork_of, is_half_forked, step_meant
from reev_flow.sessions.store import SessionStore


class Keeper(Protocol):
    """Who claims sessions for a worker."""

    store: SessionStore
    clock: Clock

    async def claim(self, session_id: str) -> Lease:
        """Raises `LeaseHeld` while another works on it."""


async def fork(keeper: Keeper, session_id: str, from_step: str, chosen_id: str | None = None) -> SessionData:
    """The new session, durable and interrupted. With a `chosen_id` it is forked once, however often this is called.

    Raises `NoSuchStep`, `SessionNotFound`, and `SessionExists` when the chosen id is that of anything else.
    """
    loading, reading = keeper.store.load(session_id), keeper.store.read_journal(session_id)
    source, entries = await awaited(loading), await awaited(reading)
    point = ForkPoint(source=source, entries=entries, step=step_meant(session_id, entries, from_step))
    birth = Birth(
        session_id=chosen_id or new_id(source.flow),
        is_named=bool(chosen_id),
        trace_id=random_bytes(16).hex(),
        now_ns=keeper.clock.now_ns(),
    )
    born = forked(point, birth)
    try:
        await awaited(keeper.store.create(born))
    except SessionExists:
        born = await _same_fork(keeper, born, point)
    return await _with_journal(keeper, born, point) if is_half_forked(born) else born


async def _same_fork(keeper: Keeper, born: SessionData, point: ForkPoint) -> SessionData:
    """The one that is there, if it is the fork that was asked for. It may lack its journal yet."""
    loading, reading = keeper.store.load(born.session_id), keeper.store.read_journal(born.session_id)
    existing, entries = await awaited(loading), await awaited(reading)
    if not is_fork_of(existing, entries, point):
        raise SessionExists(born.session_id)
    return existing


async def _with_journal(keeper: Keeper, born: SessionData, point: ForkPoint) -> SessionData:
    """Under a lease, so that of two who fork the same one gives it its journal."""
    lease = await keeper.claim(born.session_id)
    try:
        born = await awaited(keeper.store.load(born.session_id))
        if is_half_forked(born):
            write = first_journal(replace(born, epoch=lease.epoch), point)
            await awaited(keeper.store.append(write))
            born = write.session
    finally:
        keeper.store.release(lease)
    return born
