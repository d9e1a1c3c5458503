"""Another session goes on from a step of this one: what is kept, what is done anew, and what stays as it was."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from reev_flow.collect.journal_spans import spans_of
from reev_flow.errors import (
    LeaseHeld,
    NoSuchStep,
    SessionError,
    SessionExists,
    SessionNotFound,
    SessionWaiting,
    StepChanged,
)
from reev_flow.flows.blocking import BlockingSession
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.mirror import Mirror
from reev_flow.flows.plans.plan import DynamicFlowPlan, DynamicStep
from reev_flow.runtime.left_behind import stalled
from reev_flow.runtime.manager import SessionManager
from reev_flow.runtime.run_reading import read_run
from reev_flow.sessions.state import SessionState
from reev_flow.sessions.told import told as told_run
from reev_flow.stores.memory import MemorySessionStore
from reev_flow.trace.run import flow_span_id
from reev_flow.trace.span import Span
from support.crashes import World
from support.sessions import is_unbroken
from support.workers import journal, state_of, told, worker


class Shop:
    """Counts what was done, by the key that it was done with."""

    def __init__(self) -> None:
        self.world = World()
        self.done: list[tuple[str, str]] = []

    @property
    def store(self) -> MemorySessionStore:
        return self.world.store

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.done]

    def buying(self, *, price: int = 3, last: str = "ship") -> Flow[Any, Any]:
        @flow(name="buying")
        async def buying(session: SessionHandle) -> list[Any]:
            async def do(name: str, result: Any) -> Any:
                self.done.append((name, session.idempotency_key))
                return result

            found = await session.step(do, "search", price, name="search")
            paid = await session.step(do, "pay", f"paid {found}", name="pay")
            return [found, paid, await session.step(do, last, last, name=last)]

        return buying

    async def bought(self) -> Any:
        async with self.worker() as manager:
            return await manager.run(self.buying(), session_id="s-1")

    def worker(self) -> Any:
        self.world.clock.seconds += 100
        return worker(self.store, clock=self.world.clock)

    async def forked(self, from_step: str, new_id: str | None = "s-2") -> str:
        async with self.worker() as manager:
            return str((await manager.fork("s-1", from_step, new_id=new_id)).session_id)

    async def resumed(self, session_id: str, code: Any) -> Any:
        self.done.clear()
        async with self.worker() as manager:
            return await manager.resume(session_id, code, wait=False)


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_what_came_before_the_step_is_read_back_and_the_rest_is_done_anew(shop):
    first = await shop.bought()
    assert await shop.resumed(await shop.forked("pay#1"), shop.buying()) == first
    assert shop.names == ["pay", "ship"]


async def test_what_is_done_anew_has_keys_of_its_own(shop):
    await shop.bought()
    before = dict(shop.done)
    await shop.resumed(await shop.forked("pay#1"), shop.buying())
    assert {name: key != before[name] for name, key in shop.done} == {"pay": True, "ship": True}


async def test_a_fork_from_the_first_step_does_everything_anew(shop):
    await shop.bought()
    assert await shop.resumed(await shop.forked("search#1"), shop.buying(price=5)) == [5, "paid 5", "ship"]


async def test_a_fork_runs_the_code_that_is_there_now(shop):
    await shop.bought()
    assert await shop.resumed(await shop.forked("ship#1"), shop.buying(last="send")) == [3, "paid 3", "send"]
    assert shop.names == ["send"]


async def test_what_is_kept_must_still_fit(shop):
    await shop.bought()
    await shop.forked("ship#1")

    @flow(name="buying")
    async def without_search(session: SessionHandle) -> None:
        await session.step(shop.bought, name="pay")

    with pytest.raises(StepChanged, match=r"pay#1"):
        await shop.resumed("s-2", without_search)


async def test_the_session_that_was_forked_stays_as_it_was(shop):
    await shop.bought()
    before, entries = shop.store.load("s-1").result(), journal(shop.store)
    await shop.resumed(await shop.forked("pay#1"), shop.buying())
    assert (shop.store.load("s-1").result(), journal(shop.store)) == (before, entries)


async def test_a_fork_is_durable_and_waits_to_be_resumed(shop):
    await shop.bought()
    await shop.forked("pay#1")
    session = shop.store.load("s-2").result()
    assert (session.state, session.flow, session.entry_point) == (
        SessionState.INTERRUPTED,
        "buying",
        shop.store.load("s-1").result().entry_point,
    )
    assert session.interruption is not None
    assert (session.interruption.step_index, session.interruption.context) == (1, "forked from s-1 before pay#1")
    assert is_unbroken(session, journal(shop.store, "s-2"))
    assert told(shop.store, "s-2") == ["started search#1", "finished search#1"]


async def test_a_fork_without_an_id_of_its_own_is_given_one(shop):
    await shop.bought()
    name = await shop.forked("pay#1", None)
    assert name.startswith("buying-")
    assert not shop.store.load(name).result().is_named


async def test_a_step_that_was_called_once_may_be_named_without_its_number(shop):
    await shop.bought()
    await shop.forked("pay")
    assert told(shop.store, "s-2") == ["started search#1", "finished search#1"]


async def test_a_name_that_several_steps_have_is_not_guessed(shop):
    @flow
    async def twice(session: SessionHandle) -> None:
        for _ in range(2):
            await session.step(asyncio.sleep, 0)

    async with shop.worker() as manager:
        await manager.run(twice, session_id="s-1")
        with pytest.raises(NoSuchStep, match="name one of sleep#1, sleep#2"):
            await manager.fork("s-1", "sleep")


async def test_a_step_that_is_not_in_the_journal_is_refused_with_those_that_are(shop):
    await shop.bought()
    with pytest.raises(NoSuchStep, match="has no step 'refund'; name one of search#1, pay#1, ship#1"):
        await shop.forked("refund")


async def test_a_session_that_has_begun_no_step_cannot_be_forked(shop):
    @flow
    async def nothing(session: SessionHandle) -> None:
        pass

    async with shop.worker() as manager:
        await manager.run(nothing, session_id="s-1")
        with pytest.raises(NoSuchStep, match="has begun no step"):
            await manager.fork("s-1", "pay")


async def test_an_unknown_session_cannot_be_forked(shop):
    with pytest.raises(SessionNotFound):
        await shop.forked("pay")


async def test_with_an_id_of_its_own_it_is_forked_once(shop):
    await shop.bought()
    await shop.forked("pay#1")
    await shop.resumed("s-2", shop.buying())
    assert await shop.forked("pay#1") == "s-2"
    assert await state_of(shop.store, "s-2") is SessionState.COMPLETED


@pytest.mark.parametrize(("session_id", "step"), [("s-2", "ship#1"), ("s-1", "pay#1")])
async def test_the_id_of_anything_else_is_refused(shop, session_id, step):
    await shop.bought()
    await shop.forked("pay#1")
    with pytest.raises(SessionExists):
        await shop.forked(step, session_id)


async def test_a_session_that_runs_can_be_forked(shop):
    async with shop.worker() as manager:
        goes_on = asyncio.Event()

        @flow(name="buying")
        async def slow(session: SessionHandle) -> str:
            await session.step(asyncio.sleep, 0)
            await session.step(goes_on.wait)
            return "done"

        running = await manager.start(slow, session_id="s-1")
        while "started wait#1" not in told(shop.store):
            await asyncio.sleep(0.001)
        await manager.fork("s-1", "wait#1", new_id="s-2")
        goes_on.set()
        assert await running == "done"
        assert await manager.resume("s-2", slow) == "done"


async def test_what_was_going_on_beside_the_step_is_done_anew(shop):
    """`slow` began before `late` and ended after it."""
    may_end = asyncio.Event()

    @flow
    async def beside(session: SessionHandle) -> list[Any]:
        async def slow() -> str:
            shop.done.append(("slow", ""))
            await may_end.wait()
            return "slow"

        async def late() -> str:
            shop.done.append(("late", ""))
            may_end.set()
            return "late"

        async def quick() -> str:
            shop.done.append(("quick", ""))
            return "quick"

        async def two() -> list[str]:
            return [await session.step(quick), await session.step(late)]

        return await session.gather(session.step(slow), two())

    async with shop.worker() as manager:
        first = await manager.run(beside, session_id="s-1")
    forked = await shop.forked("late")
    assert told(shop.store, forked) == ["started gather#1:1/quick#1", "finished gather#1:1/quick#1"]
    assert await shop.resumed(forked, beside) == first
    assert sorted(shop.names) == ["late", "slow"]


async def test_a_question_that_was_answered_is_kept_and_a_later_one_is_put_anew(shop):
    @flow
    async def asking(session: SessionHandle) -> list[Any]:
        return [await session.ask("which?", name="which"), await session.ask("really?", name="sure")]

    async with shop.worker() as manager:
        for said in ("red", "yes"):
            with pytest.raises(SessionWaiting):
                await manager.run(asking, session_id="s-1", wait=False)
            await manager.answer("s-1", said)
        assert await manager.resume("s-1", asking) == ["red", "yes"]
        await manager.fork("s-1", "sure", new_id="s-2")
        with pytest.raises(SessionWaiting, match="sure#1"):
            await manager.resume("s-2", asking, wait=False)
        await manager.answer("s-2", "no")
        assert await manager.resume("s-2", asking) == ["red", "no"]


async def test_a_version_that_was_chosen_before_the_step_is_kept(shop):
    def with_version(newest: int) -> Flow[Any, Any]:
        @flow(name="versioned")
        async def versioned(session: SessionHandle) -> list[int]:
            first = await session.version("early", newest)
            await session.step(asyncio.sleep, 0)
            return [first, await session.version("late", newest)]

        return versioned

    async with shop.worker() as manager:
        await manager.run(with_version(2), session_id="s-1")
    assert await shop.resumed(await shop.forked("sleep#1"), with_version(3)) == [2, 3]


async def test_a_fork_of_a_fork_has_what_both_had(shop):
    await shop.bought()
    await shop.resumed(await shop.forked("pay#1"), shop.buying())
    async with shop.worker() as manager:
        await manager.fork("s-2", "ship#1", new_id="s-3")
    assert await shop.resumed("s-3", shop.buying()) == [3, "paid 3", "ship"]
    assert shop.names == ["ship"]


async def test_a_plan_is_forked_like_code(shop):
    plan = DynamicFlowPlan(
        flow_id="trip",
        steps=(
            DynamicStep(step_id="search", prompt_template="find"),
            DynamicStep(step_id="pay", prompt_template="pay {search}", depends_on=("search",)),
        ),
    )

    async def run_step(step: DynamicStep, context: Any) -> str:
        shop.done.append((step.step_id, context.idempotency_key))
        return step.step_id

    async with shop.worker() as manager:
        await manager.run(plan, run_step=run_step, session_id="s-1")
    before = dict(shop.done)
    result = await shop.resumed(await shop.forked("pay"), run_step)
    assert (result.is_completed, shop.names) == (True, ["pay"])
    assert dict(shop.done)["pay"] != before["pay"]


async def test_a_session_forks_itself_with_what_it_has_done_so_far(shop):
    async with shop.worker() as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        await session.step(asyncio.sleep, 0, name="search")
        await session.step(asyncio.sleep, 0, name="pay")
        forked = await session.fork("pay", new_id="s-2")
        await manager.end_flow(session)
    assert forked.session_id == "s-2"
    assert told(shop.store, "s-2") == ["started search#1", "finished search#1"]


async def test_a_flow_that_is_not_async_forks_itself_too(shop):
    @flow
    def forking(session: BlockingSession) -> str:
        session.step(int, 3, name="search")
        return session.fork("search", new_id="s-2").session_id

    async with shop.worker() as manager:
        assert await manager.run(forking, session_id="s-1") == "s-2"


async def test_the_run_of_a_fork_is_a_trace_of_its_own_with_a_link_to_the_other(shop):
    await shop.bought()
    await shop.resumed(await shop.forked("pay#1"), shop.buying())
    trace = read_run(shop.store, None, "s-2")
    root = trace.spans[0]
    assert [span.name for span in trace.spans[1:]] == ["pay", "ship"]
    source = shop.store.load("s-1").result()
    assert trace.trace_id != source.trace_id
    assert [(link.trace_id, link.span_id) for link in root.links] == [(source.trace_id, flow_span_id("s-1"))]
    assert (root.attributes["reev.forked.from"], root.attributes["reev.forked.step"]) == ("s-1", "pay#1")


async def test_the_run_of_a_fork_is_mirrored_as_its_journal_tells_it(shop):
    await shop.bought()
    await shop.forked("pay#1")
    kept = journal(shop.store, "s-2")
    await shop.resumed("s-2", shop.buying())
    session, entries = shop.store.load("s-2").result(), journal(shop.store, "s-2")
    spans: list[Span] = []
    mirror = Mirror(spans.append, kept, is_heard=lambda: True)
    for entry in entries[len(kept) :]:
        mirror(entry, session if entry is entries[-1] else replace(session, state=SessionState.RUNNING))
    flow_span, *steps = spans_of(told_run(session, entries))
    assert [span.name for span in spans] == [*(span.name for span in steps), flow_span.name]
    mirrored = spans[-1]
    assert (mirrored.start_ns, mirrored.end_ns, mirrored.links) == (
        flow_span.start_ns,
        flow_span.end_ns,
        flow_span.links,
    )


class DyingStore:
    """Lets the process die that forks: what is asked for after the creation is refused."""

    def __init__(self, store: MemorySessionStore) -> None:
        self._store = store

    def append(self, write: Any) -> Any:
        return self._store.append(replace(write, session=replace(write.session, epoch=99)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def half_forked(shop: Shop) -> None:
    await shop.bought()
    async with SessionManager(DyingStore(shop.store), clock=shop.world.clock) as manager:
        with pytest.raises(SessionError):
            await manager.fork("s-1", "pay#1", new_id="s-2")


async def test_a_session_that_was_being_forked_is_not_begun_without_what_it_was_to_begin_with(shop):
    await half_forked(shop)
    with pytest.raises(SessionError, match="was being forked"):
        await shop.resumed("s-2", shop.buying())
    async with shop.worker() as manager:
        with pytest.raises(SessionError, match="was being forked"):
            await manager.run(shop.buying(), session_id="s-2")
        assert await manager.recover_all() == {}
    assert await stalled(shop.store) == []
    assert shop.names == []


async def test_a_session_that_was_being_forked_is_forked_again(shop):
    await half_forked(shop)
    assert await shop.resumed(await shop.forked("pay#1"), shop.buying()) == [3, "paid 3", "ship"]
    assert shop.names == ["pay", "ship"]


async def test_a_session_that_was_being_forked_from_elsewhere_is_not_taken(shop):
    await half_forked(shop)
    with pytest.raises(SessionExists):
        await shop.forked("ship#1")


async def test_a_session_that_was_being_forked_can_be_cancelled(shop):
    await half_forked(shop)
    async with shop.worker() as manager:
        assert await manager.cancel("s-2")


async def test_of_two_who_fork_at_once_one_does_it(shop):
    await shop.bought()
    async with shop.worker() as one, shop.worker() as other:
        forks = (manager.fork("s-1", "pay#1", new_id="s-2") for manager in (one, other))
        done = await asyncio.gather(*forks, return_exceptions=True)
    assert {type(result) for result in done if isinstance(result, Exception)} <= {LeaseHeld}
    assert is_unbroken(shop.store.load("s-2").result(), journal(shop.store, "s-2"))
