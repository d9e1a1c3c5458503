"""What one line of a session log of reev says, in whichever of its forms it is written."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

import msgspec

from reev_flow.collect.json_text import Unread
from reev_flow.collect.moments import read_moment
from reev_flow.collect.otlp_values import read_integer
from reev_flow.collect.plain_values import decoded_fields, plain_attributes, plain_value, record, text
from reev_flow.trace.span import Attributes, Value

SESSION_ID = "session_id"
EVENT_TYPE = "event_type"
SUMMARY_KEYS = ("total_events", "total_tool_calls")
MILLISECOND_NS = 1_000_000
LONGEST_NS = 1 << 62
FAILED_STATUSES = ("error", "timeout")


class What(Enum):
    BEGAN = auto()  # a tool, with its arguments
    ENDED = auto()  # a tool; reev does not always say which
    NOTED = auto()  # anything else: a prompt, a step, an error
    CLOSED = auto()  # the session; nothing more is expected


class ReevEvent(msgspec.Struct, frozen=True, kw_only=True):
    """`lasted_ns` is what reev measured of a tool; 0 is less than a millisecond, or not known. `told` goes with what is only noted."""

    session_id: str
    what: What
    time_ns: int
    name: str = ""
    arguments: Value = None
    result: Value = None
    lasted_ns: int = 0
    has_failed: bool = False
    message: str = ""
    told: Attributes = {}
    version: str = ""


def is_event(fields: Mapping[str, Unread]) -> bool:
    """Events of a session, the tool calls that older releases wrote, and the summaries behind them."""
    if SESSION_ID not in fields:
        return False
    return EVENT_TYPE in fields or _is_flat(fields) or any(key in fields for key in SUMMARY_KEYS)


def read_events(fields: Mapping[str, Unread]) -> list[ReevEvent]:
    """None when the line names no session."""
    raw = decoded_fields(fields)
    session_id = text(raw.get(SESSION_ID))
    if not session_id:
        return []
    time_ns = read_moment(raw.get("timestamp", raw.get("logged_at")))
    if EVENT_TYPE in raw:
        return [_event(raw, session_id, time_ns)]
    if _is_flat(raw):
        return _flat_call(raw, session_id, time_ns)
    return [ReevEvent(session_id=session_id, what=What.CLOSED, time_ns=time_ns)]


def _is_flat(fields: Mapping[str, Unread]) -> bool:
    return "tool_name" in fields and "execution_time_ms" in fields


def _event(raw: Mapping[str, Any], session_id: str, time_ns: int) -> ReevEvent:
    read = {"ToolInput": _began, "ToolOutput": _ended}.get(text(raw.get(EVENT_TYPE)), _noted)
    version = text(raw.get("reev_agent_version"))
    return read(raw, ReevEvent(session_id=session_id, what=What.NOTED, time_ns=time_ns, version=version))


def _began(raw: Mapping[str, Any], event: ReevEvent) -> ReevEvent:
    """Reev also writes the error of a tool that has ended as the input of a tool, with nothing else in it."""
    given = record(raw.get("tool_input"))
    arguments, name = given.get("tool_args"), text(given.get("tool_name"))
    if isinstance(arguments, dict) and list(arguments) == ["error"] and isinstance(arguments["error"], str):
        told: Attributes = {"tool_name": name, "error": arguments["error"]}
        return msgspec.structs.replace(event, name="error", told=told)
    return msgspec.structs.replace(event, what=What.BEGAN, name=name, arguments=plain_value(arguments))


def _ended(raw: Mapping[str, Any], event: ReevEvent) -> ReevEvent:
    outcome = record(raw.get("tool_output"))
    result = outcome.get("results")
    return msgspec.structs.replace(
        event,
        what=What.ENDED,
        name=text(record(result).get("tool_name")),
        result=plain_value(result),
        lasted_ns=_milliseconds(record(raw.get("timing")).get("step_timeuse_ms")),
        has_failed=outcome.get("success") is False,
        message=text(outcome.get("error_message")),
    )


def _noted(raw: Mapping[str, Any], event: ReevEvent) -> ReevEvent:
    timing = {name: value for name, value in plain_attributes(raw.get("timing")).items() if value}
    told = {**plain_attributes(raw.get("prompt")), **plain_attributes(raw.get("metadata")), **timing}
    return msgspec.structs.replace(event, name=text(raw.get(EVENT_TYPE)), told=told)


def _flat_call(raw: Mapping[str, Any], session_id: str, time_ns: int) -> list[ReevEvent]:
    """Older releases wrote a call twice: with its arguments when it began, and with its result when it had ended."""
    began = ReevEvent(
        session_id=session_id,
        what=What.BEGAN,
        time_ns=time_ns,
        name=text(raw.get("tool_name")),
        arguments=plain_value(raw.get("input_params")),
    )
    lasted_ns = _milliseconds(raw.get("execution_time_ms"))
    status, message = text(raw.get("status")).lower(), text(raw.get("error_message"))
    if not lasted_ns and not raw.get("output_result") and status not in FAILED_STATUSES:
        return [began]
    ended = msgspec.structs.replace(
        began,
        what=What.ENDED,
        result=plain_value(raw.get("output_result")),
        lasted_ns=lasted_ns,
        has_failed=status in FAILED_STATUSES,
        message=message or (status if status in FAILED_STATUSES else ""),
    )
    if not raw.get("input_params"):
        return [ended]
    return [msgspec.structs.replace(began, time_ns=max(time_ns - lasted_ns, 0)), ended]


def _milliseconds(raw: Any) -> int:
    number = read_integer(raw)
    return min(max(number or 0, 0) * MILLISECOND_NS, LONGEST_NS)
