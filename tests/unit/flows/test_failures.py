"""An error of a step is raised again after a restart as it was raised the first time."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.errors import StepFailed, StepTimeout
from reev_flow.flows.code import flow
from reev_flow.flows.failures import LONGEST_MESSAGE, as_raised, failure_of, raised_again
from reev_flow.flows.handle import SessionHandle
from support.crashes import World


class Declined(Exception):
    """With arguments of its own."""


class Priced(Exception):
    """Makes its message of what it is given."""

    def __init__(self, amount: int, currency: str) -> None:
        super().__init__(f"{amount} {currency}")
        self.amount = amount


class Tagged(Exception):
    """Is given a fact after it was made."""

    code = 0


class Mute(Exception):
    def __str__(self) -> str:
        raise ValueError("it does not say")


class Stubborn(Exception):
    def __init__(self) -> None:
        super().__init__("made of nothing")


class Incomparable:
    def __eq__(self, other: object) -> bool:
        raise TypeError("no comparing")

    __hash__ = object.__hash__


class Owner(Exception):
    """Has something that cannot be compared."""

    def __init__(self) -> None:
        super().__init__()
        self.thing = Incomparable()


class Outer:
    class Inner(Exception):
        """Inside another class."""


def tagged(code: int) -> Tagged:
    error = Tagged("x")
    error.code = code
    return error


def fact_that_cannot_be_compared() -> Exception:
    error = Tagged("x")
    error.code = Incomparable()  # type: ignore[assignment]
    return error


def json_error() -> Exception:
    try:
        json.loads("{")
    except ValueError as error:
        return error
    raise AssertionError


def missing_file() -> Exception:
    try:
        open("/nowhere/at all")  # noqa: SIM115, PTH123 - it cannot be opened
    except OSError as error:
        return error
    raise AssertionError


def first_and_later(error: Exception) -> tuple[Exception, Exception]:
    """What the first run raises, and what a later one does."""
    failure = failure_of(error)
    return as_raised(error, failure, "s-1", "pay#1"), raised_again(failure, "s-1", "pay#1")


KEPT = [
    ValueError("no"),
    ValueError(),
    KeyError("key"),
    Declined("card", 3, {"limit": (1, 2)}),
    Outer.Inner("deep"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    json_error(),
    missing_file(),
    ConnectionRefusedError(111, "Connection refused"),
    OSError("just a text"),
    StepTimeout("s-1", "pay#1", 0.5),
    ValueError("half a character \udcff"),
]


@pytest.mark.parametrize("error", KEPT, ids=repr)
def test_an_error_that_can_be_made_again_is_raised_as_itself(error):
    first, later = first_and_later(error)
    assert first is error
    assert (type(later), later.args, str(later), vars(later)) == (type(error), error.args, str(error), vars(error))


def test_the_name_of_the_file_is_kept():
    _, later = first_and_later(missing_file())
    assert isinstance(later, FileNotFoundError)
    assert (later.filename, later.errno) == ("/nowhere/at all", 2)


def local_error() -> Exception:
    class Local(Exception):
        pass

    return Local("nobody finds me")


NOT_KEPT = [
    Owner(),
    Stubborn(),
    Priced(3, "EUR"),
    tagged(7),
    fact_that_cannot_be_compared(),
    local_error(),
    Declined(object()),
    ExceptionGroup("both", [ValueError("a"), ExceptionGroup("inner", [KeyError("b")])]),
]


@pytest.mark.parametrize("error", NOT_KEPT, ids=lambda error: type(error).__name__)
def test_an_error_that_cannot_be_made_again_is_told_by_one_that_can(error):
    first, later = first_and_later(error)
    assert isinstance(first, StepFailed)
    assert isinstance(later, StepFailed)
    assert (first.args, first.__cause__) == (later.args, error)
    assert (first.session_id, first.step, first.message) == ("s-1", "pay#1", str(error))
    assert first.kind.endswith(f":{type(error).__qualname__}")


def test_an_error_that_cannot_say_what_it_is_is_kept_all_the_same():
    first, later = first_and_later(Mute())
    assert type(first) is type(later) is Mute
    assert failure_of(first).message == "(it cannot say what)"


def test_a_name_of_a_file_that_is_not_utf_8_is_shown_escaped():
    first, later = first_and_later(FileNotFoundError(2, "No such file", object(), None, "\udcff"))
    assert str(first) == str(later)
    assert "\\udcff" in str(first)


def test_a_long_message_is_cut():
    failure = failure_of(local_error().__class__("x" * 1_000_000))
    assert len(failure.message) == LONGEST_MESSAGE


def test_a_class_that_is_not_loaded_is_not_imported():
    failure = failure_of(ValueError("no"))
    other = type(failure)(kind="this:Zen", message="no", arguments=failure.arguments)
    with pytest.raises(StepFailed):
        raise raised_again(other, "s-1", "pay#1")


@pytest.mark.parametrize("kind", ["builtins:print", "builtins:int", "builtins:SystemExit", "builtins:", "nowhere"])
def test_what_is_no_error_is_never_called(kind):
    failure = failure_of(ValueError("no"))
    other = type(failure)(kind=kind, message="no", arguments=failure.arguments)
    assert isinstance(raised_again(other, "s-1", "pay#1"), StepFailed)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([ValueError, Declined, KeyError, Outer.Inner, RuntimeError]), st.lists(VALUES, max_size=3))
def test_first_and_later_run_raise_the_same(kind, args):
    first, later = first_and_later(kind(*args))
    assert (type(first), first.args, str(first)) == (type(later), later.args, str(later))


@pytest.mark.parametrize("error", [*KEPT, *NOT_KEPT], ids=lambda error: type(error).__name__)
async def test_a_flow_sees_the_same_error_in_its_first_run_and_in_a_resumed_one(error):
    world, seen = World(), []

    @flow
    async def handled(session: SessionHandle) -> None:
        async def pay() -> None:
            raise error

        try:
            await session.step(pay)
        except Exception as caught:  # noqa: BLE001 - whatever it is
            seen.append((type(caught), caught.args, str(caught)))
        await session.step(print, "")

    assert await world.cut_off(handled, after_writes=3)
    await world.go_on(handled)
    assert seen[0] == seen[1]


async def test_the_error_of_a_flow_is_raised_each_time_it_is_asked_for():
    world = World()

    @flow
    async def failing(session: SessionHandle) -> None:
        raise Declined("card", 3)

    for _ in range(2):
        with pytest.raises(Declined) as caught:
            await world.go_on(failing)
        assert caught.value.args == ("card", 3)


async def test_a_flow_whose_error_says_nothing_readable_ends_all_the_same():
    world = World()

    @flow
    async def failing(session: SessionHandle) -> None:
        raise Mute

    for _ in range(2):
        with pytest.raises(Mute):
            await world.go_on(failing)
