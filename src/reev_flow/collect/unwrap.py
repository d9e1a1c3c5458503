"""Arguments and results of tool calls without what frameworks wrap around them."""

from collections.abc import Set as AbstractSet
from collections.abc import Sized
from typing import NamedTuple

from reev_flow.collect.dialects.dialect import Path
from reev_flow.collect.dialects.wrappers import ONLY, Wrapper
from reev_flow.collect.readers import structure, text
from reev_flow.trace.span import Value

ONLY_ENTRY = frozenset({ONLY})
NOTHING: frozenset[str] = frozenset()
MOST_WRAPPERS = 4  # wrappers may be inside each other


class Unwrapped(NamedTuple):
    content: Value
    call_id: str | None = None


def unwrap(value: Value, wrappers: tuple[Wrapper, ...], of_call: str | None = None) -> Unwrapped:
    """JSON in the innermost content is read too. `of_call` is the id of the call, if the span tells it."""
    content, call_id = structure(value), None
    for _ in range(MOST_WRAPPERS):
        if not isinstance(content, dict | list):
            break
        steps = _first_steps_in(content)
        wrapper = next(
            (one for one in wrappers if one.first_steps <= steps and _is_wrapped(content, one, of_call)), None
        )
        if wrapper is None:
            break
        call_id = call_id or (text(_at(content, wrapper.call_id)) if wrapper.call_id else None)
        content = structure(_at(content, wrapper.content))
    return Unwrapped(content, call_id)


def _is_wrapped(value: Value, wrapper: Wrapper, of_call: str | None) -> bool:
    if any(_at(value, path) for path in wrapper.empty):
        return False
    if any(_at(value, path) is None for path in (*wrapper.marks, wrapper.content)):
        return False
    if wrapper.is_alone and len(_parts(_at(value, wrapper.content[:-1]))) > 1:
        return False
    return not wrapper.is_of_call or (of_call is not None and _at(value, wrapper.call_id or ()) == of_call)


def _first_steps_in(value: Value) -> AbstractSet[str]:
    if isinstance(value, dict):
        return value.keys()
    return ONLY_ENTRY if isinstance(value, list) and len(value) == 1 else NOTHING


def _at(value: Value, path: Path) -> Value:
    for step in path:
        if step == ONLY:
            value = value[0] if isinstance(value, list) and len(value) == 1 else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _parts(value: Value) -> Sized:
    return value if isinstance(value, dict | list) else ()
