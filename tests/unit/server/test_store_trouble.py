"""What cannot be stored now is asked for again: senders drop what they were refused for any other reason."""

import asyncio
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reev_flow.errors import StoreError
from reev_flow.stores.sqlite.traces import SqliteTraceStore
from reev_flow.stores.urls import open_trace_store
from support.otlp_server import JSON, BrokenTraceStore, request_of, served, status_of
from support.session_stores import writer_connection

TROUBLES = {
    "full": StoreError("/secret/traces.db", "the disk is full; this write is not kept", "make room and try again"),
    "locked": StoreError("/secret/traces.db", "another process keeps it locked", "end that process or try again"),
    "busy": StoreError("/secret/traces.db", "1,000 jobs are waiting already", "wait for some before asking for more"),
    "broken": StoreError("/secret/traces.db", "the disk answered with an error", "check the disk"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
async def test_senders_are_asked_to_try_again(trouble: StoreError):
    async with served(store=BrokenTraceStore(trouble)) as door:
        answer = await door.post(request_of())

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert status_of(answer).code == 14
        assert trouble.details in status_of(answer).message
        assert "/secret" not in status_of(answer).message


async def test_in_json_too():
    async with served(store=BrokenTraceStore()) as door:
        answer = await door.post(
            b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"}]}]}]}',
            JSON,
        )

        assert (answer.status_code, answer.json()["code"]) == (503, 14)


async def test_whoever_runs_it_is_told_once_and_again_when_it_is_over():
    store = BrokenTraceStore()
    async with served(store=store) as door:
        for _ in range(3):
            await door.post(request_of())
        store.mend()
        for _ in range(3):
            await door.post(request_of())

        assert door.told == [
            "what comes in cannot be stored: the store: the disk is full; make room and try again; senders are asked to try again",
            "what comes in can be stored again",
        ]


async def test_a_full_disk_is_asked_again_until_there_is_room(tmp_path: Path):
    store = open_trace_store(tmp_path)
    async with served(store=store) as door:
        await door.post(request_of(1))
        connection = writer_connection(store)
        usual = connection.pragma("max_page_count")
        connection.pragma("max_page_count", connection.pragma("page_count") + 1)
        full = [(await door.post(request_of(50, first=100 * turn, text_bytes=5_000))).status_code for turn in (1, 2)]
        connection.pragma("max_page_count", usual)
        again = [(await door.post(request_of(50, first=100 * turn, text_bytes=5_000))).status_code for turn in (1, 2)]

        assert (full, again) == ([503, 503], [200, 200])
        assert len(door.spans()) == 101


async def test_many_at_once_are_all_stored(tmp_path: Path):
    async with served(store=open_trace_store(tmp_path)) as door:
        answers = await asyncio.gather(*(door.post(request_of(10, first=100 * number)) for number in range(1, 101)))

        assert {answer.status_code for answer in answers} <= {200, 503}
        assert len(door.spans()) == 10 * sum(answer.status_code == 200 for answer in answers)


async def test_a_defect_of_ours_is_told_and_ends_nothing():
    class Defective(BrokenTraceStore):
        def add(self, chunks):
            raise ZeroDivisionError("oh")

    async with served(store=Defective()) as door:
        answer = await door.post(request_of())

        assert (answer.status_code, status_of(answer).code) == (500, 13)
        assert "oh" not in status_of(answer).message
        assert door.told == ["a request with traces could not be handled: ZeroDivisionError: oh"]
        assert (await door.client.get("/health")).status_code == 200


async def test_a_store_that_another_process_keeps_locked_is_asked_again(tmp_path: Path):
    store = SqliteTraceStore(tmp_path / "traces.db", busy_seconds=0.01)
    async with served(store=store) as door:
        await door.post(request_of(1))
        with closing(apsw.Connection(str(tmp_path / "traces.db"))) as other:
            other.execute("BEGIN IMMEDIATE")
            locked = await door.post(request_of(1, first=2))
            other.execute("ROLLBACK")
        again = await door.post(request_of(1, first=2))

        assert (locked.status_code, again.status_code) == (503, 200)
        assert "locked" in status_of(locked).message
