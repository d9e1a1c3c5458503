"""What a span of our own tracer costs, until it is on disk, beside one that the SDK makes and a batch processor throws away.

CPU time of the whole process, so that what our writer does in its threads counts. Both make tool calls with the same six attributes, about
320 bytes of OTLP; the floor is given its arguments and results as JSON, and ours makes them JSON.
"""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from measure import Figure, tell
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.collector import TraceCollector
from reev_flow.sessions.config import SessionConfig

ROUNDS = 9
SPANS = 4_000
MOST = 1.2  # times the floor
LARGE = 512  # the batch of the SDK; ours is 100 unless told
ATTRIBUTES = {
    "reev.operation": "tool",
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search",
    "gen_ai.tool.call.id": "call_1",
    "gen_ai.tool.call.arguments": '{"q":"weather in Oslo"}',
    "gen_ai.tool.call.result": '["sunny"]',
}

Work = Callable[[], None]


class Nowhere(SpanExporter):
    def export(self, spans: object) -> SpanExportResult:  # noqa: ARG002 - nothing is done with them
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        pass


def of_the_sdk() -> Work:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    tracer = provider.get_tracer("a library")

    def work() -> None:
        with tracer.start_as_current_span("run"):
            for _ in range(SPANS):
                with tracer.start_as_current_span("execute_tool search", attributes=ATTRIBUTES):
                    pass
        provider.force_flush()

    return work


def collected(folder: str) -> Work:
    """Spans of the SDK, kept by our collector."""
    collector = TraceCollector(store=folder, config=SessionConfig())
    tracer = collector.create_provider().get_tracer("a library")

    def work() -> None:
        with tracer.start_as_current_span("run"):
            for _ in range(SPANS):
                with tracer.start_as_current_span("execute_tool search", attributes=ATTRIBUTES):
                    pass
        _all_kept(collector)

    return work


def of_our_own(folder: str, batch_size: int | None = None) -> Work:
    collector = TraceCollector(store=folder, config=SessionConfig(), batch_size=batch_size)
    tracer = FlowTracer(provider=collector.create_provider())

    def work() -> None:
        with tracer.operation("flow", "run"):
            for _ in range(SPANS):
                with tracer.operation("tool", "search", arguments={"q": "weather in Oslo"}, call_id="call_1") as call:
                    call.result(["sunny"])
        _all_kept(collector)

    return work


def _all_kept(collector: TraceCollector) -> None:
    if not collector.flush(60) or collector.dropped:
        raise SystemExit(f"spans were lost: {collector.dropped} ({collector.last_error})")


def cpu_seconds(work: Work) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        works = of_the_sdk(), collected(f"{folder}/1"), of_our_own(f"{folder}/2"), of_our_own(f"{folder}/3", LARGE)
        for work in works:
            work()
        rounds = [[cpu_seconds(work) for work in works] for _ in range(ROUNDS)]
        floor, theirs, ours, large = (statistics.median(times) for times in zip(*rounds, strict=True))
        what = "SDK span + batch processor + null exporter"
        tell(
            f"A span, {SPANS:,} at a time, CPU of all threads",
            [
                Figure(f"{SPANS:,} SDK spans, collected", theirs, floor, what),
                Figure(f"{SPANS:,} of our own tracer, collected", ours, floor, what, MOST * floor),
                Figure(f"the same in batches of {LARGE}", large, floor, what, MOST * floor),
            ],
        )


if __name__ == "__main__":
    main()
