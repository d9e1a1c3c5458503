"""What the last message says, where a run gave back its whole conversation."""

from collections.abc import Iterator

import msgspec

from reev_flow.trace.span import Value

MESSAGES = "messages"
NESTED = ("data", "kwargs")  # where message types keep their fields
NOTHING: tuple[Value, ...] = (None, "", [], {})


def last_message(text: str) -> str | None:
    """None unless the text is JSON of an object that holds messages and nothing else. Empty when the last one holds no words."""
    if not text.startswith("{") or f'"{MESSAGES}"' not in text:
        return None
    try:
        state: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    messages = state.get(MESSAGES) if isinstance(state, dict) else None
    if not isinstance(state, dict) or not isinstance(messages, list) or not messages:
        return None
    if any(value not in NOTHING for key, value in state.items() if key != MESSAGES):
        return None
    fields = _fields(messages[-1])
    return None if fields is None or "content" not in fields else "\n".join(_texts(fields["content"]))


def _fields(message: Value) -> dict[str, Value] | None:
    if not isinstance(message, dict):
        return None
    nested = next((inner for name in NESTED if isinstance(inner := message.get(name), dict)), None)
    return message if nested is None else nested


def _texts(content: Value) -> Iterator[str]:
    """The words of one text, or of the parts of a message."""
    for part in content if isinstance(content, list) else [content]:
        said = part.get("text") if isinstance(part, dict) else part
        if isinstance(said, str) and said.strip():
            yield said
