"""How a session stands after a crash, and how it is gone on with."""

from dataclasses import dataclass

import pytest

from reev_flow.errors import SessionCancelled, SessionNotFound
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.runtime.recovery import AlreadyCompleted, Recovered, SessionRecovery
from reev_flow.sessions.state import SessionState
from support.crashes import World
from support.workers import told, worker


@dataclass
class Receipt:
    number: int


CALLS: list[int] = []


@flow
async def buy(session: SessionHandle) -> Receipt:
    await session.step(CALLS.append, 1)
    return Receipt(7)


@pytest.fixture
def world() -> World:
    CALLS.clear()
    return World()


@pytest.mark.parametrize("executor", [None, buy])
async def test_a_session_that_was_interrupted_goes_on_where_it_was(world, executor):
    assert await world.cut_off(buy, after_writes=3)
    world.clock.seconds += 100
    execution = await SessionRecovery(world.store, executor).recover_flow("s-1")
    assert isinstance(execution, Recovered)
    assert execution.session.state is SessionState.RUNNING
    assert told(world.store) == ["started append#1", "finished append#1"], "looking changes nothing"
    assert await execution.continuation() == Receipt(7)
    assert CALLS == [1]


@pytest.mark.parametrize("executor", [None, buy])
async def test_a_session_that_completed_gives_its_result(world, executor):
    await world.go_on(buy)
    execution = await SessionRecovery(world.store, executor).recover_flow("s-1")
    assert execution == AlreadyCompleted(Receipt(7))


async def test_what_a_session_ended_with_is_raised(world):
    assert await world.cut_off(buy, after_writes=1)
    world.clock.seconds += 100
    async with worker(world.store, clock=world.clock) as manager:
        await manager.cancel("s-1", "enough")
    with pytest.raises(SessionCancelled, match="enough"):
        await SessionRecovery(world.store).recover_flow("s-1")


async def test_an_unknown_session_is_told(world):
    with pytest.raises(SessionNotFound):
        await SessionRecovery(world.store).recover_flow("s-1")
