"""Which version of a piece of code a session runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import pytest

from reev_flow.errors import InvalidStep, SessionWaiting, StepChanged
from reev_flow.flows.blocking import BlockingSession
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.identity import is_version, version_identity, version_name
from reev_flow.sessions.journal import EntryKind
from support.crashes import World
from support.workers import journal, told

Body: TypeAlias = Callable[[SessionHandle], Awaitable[Any]]


@pytest.fixture
def world() -> World:
    return World()


async def run(world: World, body: Any) -> Any:
    return await world.go_on(flow(name="order")(body), wait=False)


async def run_until_it_asks(world: World, body: Any) -> None:
    with pytest.raises(SessionWaiting):
        await run(world, body)


async def say(words: str) -> str:
    return words


def asking_version(newest: int = 2, oldest: int = 1, *, seen: list[int] | None = None) -> Body:
    """Says hello, asks for the version, and asks a person."""

    async def body(session: SessionHandle) -> int:
        await session.step(say, "hello")
        version = await session.version("fees", newest, oldest=oldest)
        if seen is not None:
            seen.append(version)
        await session.ask("go on?")
        return version

    return body


async def before_versions(session: SessionHandle) -> None:
    await session.step(say, "hello")
    await session.ask("go on?")


async def test_a_new_session_runs_the_newest_version_and_its_journal_says_so(world):
    seen: list[int] = []
    await run_until_it_asks(world, asking_version(3, seen=seen))
    assert seen == [3]
    assert "finished version:fees" in told(world.store)


async def test_a_session_keeps_its_version_when_there_is_a_newer_one(world):
    seen: list[int] = []
    await run_until_it_asks(world, asking_version(2, seen=seen))
    await run_until_it_asks(world, asking_version(3, seen=seen))
    assert seen == [2, 2]
    assert told(world.store).count("finished version:fees") == 1


async def test_a_session_that_had_been_further_before_the_call_was_there_runs_version_1_for_good(world):
    seen: list[int] = []
    await run_until_it_asks(world, before_versions)
    await run_until_it_asks(world, asking_version(2, seen=seen))
    await run_until_it_asks(world, asking_version(2, seen=seen))
    assert seen == [1, 1]


async def test_a_session_that_had_not_come_so_far_runs_the_newest_version(world):
    seen: list[int] = []
    assert await world.cut_off(flow(name="order")(before_versions), after_writes=3)
    await run_until_it_asks(world, asking_version(2, seen=seen))
    assert seen == [2]


async def test_a_name_has_one_version_in_a_whole_session(world):
    async def body(session: SessionHandle) -> list[int]:
        async def part() -> int:
            await session.step(say, "hello")
            return await session.version("fees", 4)

        first = await session.version("fees", 3)
        return [first, *await session.gather(part(), part())]

    assert await run(world, body) == [3, 3, 3]


async def test_other_names_have_versions_of_their_own(world):
    async def body(session: SessionHandle) -> list[int]:
        return [await session.version("fees", 3), await session.version("mail: #2", 2)]

    assert await run(world, body) == [3, 2]
    assert [version_name(entry.step) for entry in journal(world.store) if is_version(entry.step)] == [
        "fees",
        "mail: #2",
    ]


async def test_a_branch_beside_which_another_had_been_further_runs_the_newest_version(world):
    def in_branches(seen: list[int]) -> Body:
        async def first(session: SessionHandle) -> None:
            await asyncio.sleep(0)
            await session.step(say, "first")
            await session.step(say, "last")

        async def second(session: SessionHandle) -> None:
            if seen:
                seen.append(await session.version("fees"))
            await session.ask("go on?")

        async def body(session: SessionHandle) -> None:
            await session.gather(second(session) if seen else before(session), first(session))

        async def before(session: SessionHandle) -> None:
            await asyncio.Event().wait()

        return body

    assert await world.cut_off(flow(name="order")(in_branches([])), after_writes=3)
    seen = [0]
    await run_until_it_asks(world, in_branches(seen))
    assert seen == [0, 2]


async def test_the_last_place_in_a_branch_is_before_what_follows_the_branch(world):
    def with_branch(seen: list[int] | None) -> Body:
        async def body(session: SessionHandle) -> None:
            with session.branch("inner"):
                await session.step(say, "inside")
                if seen is not None:
                    seen.append(await session.version("fees"))
            await session.step(say, "outside")
            await session.ask("go on?")

        return body

    seen: list[int] = []
    await run_until_it_asks(world, with_branch(None))
    await run_until_it_asks(world, with_branch(seen))
    assert seen == [1]


async def test_a_session_whose_version_is_no_longer_there_is_refused(world):
    await run_until_it_asks(world, before_versions)
    await run_until_it_asks(world, asking_version(2))
    with pytest.raises(StepChanged, match=r"runs version 1, and the code that runs now knows 2 to 3"):
        await run(world, asking_version(3, oldest=2))


async def test_a_session_that_is_too_old_for_the_first_call_is_refused_and_keeps_no_version(world):
    await run_until_it_asks(world, before_versions)
    with pytest.raises(StepChanged, match=r"runs version 1, and the code that runs now knows 2\)"):
        await run(world, asking_version(2, oldest=2))
    assert "finished version:fees" not in told(world.store)


async def test_a_session_of_a_later_release_is_refused_by_an_earlier_one(world):
    await run_until_it_asks(world, asking_version(3))
    with pytest.raises(StepChanged, match="runs version 3, and the code that runs now knows 1 to 2"):
        await run(world, asking_version(2))


async def test_who_is_refused_is_not_told_to_fork_from_a_version(world):
    await run_until_it_asks(world, asking_version(3))
    with pytest.raises(StepChanged, match=r"by a release that knows that version$"):
        await run(world, asking_version(2))


@pytest.mark.parametrize("name", [3, None, b"fees"])
async def test_a_name_is_text(world, name):
    async def body(session: SessionHandle) -> int:
        return await session.version(name)

    with pytest.raises(InvalidStep, match="use a text as the name"):
        await run(world, body)


async def test_a_call_that_is_no_longer_there_is_not_missed(world):
    await run_until_it_asks(world, asking_version(2))
    await run_until_it_asks(world, before_versions)


async def test_a_version_is_no_step(world):
    async def stopped(session: SessionHandle) -> None:
        await session.step(say, "hello")
        await session.version("fees")
        await session.ask("", name="ask", key=object())  # type: ignore[arg-type]

    with pytest.raises(InvalidStep, match="a key of type object"):
        await run(world, stopped)
    chosen = next(entry for entry in journal(world.store) if is_version(entry.step))
    assert (chosen.kind, chosen.attempt) == (EntryKind.FINISHED, 0)
    interruption = world.store.load("s-1").result().interruption
    assert interruption is not None
    assert interruption.step_index == 1


def test_no_step_has_the_name_of_a_version():
    assert version_identity("fees") == "version:fees"
    assert not is_version("version#1")
    assert not is_version("version[fees]")


@pytest.mark.parametrize(("newest", "oldest"), [(0, 1), (1, 2), (2, 0)])
async def test_versions_count_from_1(world, newest, oldest):
    with pytest.raises(InvalidStep, match="count versions from 1"):
        await run(world, asking_version(newest, oldest))


async def test_a_version_is_asked_for_by_the_flow_and_not_by_a_step(world):
    async def body(session: SessionHandle) -> None:
        async def inside() -> None:
            await session.version("fees")

        await session.step(inside)

    with pytest.raises(InvalidStep, match="call steps from the flow"):
        await run(world, body)


async def test_a_flow_that_is_not_async_has_versions_too(world):
    def body(session: BlockingSession) -> int:
        return session.version("fees", 5)

    assert await run(world, body) == 5
