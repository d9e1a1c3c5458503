"""What a model gave back, out of any structure a vendor puts it in."""

from typing import NamedTuple

from reev_flow.collect import readers
from reev_flow.collect.cut_json import ELLIPSIS
from reev_flow.trace.span import ToolRequest, Value

# Of the places where content may be, the first that holds something counts: many vendors write the same text twice.
CONTENT_KEYS = (
    "message",
    "messages",
    "choices",
    "candidates",
    "generations",
    "content",
    "contents",
    "parts",
    "output",
    "text",
    "kwargs",
    "data",
)
ROLES_OF_OTHERS = frozenset({"user", "human", "system", "developer", "tool", "function"})
REQUEST_TYPES = frozenset({"tool_call", "tool_use", "function_call", "tool-call", "toolcall"})
RESULT_TYPES = frozenset({"tool_call_response", "tool_result", "function_call_output"})
UNSAID_TYPES = frozenset(
    {"reasoning", "thinking", "redacted_thinking", "compaction", "blob", "file", "uri", "image", "image_url"}
)
CLOSED_TYPES = REQUEST_TYPES | RESULT_TYPES | UNSAID_TYPES | ROLES_OF_OTHERS  # LangChain writes roles as types
REQUEST_KEYS = ("tool_calls", "toolCalls", "function_call", "functionCall", "toolUse")
OLDER_REQUEST = "function_call_name"
NAME_KEYS = ("name", "toolName", "tool_name")
CALL_ID_KEYS = ("call_id", "tool_call_id", "toolCallId", "toolUseId", "id")
ARGUMENT_KEYS = ("arguments", "args", "input", "parameters")
FINISH_KEYS = ("finish_reason", "finishReason", "stop_reason", "stopReason")
WITHHELD = "__REDACTED__"


class Reply(NamedTuple):
    """`answer` is None when no text was told of, "" when the model said nothing."""

    answer: str | None
    asked: tuple[ToolRequest, ...]
    finish_reasons: tuple[str, ...]

    @property
    def tells_something(self) -> bool:
        return self.answer is not None or bool(self.asked or self.finish_reasons)


NO_REPLY = Reply(None, (), ())


def read_reply(value: Value) -> Reply:
    """Texts of several messages or choices become one answer, a line each. JSON that is no message is itself the answer."""
    collected = _Collected()
    waiting = [_opened(value)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            collected.say(item)
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, dict):
            waiting.extend(collected.open(item))
    if isinstance(value, str) and not collected.has_messages:
        collected.say(value)
    return collected.reply()


def read_requests(value: Value) -> tuple[ToolRequest, ...]:
    """The tool calls in a list, or in JSON text of one. Entries without a name are left out; a call id counts once."""
    listed = readers.structure(value)
    requests = [_request(entry) for entry in (listed if isinstance(listed, list) else [listed])]
    return _distinct([request for request in requests if request is not None])


class _Collected:
    """What has been found so far on a walk through a reply."""

    def __init__(self) -> None:
        self.has_messages = False
        self._texts: list[str] = []
        self._asked: list[ToolRequest] = []
        self._finish_reasons: dict[str, None] = {}

    def say(self, said: str) -> None:
        self.has_messages = True
        if said != WITHHELD:
            self._texts.append("" if said == readers.EMPTY_AS_JSON else said)

    def open(self, item: dict[str, Value]) -> list[Value]:
        """Takes what the item itself tells; gives what has to be opened next."""
        kind = _word(item.get("type"))
        if kind in REQUEST_TYPES:
            self._asked.extend(read_requests([item]))
        if kind in CLOSED_TYPES or _word(item.get("role")) in ROLES_OF_OTHERS:
            return []
        for key in REQUEST_KEYS:
            if key in item:
                self._asked.extend(read_requests(item[key]))
        if OLDER_REQUEST in item:
            self._asked.extend(_older_request(item))
        finish = _first(item, FINISH_KEYS)
        if finish is not None:
            self._finish_reasons.update(dict.fromkeys(readers.texts(finish) or ()))
        content = _first(item, CONTENT_KEYS)
        self.has_messages |= "role" in item or content is not None or bool(self._asked or self._finish_reasons)
        if content == [] and "role" in item:
            self._texts.append("")  # no parts: nothing was said
        return [] if content is None else [_opened(content) if content is item.get("message") else content]

    def reply(self) -> Reply:
        said = [text for text in self._texts if text.strip()]
        answer = "\n".join(said) if said else ("" if self._texts else None)
        return Reply(answer, _distinct(self._asked), tuple(self._finish_reasons))


def _word(value: Value) -> str:
    return value.lower() if isinstance(value, str) else ""


def _first(item: dict[str, Value], keys: tuple[str, ...]) -> Value:
    """The first value that holds something, else the first that is there at all."""
    empty: Value = None
    for key in keys:
        if key in item:
            value = item[key]
            if value is not None and value not in EMPTY:
                return value
            empty = value if empty is None else empty
    return empty


EMPTY: tuple[Value, ...] = ("", [], {})


def _request(raw: Value) -> ToolRequest | None:
    """The call itself may be under `function`, and the id beside it."""
    if not isinstance(raw, dict):
        return None
    function = raw.get("function")
    inner = function if isinstance(function, dict) else raw
    name = readers.text(_first(inner, NAME_KEYS))
    if name is None or name.endswith(ELLIPSIS):
        return None  # half of a name is another name
    return ToolRequest(
        name=name,
        call_id=readers.text(_first(raw, CALL_ID_KEYS)),
        arguments=readers.structure(_first(inner, ARGUMENT_KEYS)),
    )


def _older_request(item: dict[str, Value]) -> tuple[ToolRequest, ...]:
    """OpenInference before there were tool calls."""
    name = readers.text(item[OLDER_REQUEST])
    if name is None:
        return ()
    return (ToolRequest(name=name, arguments=readers.structure(item.get("function_call_arguments_json"))),)


def _distinct(requests: list[ToolRequest]) -> tuple[ToolRequest, ...]:
    by_id: dict[str | int, ToolRequest] = {}
    for position, request in enumerate(requests):
        by_id.setdefault(request.call_id or position, request)
    return tuple(by_id.values())


def _opened(value: Value) -> Value:
    return readers.structure(value) if isinstance(value, str) and value.lstrip().startswith(("{", "[")) else value
