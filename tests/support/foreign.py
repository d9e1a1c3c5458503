"""Spans as other tools write them, in few words, and how they are read from files."""

import json
from typing import Any

from reev_flow.trace.span import Span
from support.otlp import SPAN_ID, START_NS, TRACE_ID
from support.reading import read_bytes

PARENT_ID = "00f067aa0ba902b7"


def as_bytes(document: Any) -> bytes:
    return json.dumps(document).encode()


def read_span(document: Any) -> Span:
    """The one span of a document that is read without a word."""
    read = read_bytes(as_bytes(document))
    assert read.problems == []
    [span] = read.spans
    return span


def jaeger_span(**fields: Any) -> dict[str, Any]:
    return {
        "traceID": TRACE_ID,
        "spanID": SPAN_ID,
        "operationName": "work",
        "references": [],
        "startTime": START_NS // 1_000,
        "duration": 5_000,
        "tags": [],
        "logs": [],
        "processID": "p1",
        **fields,
    }


def jaeger(*spans: Any, tags: Any = ()) -> dict[str, Any]:
    process = {"serviceName": "shop", "tags": list(tags)}
    return {"data": [{"traceID": TRACE_ID, "spans": list(spans), "processes": {"p1": process}, "warnings": None}]}


def tag(key: str, value: Any, type_name: str = "string") -> dict[str, Any]:
    return {"key": key, "type": type_name, "value": value}


def clickhouse_row(**columns: Any) -> dict[str, Any]:
    return {
        "Timestamp": "2023-11-14 22:13:20.000000001",
        "TraceId": TRACE_ID,
        "SpanId": SPAN_ID,
        "ParentSpanId": "",
        "TraceState": "",
        "SpanName": "work",
        "SpanKind": "Internal",
        "ServiceName": "shop",
        "ResourceAttributes": {"service.name": "shop"},
        "ScopeName": "tests",
        "ScopeVersion": "1.2",
        "SpanAttributes": {"gen_ai.tool.name": "search"},
        "Duration": "5000000",
        "StatusCode": "Ok",
        "StatusMessage": "",
        "Events.Timestamp": [],
        "Events.Name": [],
        "Events.Attributes": [],
        "Links.TraceId": [],
        "Links.SpanId": [],
        "Links.TraceState": [],
        "Links.Attributes": [],
        **columns,
    }


def logs(*records: Any) -> dict[str, Any]:
    """A request with log records."""
    return {
        "resourceLogs": [{"resource": {}, "scopeLogs": [{"scope": {"name": "tests"}, "logRecords": list(records)}]}]
    }


def log_record(**fields: Any) -> dict[str, Any]:
    """A record that names the span of `support.otlp`."""
    named = {"traceId": TRACE_ID, "spanId": SPAN_ID, "timeUnixNano": str(START_NS + 1)}
    return {"eventName": "gen_ai.user.message", "body": {"stringValue": "hi"}, **named, **fields}


def reev_event(kind: str, second: float, **fields: Any) -> dict[str, Any]:
    """An event of a session, that many seconds after its beginning."""
    return {
        "timestamp": f"2025-11-04T07:24:{second:09.6f}Z",
        "session_id": "21b6bb59-025f-4525-97e1-47f0961e5697",
        "reev_runner_version": "0.1.0",
        "reev_agent_version": "0.1.0",
        "event_type": kind,
        "prompt": None,
        "tool_input": None,
        "tool_output": None,
        "timing": {"flow_timeuse_ms": 0, "step_timeuse_ms": 0},
        "metadata": {},
        **fields,
    }


def reev_input(second: float, name: str, **arguments: Any) -> dict[str, Any]:
    return reev_event("ToolInput", second, tool_input={"tool_name": name, "tool_args": arguments})


def reev_output(second: float, result: Any, *, ms: int = 0, error: str | None = None) -> dict[str, Any]:
    outcome = {"success": error is None, "results": result, "error_message": error}
    timing = {"flow_timeuse_ms": 0, "step_timeuse_ms": ms}
    return reev_event("ToolOutput", second, tool_output=outcome, timing=timing)
