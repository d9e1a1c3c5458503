"""Whatever is sent is taken or refused, and the next request is answered."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from support.otlp import request, span
from support.otlp_server import JSON, PROTOBUF, encoded, request_of, served

REAL_PROTOBUF = request_of(3, text_bytes=40)
REAL_JSON = encoded(request(span(attributes={"a": [1, {"b": 2.5}], "c": "text"}), span(spanId="00f067aa0ba902b7")))

PATHS = st.sampled_from(["/v1/traces", "/v1/logs", "/v1/metrics"])
ENCODINGS = st.sampled_from(["", "gzip", "deflate"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=10), children, max_size=4),
    max_leaves=20,
)


def damaged(body: bytes) -> st.SearchStrategy[bytes]:
    """The body with a few bytes of it other than they were, and cut off somewhere."""
    changes = st.lists(st.tuples(st.integers(0, len(body) - 1), st.integers(0, 255)), max_size=5)
    return st.builds(changed, st.just(body), changes, st.integers(0, len(body)))


def changed(body: bytes, changes: list[tuple[int, int]], length: int) -> bytes:
    data = bytearray(body)
    for place, value in changes:
        data[place] = value
    return bytes(data[:length])


@settings(deadline=None)
@given(st.binary(max_size=200) | damaged(REAL_PROTOBUF), PATHS, ENCODINGS)
def test_any_protobuf(body: bytes, path: str, encoding: str):
    asyncio.run(send(body, PROTOBUF, path, encoding))


@settings(deadline=None)
@given(st.text(max_size=50).map(str.encode) | damaged(REAL_JSON), PATHS, ENCODINGS)
def test_any_json(body: bytes, path: str, encoding: str):
    asyncio.run(send(body, JSON, path, encoding))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["resourceSpans", "resourceLogs", "resourceMetrics"]), ANYTHING), PATHS)
def test_json_of_any_shape(document: dict[str, object], path: str):
    asyncio.run(send(encoded(document), JSON, path, ""))


async def send(body: bytes, kind: str, path: str, encoding: str) -> None:
    async with served() as door:
        answer = await door.post(body, kind, path=path, Content_Encoding=encoding)
        after = await door.post(request_of(1))

        assert answer.status_code in {200, 400}
        assert (after.status_code, door.told) == (200, [])
