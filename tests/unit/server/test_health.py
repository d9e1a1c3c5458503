"""Whether it lives, whether it can work, and what it counted."""

import re

from opentelemetry.context import get_value

from reev_flow.server.limits import Limits
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.version import __version__
from support.otlp_server import JSON, BrokenTraceStore, request_of, served
from support.sessions import SetClock

SAMPLE = re.compile(r'^[a-z_]+(\{([a-z]+="[^"\\\n]*",?)+\})? [0-9.e+-]+$')


async def test_it_lives():
    async with served() as door:
        assert (await door.client.get("/health")).json() == {"status": "ok", "version": __version__}


async def test_it_can_work():
    async with served() as door:
        assert (await door.client.get("/ready")).json()["status"] == "ready"


async def test_it_cannot_work_without_its_store():
    store = MemoryTraceStore()
    async with served(store=store) as door:
        store.close()
        answer = await door.client.get("/ready")

        assert (answer.status_code, answer.json()["reason"]) == (503, "the store cannot be read (the store is closed)")


async def test_it_cannot_work_when_nothing_can_be_stored():
    store = BrokenTraceStore()
    async with served(store=store) as door:
        await door.post(request_of())
        broken = (await door.client.get("/ready")).status_code
        store.mend()
        await door.post(request_of())
        mended = (await door.client.get("/ready")).status_code

        assert (broken, mended) == (503, 200)


async def test_a_failure_of_long_ago_says_nothing_of_now():
    clock = SetClock()
    async with served(store=BrokenTraceStore(), clock=clock) as door:
        await door.post(request_of())
        clock.seconds += 11

        assert (await door.client.get("/ready")).status_code == 200


async def counted(*lines: str, limits: Limits | None = None) -> dict[str, str]:
    async with served(limits=limits) as door:
        await door.post(request_of(3))
        await door.post(b"\xff")
        await door.post(b"{}", JSON, path="/v1/metrics")
        text = (await door.client.get("/metrics")).text
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


async def test_it_counts_requests_by_their_answers_and_what_was_in_them():
    counts = await counted()

    assert counts['reev_flow_requests_total{transport="http",signal="traces",status="200"}'] == "1"
    assert counts['reev_flow_requests_total{transport="http",signal="traces",status="400"}'] == "1"
    assert counts['reev_flow_items_accepted_total{transport="http",signal="traces"}'] == "3"
    assert counts['reev_flow_received_bytes_total{transport="http",signal="traces"}'] == str(len(request_of(3)) + 1)
    assert counts["reev_flow_requests_in_progress"] == "0"


async def test_buckets_of_a_histogram_grow_and_end_with_everything():
    counts = await counted()
    name = 'reev_flow_request_seconds_{}{{transport="http",signal="traces"{}}}'
    buckets = [
        int(value)
        for key, value in counts.items()
        if key.startswith("reev_flow_request_seconds_bucket{") and "traces" in key
    ]

    assert buckets == sorted(buckets)
    assert counts[name.format("bucket", ',le="+Inf"')] == counts[name.format("count", "")] == "2"


async def test_the_text_is_what_prometheus_reads():
    async with served() as door:
        await door.post(request_of())
        answer = await door.client.get("/metrics")

        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert answer.text.endswith("\n")
        samples = [line for line in answer.text.splitlines() if not line.startswith("# ")]
        assert [line for line in samples if not SAMPLE.match(line)] == []
        families = re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", answer.text, flags=re.MULTILINE)
        assert len(families) == len(set(families)) == answer.text.count("# HELP ")


async def test_what_happens_inside_is_not_traced():
    seen: list[object] = []

    class Watching(MemoryTraceStore):
        def add(self, chunks):
            seen.append(get_value("suppress_instrumentation"))
            return super().add(chunks)

    async with served(store=Watching()) as door:
        await door.post(request_of())

        assert seen == [True]
        assert get_value("suppress_instrumentation") is None
