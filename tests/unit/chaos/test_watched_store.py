"""A watched store passes the edges of steps, and otherwise is the store."""

from reev_flow import SessionHandle, flow
from reev_flow.chaos.sights import Sights
from reev_flow.chaos.trap import Trap
from reev_flow.chaos.watched_store import WatchedStore
from reev_flow.flows.retry import Retry
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.memory import MemorySessionStore
from support.workers import worker


async def pay() -> str:
    return "paid"


async def test_what_is_kept_of_a_step_is_passed_before_and_after(tmp_path):
    trap = Trap()

    @flow
    async def pays(session: SessionHandle) -> None:
        await session.step(pay)

    store: SessionStore = WatchedStore(MemorySessionStore(), trap, Sights(tmp_path))
    async with worker(store) as manager:
        await manager.run(pays)
    assert [point.name for point in trap.passed] == [
        "pay#1@before-start",
        "pay#1@after-start",
        "pay#1@before-finish",
        "pay#1@after-finish",
    ]


async def test_every_attempt_is_passed(tmp_path):
    trap, failures = Trap(), [ValueError("not yet")]

    async def fail_first() -> None:
        if failures:
            raise failures.pop()

    @flow
    async def tries(session: SessionHandle) -> None:
        await session.step(fail_first, retry=Retry(attempts=2, wait_seconds=0), on_interrupt="rerun")

    store: SessionStore = WatchedStore(MemorySessionStore(), trap, Sights(tmp_path))
    async with worker(store) as manager:
        await manager.run(tries)
    names = [point.name for point in trap.passed if point.edge.startswith("after")]
    assert names == [
        "fail_first#1@after-start",
        "fail_first#1@after-failure",
        "fail_first#1@after-start@2",
        "fail_first#1@after-finish",
    ]
