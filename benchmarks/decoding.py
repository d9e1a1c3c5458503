"""How long it takes to read trace files and to assemble them, beside merely parsing their bytes."""

import json
import tempfile
from pathlib import Path

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from measure import Figure, beside_floor, tell
from reev_flow.collect.assemble import assemble
from reev_flow.collect.files import read_spans
from reev_flow.errors import InvalidFormat
from reev_flow.trace.span import Span, Status
from synthetic import agent_run

SPANS_A_LINE = 512
SIZES = ((1_000, 9), (10_000, 5))
STATUS_CODES = {Status.UNSET: 0, Status.OK: 1, Status.ERROR: 2}


def as_otlp(span: Span) -> dict[str, object]:
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id or "",
        "name": span.name,
        "kind": 1,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
        "attributes": [{"key": name, "value": _value(value)} for name, value in span.attributes.items()],
        "status": {"code": STATUS_CODES[span.status], "message": span.status_message},
    }


def _value(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": value if isinstance(value, str) else json.dumps(value)}


def requests(spans: list[Span]) -> list[dict[str, object]]:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "synthetic"}}]}
    return [
        {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "benchmarks"}, "spans": batch}]}]}
        for batch in (
            [as_otlp(span) for span in spans[at : at + SPANS_A_LINE]] for at in range(0, len(spans), SPANS_A_LINE)
        )
    ]


def as_protobuf(told: list[dict[str, object]]) -> bytes:
    """One request. Ids are hex in OTLP's JSON and base64 in protobuf's, so they are set by hand."""
    whole = ExportTraceServiceRequest()
    for request in told:
        scope = whole.resource_spans.add().scope_spans.add()
        for span in request["resourceSpans"][0]["scopeSpans"][0]["spans"]:  # type: ignore[index]
            made = scope.spans.add(name=span["name"], kind=span["kind"])
            made.trace_id, made.span_id = bytes.fromhex(span["traceId"]), bytes.fromhex(span["spanId"])
            made.parent_span_id = bytes.fromhex(span["parentSpanId"])
            made.start_time_unix_nano, made.end_time_unix_nano = (
                int(span["startTimeUnixNano"]),
                int(span["endTimeUnixNano"]),
            )
            for attribute in span["attributes"]:
                _set_attribute(made.attributes.add(key=attribute["key"]).value, attribute["value"])
    return whole.SerializeToString()


def _set_attribute(target: object, value: dict[str, object]) -> None:
    names = {
        "stringValue": "string_value",
        "intValue": "int_value",
        "doubleValue": "double_value",
        "boolValue": "bool_value",
    }
    ((name, told),) = value.items()
    setattr(target, names[name], int(told) if name == "intValue" else told)  # type: ignore[call-overload]


def refuse(problem: InvalidFormat) -> None:
    raise problem


def read(path: Path) -> int:
    (trace,) = assemble(read_spans([str(path)], on_problem=refuse))
    return len(trace)


def figures(folder: Path, size: int, rounds: int) -> list[Figure]:
    told = requests(agent_run(size))
    lines, message = folder / f"{size}.jsonl", folder / f"{size}.pb"
    lines.write_bytes(b"".join(msgspec.json.encode(request) + b"\n" for request in told))
    message.write_bytes(as_protobuf(told))
    by_line = beside_floor(
        lambda: read(lines),
        lambda: [msgspec.json.decode(line) for line in lines.read_bytes().splitlines()],
        rounds=rounds,
    )
    by_message = beside_floor(
        lambda: read(message), lambda: ExportTraceServiceRequest.FromString(message.read_bytes()), rounds=rounds
    )
    return [
        Figure(
            f"{size:,} spans, JSON lines, {lines.stat().st_size // size} B a span", *by_line, "msgspec parses each line"
        ),
        Figure(
            f"{size:,} spans, protobuf, {message.stat().st_size // size} B a span",
            *by_message,
            "upb parses the request",
        ),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tell(
            "Decoding: file to assembled trace",
            [figure for size, rounds in SIZES for figure in figures(Path(folder), size, rounds)],
        )


if __name__ == "__main__":
    main()
