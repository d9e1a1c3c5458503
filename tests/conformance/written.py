"""What an instrumentation wrote about a run: spans and log records, before any encoding."""

from typing import Any

import msgspec

from conformance.logical_run import LogicalRun, ToolRun, Work

INTERNAL, CLIENT = 1, 3
UNSET, OK, ERROR = 0, 1, 2


class WrittenEvent(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    time_ns: int
    attributes: dict[str, Any]


class WrittenSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Attributes whose value is None are left out when it is encoded."""

    trace_id: str
    span_id: str
    parent_id: str = ""
    name: str
    kind: int = INTERNAL
    start_ns: int
    end_ns: int
    status: int = UNSET
    message: str = ""
    scope: str
    attributes: dict[str, Any]
    events: tuple[WrittenEvent, ...] = ()


class WrittenLog(msgspec.Struct, frozen=True, kw_only=True):
    trace_id: str
    span_id: str
    time_ns: int
    event: str
    scope: str
    attributes: dict[str, Any] = {}
    body: Any = None


class Written(msgspec.Struct, frozen=True, kw_only=True):
    spans: tuple[WrittenSpan, ...]
    logs: tuple[WrittenLog, ...] = ()


class Pen:
    """Writes the spans of one run under one scope."""

    def __init__(self, run: LogicalRun, scope: str) -> None:
        self._run = run
        self._scope = scope

    def span(self, work: Work, parent: Work | None, name: str, attributes: dict[str, Any], **more: Any) -> WrittenSpan:
        return WrittenSpan(
            **{
                "trace_id": self._run.trace_id,
                "span_id": work.span_id,
                "parent_id": parent.span_id if parent else "",
                "name": name,
                "start_ns": work.start_ns,
                "end_ns": work.end_ns,
                "scope": self._scope,
                "attributes": attributes,
                **more,
            }
        )


def event(name: str, time_ns: int, **attributes: Any) -> WrittenEvent:
    return WrittenEvent(name=name, time_ns=time_ns, attributes=attributes)


def exception(tool: ToolRun) -> tuple[WrittenEvent, ...]:
    """What OpenTelemetry's SDK records of an exception."""
    if not tool.error:
        return ()
    told = {
        "exception.type": tool.error_class,
        "exception.message": tool.error,
        "exception.stacktrace": f'Traceback (most recent call last):\n  File "trip.py", line 7\n{tool.error_class}: {tool.error}',
        "exception.escaped": "False",
    }
    return (WrittenEvent(name="exception", time_ns=tool.work.end_ns, attributes=told),)


def work_below(outer: Work, letter: str) -> Work:
    """Of a span that only one dialect writes, within another."""
    span_id = f"{int(outer.span_id, 16) ^ ord(letter):016x}"
    return Work(span_id=span_id, start_ns=outer.start_ns, end_ns=outer.end_ns)
