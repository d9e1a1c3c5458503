"""Who plays a step, what is refused, and what the books say afterwards."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reev_flow.chaos.cast import Cast, Casting, NeedsStub, casting_of
from reev_flow.chaos.trap import Trap
from reev_flow.flows.work import RunningStep, running_step
from reev_flow.sessions.journal import Effect


def pay(euros: int) -> str:
    return f"really paid {euros}"


def pretend(euros: int) -> str:
    return f"would pay {euros}"


async def pretend_later(euros: int) -> str:
    await asyncio.sleep(0)
    return f"would pay {euros} later"


def fail(euros: int) -> str:
    raise ValueError(euros)


@pytest.fixture
def inside_a_step():
    token = running_step.set(RunningStep("s-1", "pay#1", 1))
    yield
    running_step.reset(token)


def pretend_in_a_moment(euros: int) -> Awaitable[str]:
    return pretend_later(euros)


def cast_of(folder: Path, trap: Trap | None = None, **said: Any) -> Cast:
    return Cast(Casting(**said), folder, trap or Trap())


def effects(cast: Cast) -> list[tuple[str, object]]:
    return [(one.what, one.result) for one in cast.ledger.read()]


@pytest.mark.parametrize("effect", Effect)
def test_whatever_is_declared_a_step_is_refused_unless_somebody_stands_in_for_it(tmp_path, effect):
    cast = cast_of(tmp_path, stubs={"ship": pretend})
    with pytest.raises(NeedsStub):
        cast.player(pay, ("pay",), effect)
    assert cast.missing is not None, "also when the flow catches whatever it is"


@pytest.mark.parametrize("effect", Effect)
def test_a_harmless_step_plays_itself_and_leaves_nothing(tmp_path, inside_a_step, effect):
    cast = cast_of(tmp_path, harmless=frozenset({"pay"}))
    assert cast.player(pay, ("other name", "pay"), effect)(7) == "really paid 7"
    assert effects(cast) == []


def test_a_harmless_step_may_have_a_stub_and_leaves_nothing_all_the_same(tmp_path, inside_a_step):
    cast = cast_of(tmp_path, harmless=frozenset({"pay"}), stubs={"pay": pretend})
    assert cast.player(pay, ("pay",), Effect.RERUN)(7) == "would pay 7"
    assert effects(cast) == []


@pytest.mark.parametrize(("effect", "expected"), [(Effect.ASK, ["really paid 7"]), (Effect.RERUN, [])])
def test_real_effects_are_in_the_books_unless_they_may_be_had_again(tmp_path, inside_a_step, effect, expected):
    cast = cast_of(tmp_path, are_real_allowed=True)
    assert cast.player(pay, ("pay",), effect)(7) == "really paid 7"
    assert [result for _, result in effects(cast)] == expected


@pytest.mark.parametrize("effect", [Effect.ASK, Effect.RERUN])
def test_a_stub_stands_in_and_its_call_is_in_the_books(tmp_path, inside_a_step, effect):
    cast = cast_of(tmp_path, stubs={"pay": pretend})
    assert cast.player(pay, ("other name", "pay"), effect)(7) == "would pay 7"
    assert effects(cast) == [("pay#1", "would pay 7")]


async def test_a_stub_may_be_a_coroutine_function_where_the_step_is_none(tmp_path, inside_a_step):
    cast = cast_of(tmp_path, stubs={"pay": pretend_later})
    assert await cast.player(pay, ("pay",), Effect.ASK)(7) == "would pay 7 later"
    assert effects(cast) == [("pay#1", "would pay 7 later")]


async def test_what_a_function_gives_to_be_awaited_is_awaited_before_its_end_is_passed(tmp_path, inside_a_step):
    trap = Trap()
    cast = cast_of(tmp_path, trap, stubs={"pay": pretend_in_a_moment})
    coming = cast.player(pay, ("pay",), Effect.ASK)(7)
    assert [point.edge for point in trap.passed] == ["before-function"]
    assert await coming == "would pay 7 later"
    assert [point.edge for point in trap.passed] == ["before-function", "after-function"]


def test_who_failed_did_nothing(tmp_path, inside_a_step):
    trap = Trap()
    cast = cast_of(tmp_path, trap, stubs={"pay": fail})
    with pytest.raises(ValueError, match="7"):
        cast.player(pay, ("pay",), Effect.ASK)(7)
    assert effects(cast) == []
    assert [point.edge for point in trap.passed] == ["before-function", "after-function"]


def test_the_player_is_taken_for_the_function(tmp_path):
    player = cast_of(tmp_path, stubs={"pay": pretend_later}).player(pay, ("pay",), Effect.ASK)
    assert player.__name__ == "pay"
    assert player.__annotations__ == pay.__annotations__


def test_a_module_that_leads_its_effects_to_a_folder_may_have_them(tmp_path, inside_a_step):
    module = ModuleType("shop")
    module.chaos_ledger = lambda folder: lambda: [("paid", "key", str(folder))]  # type: ignore[attr-defined]  # as a user's would
    cast = Cast(casting_of(module, None), tmp_path, Trap())
    assert cast.player(pay, ("pay",), Effect.ASK)(7) == "really paid 7"
    assert effects(cast) == [("paid", str(tmp_path))]


def test_what_begins_with_an_underscore_is_no_stub():
    module = ModuleType("stubs")
    module.pay, module._hold = pretend, pretend  # type: ignore[attr-defined]  # as above
    stubs = casting_of(None, module).stubs
    assert (stubs.get("pay"), "_hold" in stubs) == (pretend, False)
