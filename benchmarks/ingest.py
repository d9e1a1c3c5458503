"""How many spans a second `reev-flow serve` accepts over HTTP, durably, with the sender on the same two cores: `make bench-ingest`.

Timed is everything from the first byte sent to the last acknowledgement, which comes after the commit (synchronous=FULL). Requests hold
512 spans of 1.2 KB; their text is made anew for none of them but each is about other runs. Afterwards another process reads the store: every
span must be there. The floor is one Python thread that parses the same requests, keeps the bytes of each span and commits them.

    python benchmarks/ingest.py [--spans 200000] [--connections 4] [--peer NAME=URL ...]

A peer is the address of another receiver that is running already; it is sent the same.
"""

import argparse
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import apsw
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from agent_requests import SPANS_OF_A_REQUEST, as_round, large_run, requests
from reev_flow.runtime.ingest import Ingest
from reev_flow.runtime.run_reading import read_run
from reev_flow.stores.urls import open_session_store, open_trace_store
from reev_flow.trace.store import TraceQuery

BODIES = 32
LARGE_RUN = 1_000
ROUNDS = 15
PAGE_OF_RUNS = 100
MIB = 1 << 20
CLOCK_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Sent(NamedTuple):
    seconds: float
    sender_cpu_seconds: float
    median_seconds: float
    slowest_seconds: float
    spans: int


class Used(NamedTuple):
    cpu_seconds: float
    peak_mib: float


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The real command, as a child, on a port that is free."""
    command = (
        sys.executable,
        "-m",
        "reev_flow",
        "serve",
        "--port",
        "0",
        "--without-grpc",
        "--json",
        "--store",
        str(folder),
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        try:
            assert child.stdout is not None
            yield _address(child), child
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(30)


def _address(child: subprocess.Popen[str]) -> str:
    told = ""
    for line in child.stdout or ():
        told += line
        if line.startswith("}"):
            break
    return str(json.loads(told)["http"])


def sent_to(address: str, spans: int, connections: int) -> Sent:
    command = (
        *(sys.executable, str(Path(__file__).with_name("sending.py")), address),
        *(str(spans // SPANS_OF_A_REQUEST), str(connections)),
    )
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        child.stdin.write("go\n")
        child.stdin.close()
        told = child.stdout.read()
    if child.returncode:
        message = f"{address} did not accept everything"
        raise SystemExit(message)
    seconds, cpu, middle, slowest, count = told.split()
    return Sent(float(seconds), float(cpu), float(middle), float(slowest), int(count))


def used_by(child: subprocess.Popen[str]) -> Used:
    """Linux tells; elsewhere nothing is known."""
    place = Path(f"/proc/{child.pid}")
    if not place.exists():
        return Used(0, 0)
    fields = (place / "stat").read_text().rsplit(")", 1)[1].split()
    peak = next(line for line in (place / "status").read_text().splitlines() if line.startswith("VmHWM"))
    return Used((int(fields[11]) + int(fields[12])) / CLOCK_TICKS, int(peak.split()[1]) / 1024)


def floor(bodies: list[bytes], spans: int) -> float:
    """Spans a second."""
    with tempfile.TemporaryDirectory() as folder:
        connection = apsw.Connection(str(Path(folder) / "floor.db"))
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "FULL")
        connection.execute("CREATE TABLE spans (trace BLOB, span BLOB, start_ns INTEGER, end_ns INTEGER, data BLOB)")
        connection.execute("CREATE INDEX spans_of_trace ON spans (trace)")
        gc.collect()
        began = time.perf_counter()
        for number in range(spans // SPANS_OF_A_REQUEST):
            _keep(connection, as_round(bodies[number % len(bodies)], number // len(bodies) + 1))
        took = time.perf_counter() - began
        connection.close()
    return spans / took


def _keep(connection: apsw.Connection, body: bytes) -> None:
    request = ExportTraceServiceRequest.FromString(body)
    rows = [
        (span.trace_id, span.span_id, span.start_time_unix_nano, span.end_time_unix_nano, span.SerializeToString())
        for resource_spans in request.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    ]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO spans VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


class Kept(NamedTuple):
    spans: int
    bytes_of_a_span: float
    list_ms: float
    read_ms: float


def looked_at(folder: Path, spans: int) -> Kept:
    """By this process, after the server has ended."""
    size = sum(path.stat().st_size for path in folder.iterdir())
    traces, sessions = open_trace_store(folder), open_session_store(folder)
    try:
        kept = sum(summary.spans for summary in traces.find(TraceQuery(limit=spans)).result())
        (trace_id,) = _large(Ingest(traces))
        return Kept(
            spans=kept,
            bytes_of_a_span=size / spans,
            list_ms=_median_ms(lambda: traces.find(TraceQuery(limit=PAGE_OF_RUNS)).result()),
            read_ms=_median_ms(lambda: read_run(sessions, traces, trace_id)),
        )
    finally:
        traces.close()
        sessions.close()


def _large(ingest: Ingest) -> set[str]:
    body = large_run(LARGE_RUN)
    ingest.traces(body, is_json=False).result()
    request = ExportTraceServiceRequest.FromString(body)
    return {request.resource_spans[0].scope_spans[0].spans[0].trace_id.hex()}


def _median_ms(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return median(took) * 1e3


def tell(what: str, sent: Sent, used: Used) -> None:
    cpu = (
        f"{(used.cpu_seconds + sent.sender_cpu_seconds) / sent.spans * 1e6:6.1f} us of CPU a span, "
        if used.cpu_seconds
        else ""
    )
    peak = f"peak {used.peak_mib:.0f} MiB" if used.peak_mib else ""
    print(
        f"{what:12} {sent.spans / sent.seconds:9,.0f} spans/s  request p50 {sent.median_seconds * 1e3:.1f} ms, "
        f"p99 {sent.slowest_seconds * 1e3:.1f} ms  {cpu}{peak}"
    )


def main() -> int:
    asked = argparse.ArgumentParser(description="Spans a second over HTTP.")
    asked.add_argument("--spans", type=int, default=200_000)
    asked.add_argument("--connections", type=int, default=4)
    asked.add_argument("--peer", action="append", default=[], metavar="NAME=URL")
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        bodies = requests(BODIES)
        size = sum(map(len, bodies)) / BODIES / SPANS_OF_A_REQUEST
        print(f"\nIngest over HTTP: {options.spans:,} spans of {size:,.0f} bytes, {options.connections} connections")
        with serving(folder) as (address, child):
            sent = sent_to(address, options.spans, options.connections)
            tell("reev-flow", sent, used_by(child))
        print(
            f"{'floor':12} {floor(bodies, min(options.spans, 100_000)):9,.0f} spans/s  one thread: parse, keep bytes, SQLite; no HTTP"
        )
        kept = looked_at(folder, sent.spans)
        print(
            f"kept {kept.spans:,} of {sent.spans:,}; {kept.bytes_of_a_span:.0f} bytes of disk a span; last {PAGE_OF_RUNS} runs in "
            f"{kept.list_ms:.1f} ms; a run of {LARGE_RUN:,} spans read in {kept.read_ms:.1f} ms"
        )
    finally:
        shutil.rmtree(folder)
    for peer in options.peer:
        name, _, address = peer.partition("=")
        tell(name, sent_to(address, options.spans, options.connections), Used(0, 0))
    return int(kept.spans != sent.spans)


if __name__ == "__main__":
    sys.exit(main())
