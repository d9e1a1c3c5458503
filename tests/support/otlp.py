"""OTLP as a sender writes it, in few words."""

import json
from collections.abc import Callable
from typing import Any

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"
START_NS = 1_700_000_000_000_000_000
MS = 1_000_000


def span(**fields: Any) -> dict[str, Any]:
    """A span in OTLP JSON. Attributes are given as plain values."""
    attributes = fields.pop("attributes", {})
    return {
        "traceId": TRACE_ID,
        "spanId": SPAN_ID,
        "name": "work",
        "kind": 1,
        "startTimeUnixNano": str(START_NS),
        "endTimeUnixNano": str(START_NS + 5 * MS),
        "attributes": key_values(attributes),
        **fields,
    }


def request(*spans: Any, service: str = "shop", scope: str = "tests") -> dict[str, Any]:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": key_values({"service.name": service})},
                "scopeSpans": [{"scope": {"name": scope, "version": "1.2"}, "spans": list(spans)}],
            }
        ]
    }


def key_values(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": any_value(value)} for name, value in values.items()]


def any_value(value: Any) -> dict[str, Any]:
    for kind, write in ANY_VALUES:
        if isinstance(value, kind):
            return write(value)
    return {}


ANY_VALUES: tuple[tuple[type, Callable[[Any], dict[str, Any]]], ...] = (
    (bool, lambda value: {"boolValue": value}),
    (int, lambda value: {"intValue": str(value)}),
    (float, lambda value: {"doubleValue": value}),
    (str, lambda value: {"stringValue": value}),
    (list, lambda value: {"arrayValue": {"values": [any_value(entry) for entry in value]}}),
    (dict, lambda value: {"kvlistValue": {"values": key_values(value)}}),
)


def line(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
