"""Which tool is really called where the name says nothing but that one is: `call_tool(name="get_order", arguments={"id": 7})`."""

import re

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.meaning import tool_names
from reev_flow.trace.span import Value

NAME_KEYS = ("tool_name", "toolName", "tool", "function_name", "function", "action", "operation", "method", "name")
ARGUMENT_KEYS = tool_names.vocabulary(
    "arguments args input inputs params parameters kwargs payload tool_input tool_args toolArgs toolInput action_input"
)
A_NAME = re.compile(r"[^\W\d][\w.:/-]{0,99}")
LONGEST_TEXT = 10_000  # characters of arguments that are written as JSON


def really_called(call: ToolCall) -> ToolCall:
    """The same call by the name and with the arguments that it passes on; itself where it names no other."""
    arguments = _opened(call.arguments)
    if not tool_names.says_nothing(call.name) or not isinstance(arguments, dict):
        return call
    key = next((key for key in NAME_KEYS if _is_name(arguments.get(key))), None)
    if key is None:
        return call
    rest = {other: value for other, value in arguments.items() if other != key and value is not None}
    inner = next(iter(rest)) if len(rest) == 1 else None
    passed = _opened(rest[inner]) if inner in ARGUMENT_KEYS else rest
    return msgspec.structs.replace(call, name=str(arguments[key]), arguments=passed)


def _is_name(value: Value) -> bool:
    return isinstance(value, str) and A_NAME.fullmatch(value) is not None


def _opened(value: Value) -> Value:
    if not isinstance(value, str) or value[:1] != "{" or len(value) > LONGEST_TEXT:
        return value
    try:
        opened: Value = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value
    return opened
