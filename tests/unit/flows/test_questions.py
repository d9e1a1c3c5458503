"""Questions to people: put once, answered whenever the answer comes."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import pydantic
import pytest

from reev_flow.errors import (
    AlreadyAnswered,
    InvalidAnswer,
    InvalidStep,
    NoSuchQuestion,
    QuestionExpired,
    SessionCancelled,
    SessionWaiting,
)
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.data import Message
from reev_flow.sessions.journal import EntryKind
from reev_flow.sessions.records import Answer, read_record
from reev_flow.sessions.state import SessionState
from support.crashes import LONGER_THAN_A_LEASE, World
from support.sessions import NS, START_NS
from support.workers import journal, told, until, waiting, worker


@dataclass
class Choice:
    amount: int
    by: dt.date


class Model(pydantic.BaseModel):
    amount: int


@pytest.fixture
def world() -> World:
    return World()


def asking(schema: Any = None, **options: Any) -> Flow[Any, Any]:
    @flow(name="asking")
    async def asking(session: SessionHandle) -> Choice | Model | Any:
        return await session.ask("all right?", schema=schema, **options)

    return asking


async def until_it_waits(world: World, flow_that_asks: Flow[Any, Any]) -> None:
    with pytest.raises(SessionWaiting):
        await world.go_on(flow_that_asks, wait=False)


async def test_a_question_is_answered_while_its_worker_lives(world):
    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(asking(bool), session_id="s-1"))
        await waiting(manager, "s-1")
        await manager.answer("s-1", True, sender="ann")  # noqa: FBT003 - that is the answer
        assert await running is True
    asked, answered = (entry for entry in journal(world.store) if entry.step)
    assert (asked.kind, asked.step, answered.kind) == (EntryKind.ASKED, "ask#1", EntryKind.ANSWERED)
    record = read_record(answered)
    assert isinstance(record, Answer)
    assert (record.value, record.sender) == (b"true", "ann")


async def test_a_question_is_answered_by_another_worker(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        running = asyncio.create_task(manager.run(asking(), session_id="s-1"))
        await waiting(manager, "s-1")
        await other.answer("s-1", {"any": "thing"})
        assert await running == {"any": "thing"}


async def test_a_question_is_answered_while_no_worker_lives(world):
    await until_it_waits(world, asking())
    async with worker(world.store) as nobodys:
        assert [question.text for question in (await nobodys.questions("s-1")).values()] == ["all right?"]
        await nobodys.answer("s-1", "yes")
        assert await nobodys.questions("s-1") == {}
    assert await world.go_on(asking()) == "yes"


async def test_an_answer_is_read_back_by_later_workers(world):
    answers = []

    @flow
    async def asks_and_goes_on(session: SessionHandle) -> None:
        answers.append(await session.ask("when?", schema=Choice))
        await session.ask("sure?")

    for answer in ({"amount": 3, "by": "2026-01-02"}, True):
        await until_it_waits(world, asks_and_goes_on)
        async with worker(world.store) as manager:
            await manager.answer("s-1", answer)
    await world.go_on(asks_and_goes_on)
    assert answers == [Choice(3, dt.date(2026, 1, 2))] * 2


async def test_a_question_is_put_once_however_often_its_worker_changes(world):
    for _ in range(3):
        await until_it_waits(world, asking())
    assert told(world.store) == ["asked ask#1"]


async def test_a_session_that_waits_is_known_to_wait_and_nobody_has_it(world):
    async with worker(world.store) as manager, worker(world.store) as other:
        running = asyncio.create_task(manager.run(asking(), session_id="s-1"))
        await waiting(manager, "s-1")
        lease = await other._keeper.claim("s-1")
        await asyncio.wrap_future(world.store.release(lease))
        running.cancel()
        await asyncio.wait([running])
    assert (await asyncio.wrap_future(world.store.load("s-1"))).state is SessionState.WAITING


async def test_the_first_answer_counts(world):
    await until_it_waits(world, asking())
    async with worker(world.store) as manager:
        await manager.answer("s-1", "first")
        with pytest.raises(AlreadyAnswered):
            await manager.answer("s-1", "second", question="ask#1")
        with pytest.raises(NoSuchQuestion, match="asks nothing"):
            await manager.answer("s-1", "third")
    assert await world.go_on(asking()) == "first"


@pytest.mark.parametrize(
    ("schema", "wrong", "complaint"),
    [
        (bool, "yes", "boolean"),
        (int, True, "integer"),
        (Literal["a", "b"], "c", 'none of "a", "b"'),
        (Choice, {"amount": 3}, 'lacks "by"'),
        (Model, {"amount": "many"}, "integer"),
        ({"type": "string"}, 5, "string"),
    ],
)
async def test_an_answer_of_the_wrong_kind_is_refused_and_the_question_stays_open(world, schema, wrong, complaint):
    await until_it_waits(world, asking(schema))
    async with worker(world.store) as manager:
        with pytest.raises(InvalidAnswer, match=complaint):
            await manager.answer("s-1", wrong)
        assert list(await manager.questions("s-1")) == ["ask#1"]


@pytest.mark.parametrize(
    ("schema", "given", "expected"),
    [
        (Choice, {"amount": 3, "by": "2026-01-02"}, Choice(3, dt.date(2026, 1, 2))),
        (Model, {"amount": 3}, Model(amount=3)),
        (list[Model], [{"amount": 3}], [Model(amount=3)]),
        (tuple[int, str], [1, "a"], (1, "a")),
        ({"type": "string"}, "as it is", "as it is"),
        (None, [1, None], [1, None]),
    ],
)
async def test_an_answer_is_of_the_type_that_was_asked_for(world, schema, given, expected):
    await until_it_waits(world, asking(schema))
    async with worker(world.store) as manager:
        await manager.answer("s-1", given)
    for _ in range(2):
        assert await world.go_on(asking(schema)) == expected


@pytest.mark.parametrize("value", [b'{"amount": 3}', b"garbage", b"\x01{}"])
async def test_an_answer_that_only_the_program_can_refuse_is_asked_for_again(world, value):
    await until_it_waits(world, asking(Choice))
    message = Message(session_id="s-1", subject="ask#1@1", value=value, sent_ns=START_NS)
    world.store.send(message).result()
    await until_it_waits(world, asking(Choice))
    assert told(world.store) == ["asked ask#1", "failed ask#1", "asked ask#1"]
    async with worker(world.store) as manager:
        await manager.answer("s-1", {"amount": 3, "by": "2026-01-02"})
    assert await world.go_on(asking(Choice)) == Choice(3, dt.date(2026, 1, 2))


@pytest.mark.parametrize("schema", [lambda: None, object(), Exception])
async def test_what_no_schema_can_be_made_of_is_refused_at_once(schema):
    async with worker() as manager:
        with pytest.raises(InvalidStep, match="use a type of JSON values"):
            await manager.run(asking(schema))


async def test_several_open_questions_are_answered_by_name(world):
    @flow
    async def two(session: SessionHandle) -> Any:
        return await asyncio.gather(session.ask("one?", key="one"), session.ask("two?", key="two"))

    async with worker(world.store) as manager:
        running = asyncio.create_task(manager.run(two, session_id="s-1"))
        await waiting(manager, "s-1")
        with pytest.raises(NoSuchQuestion, match=r"several questions are open; name one of ask\[one\], ask\[two\]"):
            await manager.answer("s-1", 0)
        with pytest.raises(NoSuchQuestion, match=r"does not ask 'ask\[three\]'"):
            await manager.answer("s-1", 0, question="ask[three]")
        await manager.answer("s-1", 2, question="ask[two]")
        await manager.answer("s-1", 1)
        assert await running == [1, 2]


async def test_a_session_that_ended_asks_nothing_any_longer(world):
    await until_it_waits(world, asking())
    async with worker(world.store) as manager:
        await manager.cancel("s-1")
        assert await manager.questions("s-1") == {}
        with pytest.raises(NoSuchQuestion):
            await manager.answer("s-1", "yes")


async def test_a_question_without_an_answer_expires_while_its_worker_lives(world):
    async with worker(world.store) as manager:
        with pytest.raises(QuestionExpired, match=r"nobody answered 'all right\?'"):
            await manager.run(asking(deadline=0.01), session_id="s-1")
    with pytest.raises(QuestionExpired):
        await world.go_on(asking(deadline=0.01))
    assert told(world.store) == ["asked ask#1", "failed ask#1"]


async def test_a_question_expires_also_when_nobody_lived_at_its_deadline(world):
    await until_it_waits(world, asking(deadline=60))
    world.clock.seconds += 60
    with pytest.raises(QuestionExpired):
        await world.go_on(asking(deadline=60))


async def test_a_late_answer_is_used_if_nobody_worked_on_the_session_at_the_deadline(world):
    await until_it_waits(world, asking(deadline=60))
    world.clock.seconds += 3_600
    async with worker(world.store, clock=world.clock) as manager:
        await manager.answer("s-1", "late")
    assert await world.go_on(asking(deadline=60)) == "late"


async def test_a_deadline_counts_from_when_the_question_was_first_put(world):
    await until_it_waits(world, asking(deadline=dt.timedelta(seconds=LONGER_THAN_A_LEASE * 1.5)))
    await until_it_waits(world, asking(deadline=dt.timedelta(seconds=LONGER_THAN_A_LEASE * 1.5)))
    with pytest.raises(QuestionExpired):
        await world.go_on(asking(deadline=dt.timedelta(seconds=LONGER_THAN_A_LEASE * 1.5)))


async def test_a_deadline_may_be_a_moment(world):
    moment = dt.datetime.fromtimestamp(START_NS / NS, dt.UTC) + dt.timedelta(seconds=1)
    with pytest.raises(QuestionExpired):
        await world.go_on(asking(deadline=moment))


@pytest.mark.parametrize(
    "deadline",
    [dt.datetime(2026, 1, 2), float("inf"), float("nan"), 1e300, dt.timedelta.max],  # noqa: DTZ001 - that is the point
)
async def test_a_deadline_that_says_nothing_is_refused(deadline):
    async with worker() as manager:
        with pytest.raises(InvalidStep, match="deadline"):
            await manager.run(asking(deadline=deadline))


async def test_a_flow_may_go_on_without_an_answer(world):
    @flow
    async def hurried(session: SessionHandle) -> Any:
        try:
            return await session.ask("all right?", deadline=0.01)
        except QuestionExpired:
            return await session.step(lambda: "by default", name="decide")

    async with worker(world.store) as manager:
        assert await manager.run(hurried, session_id="s-1") == "by default"


async def test_while_a_step_runs_the_session_does_not_wait(world):
    @flow
    async def busy(session: SessionHandle) -> Any:
        async def answer_it() -> None:
            await until(lambda: told(world.store) == ["started answer_it#1", "asked ask#1"])
            await manager.answer("s-1", "yes")
            await asyncio.sleep(0.02)

        return await asyncio.gather(session.step(answer_it), session.ask("all right?"))

    async with worker(world.store) as manager:
        assert (await manager.run(busy, session_id="s-1"))[1] == "yes"
    states = [read_record(entry).state for entry in journal(world.store) if entry.kind is EntryKind.STATE]  # type: ignore[union-attr]
    assert states == [SessionState.RUNNING, SessionState.COMPLETED]


async def test_a_question_by_hand_is_stopped_with_its_session():
    async with worker() as manager:
        session = await manager.start_flow("by hand", session_id="s-1")
        asked = asyncio.create_task(session.ask("all right?"))
        await waiting(manager, "s-1")
        await manager.cancel("s-1", "enough")
        with pytest.raises(SessionCancelled, match="enough"):
            await asked
        with pytest.raises(SessionCancelled):
            await manager.end_flow(session)


async def test_a_question_inside_a_step_is_refused():
    @flow
    async def confused(session: SessionHandle) -> None:
        async def step() -> None:
            await session.ask("all right?")

        await session.step(step)

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="call steps from the flow"):
            await manager.run(confused)


async def test_a_question_that_is_given_up_does_not_hold_the_session(world):
    @flow
    async def impatient(session: SessionHandle) -> Any:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.ask("all right?"), 0.05)
        return await session.step(lambda: "without", name="decide")

    async with worker(world.store) as manager:
        assert await manager.run(impatient, session_id="s-1") == "without"


async def test_that_nobody_answered_is_told_again_by_later_workers(world):
    expired: list[str] = []

    @flow
    async def patient(session: SessionHandle) -> Any:
        try:
            await session.ask("all right?", deadline=0.01)
        except QuestionExpired as error:
            expired.append(str(error))
        return await session.ask("and now?")

    for _ in range(3):  # the first time it is put, the second time it is past its deadline
        await until_it_waits(world, patient)
    assert len(expired) == 2
    assert len(set(expired)) == 1
