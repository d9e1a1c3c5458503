"""A first run and a resumed one get equal values of equal type."""

import datetime as dt
import enum
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
from hypothesis import given, settings
from hypothesis import strategies as st

from reev_flow.errors import SessionWaiting
from reev_flow.flows.code import Flow, flow
from reev_flow.flows.handle import SessionHandle
from support.alike import alike
from support.crashes import World
from support.event_loops import run_alone


class Color(enum.Enum):
    RED = "red"
    BLUE = 2


@dataclass
class Box:
    content: Any


class Model(pydantic.BaseModel):
    number: int
    at: dt.date | None = None


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary(max_size=20)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(dt.UTC))
    | st.timedeltas()
    | st.decimals(allow_nan=False)
    | st.uuids()
    | st.sampled_from(Color)
    | st.builds(Model, number=st.integers(-(2**31), 2**31), at=st.none() | st.dates())
)
KEYS = st.text(max_size=3) | st.integers() | st.booleans() | st.none() | st.tuples(st.integers(), st.text(max_size=2))
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=3)
        | st.frozensets(st.integers() | st.text(max_size=3), max_size=3)
        | st.builds(Box, inner)
    ),
    max_leaves=8,
)


def giving(value: Any, seen: list[Any]) -> Flow[Any, Any]:
    @flow(name="giving")
    async def giving(session: SessionHandle) -> Box | Model | Color | Decimal | UUID | Any:
        async def coroutine() -> Box | Model | Color | Any:
            return value

        def function() -> Box | Model | Color | Any:
            return value

        seen.append([await session.step(coroutine), await session.step(function)])
        await session.ask("go on?")
        return seen[-1]

    return giving


async def is_the_same(value: Any) -> None:
    world, seen = World(), list[Any]()
    for _ in range(2):
        try:
            await world.go_on(giving(value, seen), wait=False)
        except SessionWaiting:
            continue
    assert len(seen) == 2
    for one in (*seen[0], *seen[1]):
        assert alike(one, value)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_what_a_step_gives_is_read_back_equal_and_of_the_same_type(value):
    run_alone(is_the_same(value))


@settings(max_examples=50, deadline=None)
@given(st.lists(VALUES, max_size=3), st.dictionaries(st.text("abc", min_size=1, max_size=3), VALUES, max_size=2))
def test_the_arguments_of_a_step_are_known_again(args, kwargs):
    run_alone(arguments_are_known_again(args, kwargs))


async def arguments_are_known_again(args: list[Any], kwargs: dict[str, Any]) -> None:
    world, calls = World(), list[Any]()

    @flow
    async def calling(session: SessionHandle) -> None:
        await session.step(lambda *_, **__: calls.append(1), *args, name="call", **kwargs)
        await session.ask("go on?")

    for _ in range(2):
        try:
            await world.go_on(calling, wait=False)
        except SessionWaiting:
            continue
    assert calls == [1]
