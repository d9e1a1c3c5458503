"""What is declared about steps that a crash may catch in the middle."""

from types import SimpleNamespace
from typing import Any

import pytest

from reev_flow.errors import InvalidStep
from reev_flow.flows.code import flow
from reev_flow.flows.effects import Declared, declared, hinted
from reev_flow.flows.handle import SessionHandle
from reev_flow.sessions.journal import Effect, EntryKind
from support.workers import journal, worker


def probe() -> None:
    """Finds out."""


@pytest.mark.parametrize(
    ("said", "effect"),
    [("ask", Effect.ASK), ("rerun", Effect.RERUN), ("fail", Effect.FAIL), (Effect.RERUN, Effect.RERUN)],
)
def test_a_word_declares_an_effect(said, effect):
    assert declared("pay", said) == Declared(effect)


def test_a_function_is_a_probe():
    assert declared("pay", probe) == Declared(Effect.PROBE, probe)


@pytest.mark.parametrize("said", ["again", "probe", Effect.PROBE, "", 5, None, ["rerun"]])
def test_anything_else_is_refused_with_what_there_is(said):
    with pytest.raises(InvalidStep, match='use "ask", "rerun", "fail" or a function'):
        declared("pay", said)


@pytest.mark.parametrize(
    ("annotations", "hint"),
    [
        ({"readOnlyHint": True}, "rerun"),
        ({"idempotentHint": True}, "rerun"),
        (SimpleNamespace(readOnlyHint=True), "rerun"),
        ({"readOnlyHint": False, "idempotentHint": None}, None),
        ({"readOnlyHint": "yes"}, None),
        ({}, None),
        (None, None),
        ("readOnlyHint", None),
    ],
)
def test_a_tool_says_of_itself_whether_it_may_be_run_again(annotations, hint):
    def tool() -> None:
        """A tool of MCP."""

    tool.annotations = annotations  # type: ignore[attr-defined]
    assert hinted(tool) == hint


def test_a_function_that_says_nothing_is_not_hinted_at():
    assert hinted(probe) is None


def reads() -> None:
    """A tool that only reads."""


reads.annotations = {"readOnlyHint": True}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("of_the_flow", "of_the_step", "function", "effect"),
    [
        ("ask", None, probe, Effect.ASK),
        ("fail", None, probe, Effect.FAIL),
        ("fail", "rerun", probe, Effect.RERUN),
        ("fail", None, reads, Effect.RERUN),
        ("fail", "ask", reads, Effect.ASK),
        ("ask", probe, probe, Effect.PROBE),
    ],
)
async def test_the_step_counts_before_the_tool_and_the_tool_before_the_flow(of_the_flow, of_the_step, function, effect):
    @flow(on_interrupt=of_the_flow)
    async def one_step(session: SessionHandle) -> Any:
        await session.step(function, on_interrupt=of_the_step)

    async with worker() as manager:
        await manager.run(one_step, session_id="s-1")
        effects = [entry.effect for entry in journal(manager.store) if entry.kind is EntryKind.STARTED]
    assert effects == [effect]


async def test_a_wrong_declaration_runs_nothing():
    @flow
    async def one_step(session: SessionHandle) -> Any:
        await session.step(probe, on_interrupt="again")  # type: ignore[arg-type]

    async with worker() as manager:
        with pytest.raises(InvalidStep, match="'again'"):
            await manager.run(one_step)
