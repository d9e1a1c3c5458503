"""Requests become what a store keeps, and are acknowledged once it has them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import NoneType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.otlp_protobuf import InvalidMessage
from reev_flow.collect.redaction import Redaction
from reev_flow.errors import StoreError
from reev_flow.runtime import ingest as ingest_module
from reev_flow.runtime.ingest import Accepted, Ingest
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.stores.urls import open_trace_store
from support.deep_requests import DEEP_REQUESTS
from support.otlp_server import BrokenTraceStore, request_of, stored_spans
from support.secrets import TOKENS, everywhere
from support.session_stores import writer_connection

ADDERS = 100
JSON_REQUEST = (
    b'{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":['
    b'{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"ask","startTimeUnixNano":"1","endTimeUnixNano":"2"'
    b',"attributes":[{"key":"password","value":{"arrayValue":{"values":[{"intValue":"1"}]}}}]}]}]}]}'
)
LARGE = 60_000  # bytes of text; such requests are taken apart in threads


def test_a_request_is_there_once_it_is_acknowledged():
    store = MemoryTraceStore()
    assert Ingest(store).traces(request_of(3), is_json=False).result() == Accepted(spans=3)
    assert len(stored_spans(store)) == 3


def test_a_large_one_too():
    store = MemoryTraceStore()
    assert Ingest(store).traces(request_of(3, text_bytes=LARGE), is_json=False).result() == Accepted(spans=3)
    assert len(stored_spans(store)) == 3


def test_a_request_that_comes_twice_is_kept_once():
    store = MemoryTraceStore()
    taking = Ingest(store)
    for _ in range(2):
        taking.traces(request_of(3), is_json=False).result()
    assert len(stored_spans(store)) == 3


@pytest.mark.parametrize("size", [0, LARGE])
@pytest.mark.parametrize("is_json", [True, False])
def test_what_is_no_request_is_refused(size, is_json):
    taking = Ingest(MemoryTraceStore())
    for take in (taking.traces, taking.logs):
        assert isinstance(take(b"\xff{ nonsense" + bytes(size), is_json=is_json).exception(), InvalidMessage)


def test_an_empty_request_is_accepted():
    assert Ingest(MemoryTraceStore()).traces(b"", is_json=False).result() == Accepted(spans=0)


def test_what_the_store_cannot_keep_fails_with_its_error():
    taking = Ingest(BrokenTraceStore())
    assert isinstance(taking.traces(request_of(), is_json=False).exception(), StoreError)


def test_more_than_may_wait_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ingest_module, "MOST_WAITING", 0)
    refused = Ingest(MemoryTraceStore()).traces(request_of(1, text_bytes=LARGE), is_json=False)
    assert isinstance(refused.exception(), StoreError)


@given(data=st.data(), is_json=st.booleans())
def test_whatever_comes_is_taken_or_refused(data: st.DataObject, *, is_json: bool):
    body = bytearray(everywhere(TOKENS["GitHub"]).SerializeToString() if not is_json else JSON_REQUEST)
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    taking = Ingest(MemoryTraceStore())
    for take in (taking.traces, taking.logs):
        assert isinstance(take(bytes(body), is_json=is_json).exception(), InvalidMessage | NoneType)


async def test_it_may_be_awaited_in_an_event_loop():
    taking = Ingest(MemoryTraceStore())
    answers = [
        awaited(taking.traces(request_of(1, first=number, text_bytes=LARGE), is_json=False)) for number in range(1, 9)
    ]
    assert sum(answer.spans for answer in await asyncio.gather(*answers)) == 8


def test_secrets_are_taken_out():
    store = MemoryTraceStore()
    Ingest(store).traces(everywhere(TOKENS["OpenAI"]).SerializeToString(), is_json=False).result()
    assert TOKENS["OpenAI"] not in repr(stored_spans(store))


def test_secrets_in_json_are_taken_out_too():
    store = MemoryTraceStore()
    Ingest(store).traces(JSON_REQUEST.replace(b"ask", TOKENS["OpenAI"].encode()), is_json=True).result()
    (span,) = stored_spans(store)
    assert (TOKENS["OpenAI"] in repr(span), span.attributes) == (False, {"password": [None]})


def test_they_stay_when_that_is_wanted():
    store = MemoryTraceStore()
    Ingest(store, Redaction(is_on=False)).traces(
        everywhere(TOKENS["OpenAI"]).SerializeToString(), is_json=False
    ).result()
    assert TOKENS["OpenAI"] in repr(stored_spans(store))


def test_a_hundred_add_at_once_and_nothing_is_lost(tmp_path: Path):
    store = open_trace_store(tmp_path)
    taking = Ingest(store)
    with ThreadPoolExecutor(ADDERS) as adders:
        bodies = [
            request_of(5, trace_id=f"{number % 7 + 1:032x}", first=1 + 5 * number, text_bytes=20_000)
            for number in range(ADDERS)
        ]
        accepted = list(adders.map(lambda body: taking.traces(body, is_json=False).result().spans, bodies))
    assert sum(accepted) == len({span.span_id for span in stored_spans(store)}) == 5 * ADDERS
    store.close()


def test_a_full_disk_refuses_and_takes_again_when_there_is_room(tmp_path: Path):
    store = open_trace_store(tmp_path)
    taking = Ingest(store)
    connection = writer_connection(store)
    usual = connection.pragma("max_page_count")
    connection.pragma("max_page_count", connection.pragma("page_count") + 20)
    bodies = [request_of(1, first=number, text_bytes=20_000) for number in range(1, 30)]
    taken = [taking.traces(body, is_json=False).exception() is None for body in bodies]
    assert not all(taken)
    assert len(stored_spans(store)) == sum(taken)
    writer_connection(store).pragma("max_page_count", usual)
    for body in bodies:
        taking.traces(body, is_json=False).result()
    assert len(stored_spans(store)) == len(bodies)
    assert store.damaged().result() == ()
    store.close()


@pytest.mark.parametrize("form", DEEP_REQUESTS)
def test_a_value_that_is_too_deep_keeps_no_other_span_out(form: str):
    store = MemoryTraceStore()
    request = DEEP_REQUESTS[form](3_000, "kvlistValue")
    assert Ingest(store).traces(request, is_json=form == "JSON").result() == Accepted(spans=3)
    assert len(stored_spans(store)) == 3
