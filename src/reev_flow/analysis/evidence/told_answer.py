"""What a model was sent as the answer to a tool call that it had asked for, whether or not the call was traced."""

from collections.abc import Iterator

import msgspec

from reev_flow.analysis.calls.tool_calls import AskedCall
from reev_flow.trace.span import Value

MOST_READ = 20_000  # values of one input
LONGEST_TEXT = 200_000  # characters; a longer text is not looked into
# As messages and their parts are called everywhere: what holds the answer, and what shows that it is a request or a description instead.
ANSWER_KEYS = ("content", "result", "output", "response", "return_value", "text")
NAME_KEYS = ("name", "tool_name", "toolName")
NO_ANSWER_KEYS = frozenset({"arguments", "args", "function", "parameters", "input_schema", "tool_calls", "description"})


def told_answer(sent: Value, asked: AskedCall) -> Value:
    """By the id of the call; where there is none, the last that a tool of that name gave. None where there is no answer, or only an empty one."""
    found: Value = None
    for record in _records(sent):
        if _is_about(record, asked):
            answer = _answer(record)
            found = found if answer is None else answer
    return found


def _is_about(record: dict[str, Value], asked: AskedCall) -> bool:
    if asked.call_id is not None and asked.call_id in (value for value in record.values() if isinstance(value, str)):
        return True
    has_id = asked.call_id is not None and any(key.lower().endswith("id") for key in record)
    return not has_id and any(record.get(key) == asked.name for key in NAME_KEYS)


def _answer(record: dict[str, Value]) -> Value:
    """A request may say `input` or `arguments`; what has a result besides is an answer that repeats them."""
    if "result" not in record and "output" not in record and not NO_ANSWER_KEYS.isdisjoint(record):
        return None
    return next((record[key] for key in ANSWER_KEYS if record.get(key)), None)


def _records(sent: Value) -> Iterator[dict[str, Value]]:
    """In the order in which they were sent."""
    pending = [_decoded(sent)]
    for _ in range(MOST_READ):
        if not pending:
            return
        value = pending.pop()
        if isinstance(value, dict):
            yield value
            pending.extend(reversed(value.values()))
        elif isinstance(value, list):
            pending.extend(reversed(value))


def _decoded(value: Value) -> Value:
    if not isinstance(value, str) or value[:1] not in {"{", "["} or len(value) > LONGEST_TEXT:
        return value
    try:
        decoded: Value = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value
    return decoded
