"""What the last message says, where a run gave back its whole conversation."""

from collections.abc import Iterator

import msgspec

from reev_flow.analysis.meaning.tool_names import vocabulary, words
from reev_flow.trace.span import Value

MESSAGES, ROLE, CHOSEN = "messages", "role", "finish_reason"
SAID = ("content", "parts", "message")
NESTED = ("data", "kwargs", "message")  # where message types and choices keep their fields
NOTHING: tuple[Value, ...] = (None, "", [], {})
# What states hold beside messages of how the run went, as in `remaining_steps`, `stop_reason` and `thread_id`
HOW_IT_WENT = vocabulary("step steps turn turns iteration iterations call calls count reason usage id")


def last_message(text: str) -> str | None:
    """None unless the text is JSON of messages, or of an object that holds them and no other output. Empty when the last one holds no words."""
    if not (text.startswith("{") and f'"{MESSAGES}"' in text) and not (text.startswith("[") and _names_a_message(text)):
        return None
    try:
        state: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    messages = _messages(state)
    fields = _fields(messages[-1]) if messages else None
    key = next((name for name in SAID if fields is not None and name in fields), None)
    return None if fields is None or key is None else "\n".join(_texts(fields[key]))


def _names_a_message(text: str) -> bool:
    return f'"{ROLE}"' in text or f'"{CHOSEN}"' in text


def _messages(state: Value) -> list[Value]:
    if isinstance(state, list):
        return state if all(isinstance(entry, dict) and (ROLE in entry or CHOSEN in entry) for entry in state) else []
    held = state.get(MESSAGES) if isinstance(state, dict) else None
    if not isinstance(state, dict) or not isinstance(held, list):
        return []
    return [] if any(_is_output(key, value) for key, value in state.items() if key != MESSAGES) else held


def _is_output(key: str, value: Value) -> bool:
    if value in NOTHING:
        return False
    return isinstance(value, list | dict) or HOW_IT_WENT.isdisjoint(words(key))


def _fields(message: Value) -> dict[str, Value] | None:
    if not isinstance(message, dict):
        return None
    nested = next((inner for name in NESTED if isinstance(inner := message.get(name), dict)), None)
    return message if nested is None else nested


def _texts(content: Value) -> Iterator[str]:
    """The words of one text, or of the parts of a message, which may stand in a text as JSON."""
    for part in _parts(content):
        said = part.get("text", part.get("content")) if isinstance(part, dict) else part
        if isinstance(said, str) and said.strip():
            yield said


def _parts(content: Value) -> list[Value]:
    if isinstance(content, list):
        return content
    if not isinstance(content, str) or not content.startswith("["):
        return [content]
    try:
        held: Value = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return [content]
    return held if isinstance(held, list) and all(isinstance(part, dict) for part in held) else [content]
