"""What the last message says, where a run gave back its whole conversation."""

from collections.abc import Iterator

import msgspec

from reev_flow.trace.span import Value

MESSAGES, ROLE = "messages", "role"
SAID = ("content", "parts")
NESTED = ("data", "kwargs")  # where message types keep their fields
NOTHING: tuple[Value, ...] = (None, "", [], {})


def last_message(text: str) -> str | None:
    """None unless the text is JSON of messages, or of an object that holds them and nothing else. Empty when the last one holds no words."""
    if not (text.startswith("{") and f'"{MESSAGES}"' in text) and not (text.startswith("[") and f'"{ROLE}"' in text):
        return None
    try:
        state: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    messages = _messages(state)
    fields = _fields(messages[-1]) if messages else None
    key = next((name for name in SAID if fields is not None and name in fields), None)
    return None if fields is None or key is None else "\n".join(_texts(fields[key]))


def _messages(state: Value) -> list[Value]:
    if isinstance(state, list):
        return state if all(isinstance(entry, dict) and ROLE in entry for entry in state) else []
    held = state.get(MESSAGES) if isinstance(state, dict) else None
    if not isinstance(state, dict) or not isinstance(held, list):
        return []
    return [] if any(value not in NOTHING for key, value in state.items() if key != MESSAGES) else held


def _fields(message: Value) -> dict[str, Value] | None:
    if not isinstance(message, dict):
        return None
    nested = next((inner for name in NESTED if isinstance(inner := message.get(name), dict)), None)
    return message if nested is None else nested


def _texts(content: Value) -> Iterator[str]:
    """The words of one text, or of the parts of a message."""
    for part in content if isinstance(content, list) else [content]:
        said = part.get("text", part.get("content")) if isinstance(part, dict) else part
        if isinstance(said, str) and said.strip():
            yield said
