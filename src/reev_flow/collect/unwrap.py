"""Arguments and results of tool calls without what frameworks wrap around them."""

from typing import NamedTuple

from reev_flow.collect.dialects.dialect import Path
from reev_flow.collect.dialects.wrappers import Wrapper
from reev_flow.collect.readers import structure, text
from reev_flow.trace.span import Value

MOST_WRAPPERS = 4  # wrappers may be inside each other


class Unwrapped(NamedTuple):
    content: Value
    call_id: str | None = None


def unwrap(value: Value, wrappers: tuple[Wrapper, ...]) -> Unwrapped:
    """JSON in the innermost content is read too."""
    content, call_id = structure(value), None
    for _ in range(MOST_WRAPPERS):
        wrapper = next((wrapper for wrapper in wrappers if _is_wrapped(content, wrapper)), None)
        if wrapper is None:
            break
        call_id = call_id or (text(_at(content, wrapper.call_id)) if wrapper.call_id else None)
        content = structure(_at(content, wrapper.content))
    return Unwrapped(content, call_id)


def _is_wrapped(value: Value, wrapper: Wrapper) -> bool:
    if not isinstance(value, dict) or any(_at(value, path) for path in wrapper.empty):
        return False
    return all(_at(value, path) is not None for path in (*wrapper.marks, wrapper.content))


def _at(value: Value, path: Path) -> Value:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
