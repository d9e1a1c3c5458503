"""What the steps of real sessions are known to have waited for."""

import asyncio
from typing import Any

from reev_flow.collect.journal_spans import spans_of
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.retry import Retry
from reev_flow.sessions.told import told
from reev_flow.trace.span import Span
from support.journals import asked_and_answered, killed_and_resumed
from support.workers import journal, worker

Edges = dict[str, set[str] | None]


def edges(spans: tuple[Span, ...]) -> Edges:
    """What each waited for, by names; what the end of the flow waited for is under `end`."""
    names = {span.span_id: span.label for span in spans}

    def named(span: Span, attribute: str) -> set[str] | None:
        ids: Any = span.attributes.get(attribute)
        return None if ids is None else {names[span_id] for span_id in ids}

    flow_span, *others = spans
    return {span.label: named(span, "reev.after") for span in others} | {"end": named(flow_span, "reev.joined")}


async def edges_of(work: Any) -> Edges:
    async with worker() as manager:
        await manager.run(flow(work), session_id="s-1")
        session = await asyncio.wrap_future(manager.store.load("s-1"))
        return edges(spans_of(told(session, journal(manager.store))))


def step(session: SessionHandle, name: str, ticks: int = 1, **options: Any) -> Any:
    async def work() -> None:
        for _ in range(ticks):
            await asyncio.sleep(0.001)

    return session.step(work, name=name, **options)


async def test_steps_one_after_the_other():
    async def run(session: SessionHandle) -> None:
        for name in ("a", "b", "c"):
            await step(session, name)

    assert await edges_of(run) == {"a": set(), "b": {"a"}, "c": {"b"}, "end": {"c"}}


async def test_a_gather_of_branches():
    async def run(session: SessionHandle) -> None:
        async def branch(first: str, second: str, ticks: int) -> None:
            await step(session, first, ticks)
            await step(session, second)

        await step(session, "a")
        await session.gather(branch("b", "c", 1), branch("d", "e", 9))
        await step(session, "f")

    assert await edges_of(run) == {
        "a": set(),
        "b": {"a"},
        "c": {"b"},
        "d": {"a"},
        "e": {"d"},
        "f": {"c", "e"},
        "end": {"f"},
    }


async def test_a_task_group_beside_the_steps_of_its_body():
    async def run(session: SessionHandle) -> None:
        async def member() -> None:
            await step(session, "b", 20)

        async with session.task_group() as group:
            group.create_task(member())
            await asyncio.sleep(0.002)
            await step(session, "x", 1)
        await step(session, "y")

    assert await edges_of(run) == {"b": set(), "x": set(), "y": {"b", "x"}, "end": {"y"}}


async def test_steps_that_were_called_together_overlap():
    async def run(session: SessionHandle) -> None:
        await step(session, "a")
        await asyncio.gather(step(session, "b", 5), step(session, "c", 5))
        await step(session, "d")

    assert await edges_of(run) == {"a": set(), "b": {"a"}, "c": {"a"}, "d": {"b", "c"}, "end": {"d"}}


async def test_a_step_with_a_key_beside_others_may_have_been_called_by_anybody():
    async def run(session: SessionHandle) -> None:
        task = asyncio.ensure_future(step(session, "k", 2, key="1"))
        await asyncio.sleep(0)
        await step(session, "b", 9)
        await step(session, "c")
        await task

    known = await edges_of(run)
    assert (known["b"], known["c"]) == (None, None)


async def test_attempts_at_a_step_follow_each_other():
    tries: list[int] = []

    async def flaky() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ValueError

    async def run(session: SessionHandle) -> None:
        await session.step(flaky, retry=Retry(attempts=3, wait_seconds=0.001))

    async with worker() as manager:
        await manager.run(flow(run), session_id="s-1")
        session = await asyncio.wrap_future(manager.store.load("s-1"))
        _, first, second, third = spans_of(told(session, journal(manager.store)))
    assert [span.attributes["reev.after"] for span in (first, second, third)] == [[], [first.span_id], [second.span_id]]


async def test_groups_in_groups():
    async def run(session: SessionHandle) -> None:
        async def inner(name: str) -> None:
            await step(session, name)

        async def outer() -> None:
            await session.gather(inner("a"), inner("b"))
            await step(session, "c")

        await session.gather(outer(), inner("d"))
        await step(session, "e")

    assert await edges_of(run) == {
        "a": set(),
        "b": set(),
        "c": {"a", "b"},
        "d": set(),
        "e": {"c", "d"},
        "end": {"e"},
    }


def test_what_begins_after_a_crash_waited_for_the_next_worker():
    _, *others = spans_of(killed_and_resumed().record())
    names: dict[Any, str] = {span.span_id: span.label for span in others}
    after: list[Any] = [span.attributes["reev.after"] for span in others]
    told_by = [(span.label, [names[one] for one in ids]) for span, ids in zip(others, after, strict=True)]
    assert told_by == [
        ("get_quote", []),
        ("submit_swap", ["get_quote"]),
        ("submit_swap", ["down"]),
        ("deposit", ["submit_swap"]),
        ("down", ["submit_swap"]),
    ]


def test_what_follows_a_question_waited_for_its_answer():
    assert edges(spans_of(asked_and_answered().record())) == {
        "find_offer": set(),
        "ask": {"find_offer"},
        "buy": {"ask"},
        "end": {"buy"},
    }
