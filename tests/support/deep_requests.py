"""Requests of three spans, of which the second has a value that is nested as deeply as one likes."""

import json
from typing import Any

from reev_flow.collect.otlp_wire import any_value, message, text

TRACE_ID = "07" * 16


def nested_json(depth: int, form: str) -> str:
    around = {
        "arrayValue": ('{"arrayValue":{"values":[', "]}}"),
        "kvlistValue": ('{"kvlistValue":{"values":[{"key":"k","value":', "}]}}"),
    }
    before, after = around[form]
    return before * depth + '{"stringValue":"leaf"}' + after * depth


def nested_message(depth: int, form: str) -> bytes:
    value = any_value("leaf")
    for _ in range(depth):
        if form == "arrayValue":
            value = message(b"\x2a", message(b"\x0a", value))
        else:
            value = message(b"\x32", message(b"\x0a", text(b"\x0a", "k") + message(b"\x12", value)))
    return value


def of_json(depth: int, form: str) -> bytes:
    spans = [
        {
            "traceId": TRACE_ID,
            "spanId": f"{number:016x}",
            "name": f"span {number}",
            "startTimeUnixNano": "1",
            "endTimeUnixNano": "2",
        }
        for number in (1, 2, 3)
    ]
    attribute: dict[str, Any] = {"key": "deep", "value": "DEEP"}
    spans[1] = {**spans[1], "attributes": [attribute, {"key": "beside", "value": {"stringValue": "kept"}}]}  # type: ignore[dict-item]
    document = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    return document.replace('"DEEP"', nested_json(depth, form)).encode()


def of_protobuf(depth: int, form: str) -> bytes:
    spans = b""
    for number in (1, 2, 3):
        span = message(b"\x0a", bytes.fromhex(TRACE_ID)) + message(b"\x12", number.to_bytes(8, "big"))
        span += text(b"\x2a", f"span {number}")
        span += b"\x39" + (1).to_bytes(8, "little") + b"\x41" + (2).to_bytes(8, "little")
        if number == 2:
            span += message(b"\x4a", text(b"\x0a", "deep") + message(b"\x12", nested_message(depth, form)))
            span += message(b"\x4a", text(b"\x0a", "beside") + message(b"\x12", any_value("kept")))
        spans += message(b"\x12", span)
    return message(b"\x0a", message(b"\x12", spans))


DEEP_REQUESTS = {"JSON": of_json, "protobuf": of_protobuf}
