"""Traces over HTTP, as the specification of OTLP has it."""

import gzip
import zlib
from base64 import b64encode
from typing import Any

import pytest

from support.otlp import SPAN_ID, TRACE_ID, request, span
from support.otlp_server import JSON, PROTOBUF, Door, encoded, request_of, response_of, served, status_of
from support.samples import SAMPLES, needs_samples

CAPTURED = SAMPLES / "otlp"
ONE_SPAN = encoded(request(span()))
NO_TRACEBACK = ("Traceback", "File ", "Error(")


def is_full_success(answer: Any) -> bool:
    return answer.status_code == 200 and answer.content in {b"", b"{}"}


async def test_protobuf_is_taken_and_answered_with_an_empty_response():
    async with served() as door:
        answer = await door.post(request_of(4))

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == PROTOBUF
        assert len(door.spans()) == 4


async def test_json_is_taken_and_answered_in_json():
    async with served() as door:
        answer = await door.post(ONE_SPAN, JSON)

        assert answer.json() == {}
        assert answer.headers["content-type"] == JSON
        assert [span.name for span in door.spans()] == ["work"]


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-zlib.MAX_WBITS)),
        ("identity", bytes),
    ],
)
async def test_compressed_bodies_are_taken(encoding: str, compress: Any):
    async with served() as door:
        answer = await door.post(compress(request_of(3)), Content_Encoding=encoding)

        assert is_full_success(answer)
        assert len(door.spans()) == 3


@needs_samples
@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
async def test_what_the_python_sdk_sends_is_taken(encoding: str):
    name = f"py_sdk_http_protobuf_{encoding}_0.bin" if encoding else "py_sdk_http_protobuf_0.bin"
    async with served() as door:
        answer = await door.post((CAPTURED / name).read_bytes(), Content_Encoding=encoding)

        assert is_full_success(answer)
        assert len(door.spans()) == 4


@needs_samples
async def test_the_specifications_own_example_is_taken_with_its_ids_in_lower_case():
    async with served() as door:
        answer = await door.post((CAPTURED / "opentelemetry-proto_trace.json").read_bytes(), JSON)
        only = door.spans()[0]

        assert answer.content == b"{}"
        assert (only.trace_id, only.span_id) == ("5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174")
        assert only.parent_id == "eee19b7ec3c1b173"


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "Application/Json;v=1"])
async def test_content_types_may_have_parameters_and_any_case(kind: str):
    async with served() as door:
        assert is_full_success(await door.post(ONE_SPAN, kind))


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/grpc"])
async def test_other_content_types_are_refused(kind: str | None):
    async with served() as door:
        answer = await door.post(ONE_SPAN, kind)

        assert answer.status_code == 415
        assert "application/x-protobuf or application/json" in answer.text


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip, gzip"])
async def test_other_compressions_are_refused(encoding: str):
    async with served() as door:
        assert (await door.post(ONE_SPAN, JSON, Content_Encoding=encoding)).status_code == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_only_post_is_taken(method: str):
    async with served() as door:
        answer = await door.client.request(method, "/v1/traces", content=request_of())

        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/v1/trace", "/v1/traces/", "/v2/traces", "/"])
async def test_other_paths_are_not_found(path: str):
    async with served() as door:
        answer = await door.post(request_of(), path=path)

        assert (answer.status_code, status_of(answer).code) == (404, 12)
        assert "/v1/traces" in status_of(answer).message


GARBAGE = {
    "bytes": b"\xff\xfe\xfd not protobuf",
    "a cut message": request_of(2)[:-3],
    "json": b'{"resourceSpans": []}',
}
BROKEN_JSON = {
    "nothing": b"",
    "text": b"spans",
    "cut": ONE_SPAN[:-20],
    "bytes": b"\x00\x01",
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "a list": b"[1, 2]",
    "a number": b"7",
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
async def test_bytes_that_are_no_message_are_refused_with_a_status(body: bytes):
    async with served() as door:
        answer = await door.post(body)

        assert (answer.status_code, answer.headers["content-type"]) == (400, PROTOBUF)
        assert status_of(answer).code == 3
        assert not any(word in status_of(answer).message for word in NO_TRACEBACK)
        assert door.spans() == []


@pytest.mark.parametrize("body", BROKEN_JSON.values(), ids=BROKEN_JSON.keys())
async def test_broken_json_is_refused_with_a_status(body: bytes):
    async with served() as door:
        answer = await door.post(body, JSON)

        assert (answer.status_code, answer.headers["content-type"]) == (400, JSON)
        assert answer.json()["code"] == 3
        assert not any(word in answer.json()["message"] for word in NO_TRACEBACK)
        assert door.spans() == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", PROTOBUF),
        (b"{}", JSON),
        (b'{"resourceSpans":[]}', JSON),
        (b'{"resourceSpans":[{"scopeSpans":[]}]}', JSON),
        (b"\x0a\x00", PROTOBUF),
    ],
)
async def test_empty_requests_succeed(body: bytes, kind: str):
    async with served() as door:
        assert is_full_success(await door.post(body, kind))


def with_a_bad_neighbour() -> bytes:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    message = ExportTraceServiceRequest.FromString(request_of(1))
    message.resource_spans[0].scope_spans[0].spans.add(trace_id=b"short", span_id=b"", name="bad")
    return bytes(message.SerializeToString())


async def test_a_bad_span_is_rejected_and_its_neighbour_kept():
    async with served() as door:
        answer = await door.post(with_a_bad_neighbour())
        partial = response_of(answer).partial_success

        assert (answer.status_code, partial.rejected_spans) == (200, 1)
        assert "1 of the spans" in partial.error_message
        assert [span.name for span in door.spans()] == ["work 1"]


async def test_a_bad_span_in_json_is_rejected_and_its_neighbour_kept():
    body = encoded(request(span(), span(spanId="", name="bad"), span(spanId="12", name="short")))
    async with served() as door:
        answer = await door.post(body, JSON)
        partial = answer.json()["partialSuccess"]

        assert partial["rejectedSpans"] == "2"
        assert partial["errorMessage"]
        assert [span.name for span in door.spans()] == ["work"]


async def test_all_that_was_sent_may_be_taken_with_a_warning():
    async with served() as door:
        partial = (await door.post(b'{"data": []}', JSON)).json()["partialSuccess"]

        assert partial == {"errorMessage": "holds no resourceSpans"}


async def test_the_same_request_twice_is_one_span():
    async with served() as door:
        answers = [await door.post(request_of(2)), await door.post(request_of(2))]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert len(door.spans()) == 2


LENIENT = {
    "base64 ids": span(
        traceId=b64encode(bytes.fromhex(TRACE_ID)).decode(), spanId=b64encode(bytes.fromhex(SPAN_ID)).decode()
    ),
    "upper-case ids": span(traceId=TRACE_ID.upper(), spanId=SPAN_ID.upper()),
    "times as numbers": span(startTimeUnixNano=1_700_000_000_000_000_000),
    "an int64 as a number": span(attributes={"n": 1}),
    "NaN as text": span(attributes={"x": 1.0}) | {"droppedAttributesCount": 3},
    "unknown fields": span(somethingNew={"deep": [1, {}]}, flags=1),
    "an enum as an integer": span(kind=3),
    "an enum by its name": span(kind="SPAN_KIND_CLIENT"),
    "no kind": {name: value for name, value in span().items() if name != "kind"},
}


@pytest.mark.parametrize("sent", LENIENT.values(), ids=LENIENT.keys())
async def test_json_is_read_the_way_it_is_really_written(sent: dict[str, Any]):
    async with served() as door:
        answer = await door.post(encoded(request(sent)), JSON)

        assert is_full_success(answer)
        assert [(span.trace_id, span.span_id) for span in door.spans()] == [(TRACE_ID, SPAN_ID)]


async def test_numbers_that_json_has_no_name_for_are_taken():
    body = ONE_SPAN.replace(b'"attributes":[]', b'"attributes":[{"key":"x","value":{"doubleValue":"NaN"}}]', 1)
    async with served() as door:
        assert is_full_success(await door.post(body, JSON))
        assert len(door.spans()) == 1


async def test_unknown_fields_of_protobuf_are_passed_over():
    async with served() as door:
        assert is_full_success(await door.post(request_of(1) + b"\xfa\x3e\x03new"))
        assert len(door.spans()) == 1


async def test_headers_may_be_written_in_any_way():
    headers = {
        "content-type": PROTOBUF,
        "ACCEPT-ENCODING": "gzip, deflate",
        "user-agent": "Own/1.0 (x)",
        "accept": "*/*",
    }
    async with served() as door:
        answer = await door.client.post("/v1/traces", content=request_of(), headers=headers)

        assert is_full_success(answer)
        assert "content-encoding" not in answer.headers


async def test_refusals_are_short_and_repeat_nothing_of_what_was_sent():
    async with served() as door:
        answers = [await door.post(b"\xffsecret" * 10_000), await door.post(b'{"secret": ' * 9, JSON)]
        answers.append(await door.post(b"secret", "text/secret"))

        assert all(len(answer.content) < 1_000 for answer in answers)
        assert all(b"secret" not in answer.content for answer in answers)


async def test_a_body_may_come_in_chunks():
    async def pieces() -> Any:
        body = request_of(50)
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    async with served() as door:
        answer = await door.client.post("/v1/traces", content=pieces(), headers={"Content-Type": PROTOBUF})

        assert is_full_success(answer)
        assert len(door.spans()) == 50


async def test_log_records_are_taken():
    async with served() as door:
        assert is_full_success(await door.post(b"", path="/v1/logs"))
        assert is_full_success(await door.post(b"{}", JSON, path="/v1/logs"))


async def test_log_records_that_name_no_span_are_rejected_and_counted():
    record = {"timeUnixNano": "1700000000000000000", "body": {"stringValue": "hello"}}
    body = encoded({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})
    async with served() as door:
        partial = (await door.post(body, JSON, path="/v1/logs")).json()["partialSuccess"]

        assert partial["rejectedLogRecords"] == "1"
        assert partial["errorMessage"]


async def send_through(door: Door, *bodies: bytes) -> list[int]:
    return [(await door.post(body)).status_code for body in bodies]


async def test_a_refused_request_does_not_keep_the_next_from_being_taken():
    async with served() as door:
        assert await send_through(door, b"\xff", request_of(), b"\xff\xff", request_of(1, first=2)) == [
            400,
            200,
            400,
            200,
        ]
        assert len(door.spans()) == 2
