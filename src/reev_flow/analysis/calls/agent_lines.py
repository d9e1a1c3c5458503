"""Which model calls go on with one conversation: those of one asker and one model, told apart by how what they are sent opens."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.trace.span import Value
from reev_flow.trace.trace import NO_PARENT, Trace

Line: TypeAlias = tuple[ModelCall, ...]

OPENING_CHARACTERS = 200
CONTENT_KEYS = ("messages", "contents", "content", "parts", "text", "prompt", "input")
DEEPEST = 8  # levels within which an opening is looked for
FIRST_TEXT = re.compile(
    r'"(?:content|text)"\s*:\s*"((?:[^"\\]|\\.){1,200})'
)  # of messages that stand as JSON in a text
FAR_ENOUGH = 2_000  # characters of such a text that are looked through


def agent_lines(trace: Trace, calls: Iterable[ModelCall], askers: Sequence[int]) -> tuple[Line, ...]:
    """Each by start. Another go of the same agent goes on with the line where it is sent no less than the last call before it was."""
    by_asker: dict[tuple[int, str], list[ModelCall]] = {}
    for call in calls:
        by_asker.setdefault((askers[call.positions[-1]], call.model), []).append(call)
    lines: list[list[ModelCall]] = []
    last_go: dict[tuple[int, str, str], list[ModelCall]] = {}
    for (asker, model), asked in by_asker.items():
        parts = _by_opening(trace, asked) if len(asked) > 1 else [asked]
        if asker == NO_PARENT or len(parts) > 1:
            lines += parts
            continue
        key = (askers[asker], trace.spans[asker].label, model)
        earlier = last_go.get(key)
        if earlier is not None and _goes_on(earlier[-1], asked[0]):
            earlier += asked
            continue
        lines.append(asked)
        last_go[key] = asked
    return tuple(tuple(line) for line in lines)


def sent_to(trace: Trace, call: ModelCall) -> Value:
    """What the model was sent, by the innermost account that tells it."""
    told = (trace.spans[position].input for position in call.positions)
    return next((value for value in told if value is not None), None)


def _goes_on(earlier: ModelCall, later: ModelCall) -> bool:
    if earlier.usage is None or later.usage is None or later.start_ns < earlier.end_ns:
        return False
    return later.usage.input >= earlier.usage.input > 0


def _by_opening(trace: Trace, calls: Sequence[ModelCall]) -> list[list[ModelCall]]:
    """Openings that hardly ever repeat hold something that changes, such as the time, and tell nothing apart."""
    parts: dict[str, list[ModelCall]] = {}
    for call in calls:
        parts.setdefault(_opening(sent_to(trace, call)), []).append(call)
    return list(parts.values()) if 2 * len(parts) <= len(calls) else [list(calls)]


def _opening(value: Value) -> str:
    """The first text that is sent, past the names of roles and the like."""
    for _ in range(DEEPEST):
        if isinstance(value, list):
            value = value[0] if value else None
        elif isinstance(value, dict):
            value = next((value[key] for key in CONTENT_KEYS if value.get(key)), next(iter(value.values()), None))
        else:
            break
    return _first_text(value) if isinstance(value, str) else ""


def _first_text(text: str) -> str:
    """Of messages in JSON that of the first one: a second message would make part of a short first call's opening of its end."""
    message = FIRST_TEXT.search(text, 0, FAR_ENOUGH) if text[:1] in {"[", "{"} else None
    return message[1] if message else text[:OPENING_CHARACTERS]
