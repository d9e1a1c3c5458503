"""What becomes of a step that a crash caught in the middle."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pydantic
import pytest

from reev_flow.errors import InvalidAnswer, SessionWaiting
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.effects import Happened, NotHappened
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.data import Message
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Question, Verdict, read_record
from reev_flow.sessions.state import SessionState
from reev_flow.values.refusal import UnstorableValue
from support.crashes import World
from support.failing_stores import HoldingStore
from support.sessions import START_NS
from support.workers import journal, told, until, waiting, worker

IN_THE_MIDDLE = 2  # writes: that it runs, and that the step began


@dataclass
class Receipt:
    number: int


class Model(pydantic.BaseModel):
    number: int


class Shop:
    """Counts what it sells."""

    def __init__(self) -> None:
        self.sold = 0
        self.probed: list[Any] = []

    def buy(self, name: str) -> Receipt:
        self.sold += 1
        return Receipt(self.sold)

    def buy_model(self, name: str) -> Model:
        self.sold += 1
        return Model(number=self.sold)

    def buy_plain(self, name: str):
        self.sold += 1
        return self.sold


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def shop() -> Shop:
    return Shop()


def purchase(function: Any, **options: Any) -> Flow[Any, Any]:
    @flow(name="purchase")
    async def purchase(session: SessionHandle) -> Receipt | Model | Any:
        return await session.step(function, "apple", **options)

    return purchase


async def settled(world: World, bought: Flow[Any, Any], answer: Any, **options: Any) -> Any:
    """What the flow gives after a crash in the middle and this answer."""
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting):
        await world.go_on(bought, wait=False)
    async with worker(world.store) as manager:
        await manager.answer("s-1", answer, sender="ann")
    return await world.go_on(bought, **options)


async def test_a_person_is_asked_and_the_session_waits(world, shop):
    await world.cut_off(purchase(shop.buy), after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting, match=r"buy#1: step buy was interrupted: did it happen\?"):
        await world.go_on(purchase(shop.buy), wait=False)
    assert world.store.load("s-1").result().state is SessionState.WAITING
    assert told(world.store) == ["started buy#1", "interrupted buy#1", "asked buy#1"]
    assert shop.sold == 1


async def test_it_happened_and_this_is_its_result(world, shop):
    assert await settled(world, purchase(shop.buy), {"happened": True, "result": {"number": 7}}) == Receipt(7)
    assert shop.sold == 1
    assert told(world.store)[3:] == ["answered buy#1", "settled buy#1"]


async def test_it_did_not_happen_and_is_run(world, shop):
    assert await settled(world, purchase(shop.buy), False) == Receipt(2)  # noqa: FBT003 - that is the answer
    assert told(world.store)[4:] == ["settled buy#1", "started buy#1", "finished buy#1"]


@pytest.mark.parametrize("answer", [{"happened": False}, {"happened": False, "result": {"number": 7}}])
async def test_it_did_not_happen_whatever_else_is_said(world, shop, answer):
    assert await settled(world, purchase(shop.buy), answer) == Receipt(2)


async def test_of_a_step_that_says_nothing_of_its_result_it_is_enough_that_it_happened(world, shop):
    assert await settled(world, purchase(shop.buy_plain), True) is None  # noqa: FBT003 - that is the answer
    assert shop.sold == 1


async def test_a_result_without_a_type_is_taken_as_it_is(world, shop):
    assert await settled(world, purchase(shop.buy_plain), {"happened": True, "result": [1, "a"]}) == [1, "a"]


async def test_a_model_of_pydantic_is_built_from_what_a_person_says(world, shop):
    answer = {"happened": True, "result": {"number": 7}}
    assert await settled(world, purchase(shop.buy_model), answer) == Model(number=7)


async def test_the_verdict_is_kept_with_who_gave_it(world, shop):
    await settled(world, purchase(shop.buy), {"happened": True, "result": {"number": 7}})
    (verdict,) = (read_record(entry) for entry in journal(world.store) if entry.kind is EntryKind.SETTLED)
    assert isinstance(verdict, Verdict)
    assert (verdict.happened, verdict.by) == (True, "person")


async def test_a_settled_step_is_read_back_by_later_workers(world, shop):
    @flow(name="purchase")
    async def longer(session: SessionHandle) -> Receipt:
        receipt: Receipt = await session.step(shop.buy, "apple")
        await session.ask("go on?")
        return receipt

    with pytest.raises(SessionWaiting, match="go on"):
        await settled(world, longer, {"happened": True, "result": {"number": 7}}, wait=False)
    async with worker(world.store) as manager:
        await manager.answer("s-1", "yes")
    assert await world.go_on(longer) == Receipt(7)
    assert shop.sold == 1


@pytest.mark.parametrize(
    "answer", ["yes", 1, None, {"happened": "yes"}, {"result": 3}, {"happened": True, "price": 3}, [True]]
)
async def test_an_answer_that_is_no_verdict_is_refused(world, shop, answer):
    await world.cut_off(purchase(shop.buy), after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting):
        await world.go_on(purchase(shop.buy), wait=False)
    async with worker(world.store) as manager:
        with pytest.raises(InvalidAnswer, match="the question stays open"):
            await manager.answer("s-1", answer)


@pytest.mark.parametrize(
    "value",
    [b"true", b'{"happened":true}', b'{"happened":true,"result":{"number":"many"}}', b'"yes"', b"[]", b"garbage"],
)
@pytest.mark.parametrize("buy", ["buy", "buy_model"])
async def test_a_verdict_that_only_the_program_can_refuse_is_asked_for_again(world, shop, value, buy):
    bought = purchase(getattr(shop, buy))
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting):
        await world.go_on(bought, wait=False)
    subject = f"{buy}#1@1"
    world.store.send(Message(session_id="s-1", subject=subject, value=value, sent_ns=START_NS)).result()
    with pytest.raises(SessionWaiting):
        await world.go_on(bought, wait=False)
    async with worker(world.store) as manager:
        await manager.answer("s-1", {"happened": True, "result": {"number": 7}})
    assert (await world.go_on(bought)).number == 7
    assert shop.sold == 1


async def test_a_step_that_was_interrupted_twice_is_asked_about_twice(world, shop):
    bought = purchase(shop.buy)
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting):
        await world.go_on(bought, wait=False)
    async with worker(world.store) as manager:
        await manager.answer("s-1", False)  # noqa: FBT003 - that is the answer
    assert await world.cut_off(bought, after_writes=3), "taken over, settled, begun"
    with pytest.raises(SessionWaiting):
        await world.go_on(bought, wait=False)
    async with worker(world.store) as manager:
        await manager.answer("s-1", {"happened": True, "result": {"number": 2}})
    assert await world.go_on(bought) == Receipt(2)
    asked = [entry.attempt for entry in journal(world.store) if entry.kind is EntryKind.ASKED]
    started = [entry.attempt for entry in journal(world.store) if entry.kind is EntryKind.STARTED]
    assert (asked, started, shop.sold) == ([1, 2], [1, 2], 2)


async def test_a_probe_that_finds_that_it_happened_gives_its_result(world, shop):
    def probe(name: str) -> Happened:
        shop.probed.append(name)
        return Happened(Receipt(7))

    bought = purchase(shop.buy, on_interrupt=probe)
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    assert await world.go_on(bought) == Receipt(7)
    assert (shop.sold, shop.probed) == (1, ["apple"])
    (verdict,) = (read_record(entry) for entry in journal(world.store) if entry.kind is EntryKind.SETTLED)
    assert isinstance(verdict, Verdict)
    assert verdict.by == "probe"


async def test_a_probe_that_finds_that_it_did_not_happen_lets_it_run(world, shop):
    async def probe(name: str) -> NotHappened:
        shop.probed.append(name)
        return NotHappened()

    bought = purchase(shop.buy, on_interrupt=probe)
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    assert await world.go_on(bought) == Receipt(2)
    assert shop.probed == ["apple"]


@pytest.mark.parametrize("found", [None, True, "it did"])
async def test_when_the_probe_does_not_know_a_person_is_asked(world, shop, found):
    bought = purchase(shop.buy, on_interrupt=lambda _: found)
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting, match="did it happen"):
        await world.go_on(bought, wait=False)
    async with worker(world.store) as manager:
        await manager.answer("s-1", {"happened": True, "result": {"number": 7}})
    assert await world.go_on(bought) == Receipt(7)


async def test_a_probe_that_fails_leaves_the_step_in_doubt(world, shop):
    def probe(name: str) -> Happened:
        shop.probed.append(name)
        if len(shop.probed) == 1:
            raise ConnectionError("the service is down")
        return Happened(Receipt(7))

    @flow(name="purchase")
    async def patient(session: SessionHandle) -> Any:
        try:
            return (await session.step(shop.buy, "apple", on_interrupt=probe)).number
        except ConnectionError:
            return await session.ask("go on?")

    await world.cut_off(patient, after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting):
        await world.go_on(patient, wait=False)
    assert await world.go_on(patient) == 7
    assert shop.sold == 1


async def test_a_probe_whose_result_cannot_be_kept_settles_nothing(world, shop):
    bought = purchase(shop.buy, on_interrupt=lambda _: Happened(object()))
    await world.cut_off(bought, after_writes=IN_THE_MIDDLE)
    with pytest.raises(UnstorableValue, match="result of buy"):
        await world.go_on(bought)
    assert shop.sold == 1


async def test_a_step_that_was_stopped_while_its_start_was_written_is_run_without_asking(world, shop):
    store = HoldingStore(world.store)

    @flow(name="purchase")
    async def bought(session: SessionHandle) -> Receipt:
        await session.step(store.hold, on_interrupt="rerun")
        receipt: Receipt = await session.step(shop.buy, "apple")
        return receipt

    async with worker(store, clock=world.clock) as manager:
        running = asyncio.create_task(manager.run(bought, session_id="s-1"))
        await until(lambda: "append" in store.asked)
        store.let_go()
        store.hold()
        await until(lambda: "append" in store.asked)
        running.cancel()
        await asyncio.sleep(0.01)
        store.let_go()
        await asyncio.wait([running])
    assert (told(world.store)[2:], shop.sold) == (["started buy#1", "interrupted buy#1"], 0)
    assert await world.go_on(bought) == Receipt(1)


async def test_the_question_says_that_it_is_about_a_doubt(world, shop):
    await world.cut_off(purchase(shop.buy), after_writes=IN_THE_MIDDLE)
    async with worker(world.store, clock=world.clock) as manager:
        world.clock.seconds += 1_000
        running = asyncio.create_task(manager.run(purchase(shop.buy), session_id="s-1"))
        await waiting(manager, "s-1")
        (question,) = (await manager.questions("s-1")).values()
        await manager.answer("s-1", False)  # noqa: FBT003 - that is the answer
        await running
    assert isinstance(question, Question)
    assert question.in_doubt


async def test_a_result_of_a_class_that_no_person_can_write_is_refused(world):
    class Handle:
        """Not made of JSON values."""

    def open_it(_: str) -> Handle:
        return Handle()

    opened = purchase(open_it)
    await world.cut_off(opened, after_writes=IN_THE_MIDDLE)
    with pytest.raises(SessionWaiting):
        await world.go_on(opened, wait=False)
    world.store.send(
        Message(session_id="s-1", subject="open_it#1@1", value=b'{"happened":true,"result":{}}', sent_ns=START_NS)
    ).result()
    with pytest.raises(SessionWaiting):
        await world.go_on(opened, wait=False)
    assert told(world.store)[-2:] == ["failed open_it#1", "asked open_it#1"]
