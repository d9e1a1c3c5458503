"""However a program ends, what has ended in it is kept, and nobody hears of it: real processes, forks and exits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.store import TraceQuery
from support.otel import stored_spans
from support.processes import environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

BEGINNING = """
import asyncio, atexit, gc, multiprocessing, os, signal, sys, threading
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from reev_flow.flows.tracing.tracer import FlowTracer
from reev_flow.runtime.collector import TraceCollector
from reev_flow.sessions.config import SessionConfig
trace.set_tracer_provider(TracerProvider())
collector = TraceCollector("shop", store=sys.argv[1], config=SessionConfig(trace_delay_seconds=60))
collector.install()
tracer = trace.get_tracer("a library")
def end(name):
    tracer.start_span(name).end()
"""


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BEGINNING + program, str(folder)]
    return subprocess.run(
        command, env=environment(), cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def kept(folder: Path) -> list[str]:
    store = open_trace_store(folder)
    try:
        found = store.find(TraceQuery(limit=1_000)).result()
        return sorted(span.name for summary in found for span in stored_spans(store, summary.trace_id))
    finally:
        store.close()


@pytest.mark.parametrize(
    "ending",
    [
        "",
        "sys.exit(3)",
        "raise KeyError('q')",
        "threading.Thread(target=end, args=('in a thread',)).start()",
        "threading.Thread(target=lambda: sys.exit(1)).start()",
        "async def main(): end('in a loop')\nasyncio.run(main())",
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nos.kill(os.getpid(), signal.SIGTERM)",
        "os.kill(os.getpid(), signal.SIGINT)",
        "trace.get_tracer_provider().shutdown()",
    ],
    ids=["end", "exit", "exception", "thread", "thread exits", "loop", "handled signal", "interrupt", "provider ends"],
)
def test_what_has_ended_is_kept(ending: str, tmp_path: Path):
    done = run(f"end('whole')\n{ending}\n", tmp_path)
    assert "whole" in kept(tmp_path)
    assert "reev_flow" not in done.stderr


def test_spans_that_end_while_the_process_ends_are_kept_if_their_handler_came_later(tmp_path: Path):
    run("atexit.register(end, 'at exit')", tmp_path)
    assert kept(tmp_path) == ["at exit"]


@pytest.mark.parametrize("collector_in", ["the parent", "both"])
def test_the_child_of_a_fork_keeps_its_own_spans(collector_in: str, tmp_path: Path):
    again = "collector.install()" if collector_in == "both" else ""
    program = f"""
end("of the parent")
child = os.fork()
if child == 0:
    {again}
    end("of the child")
    sys.exit(0)
os.waitpid(child, 0)
"""
    done = run(program, tmp_path)
    assert (kept(tmp_path), done.stderr) == (["of the child", "of the parent"], "")


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_processes_of_multiprocessing_keep_theirs(method: str, tmp_path: Path):
    program = f"""
def work():
    if "{method}" != "fork":  # nothing of the parent's is there
        TraceCollector("shop", store=sys.argv[1], config=SessionConfig(trace_delay_seconds=60)).install()
    end("of the child")
if __name__ == "__main__":
    end("of the parent")
    child = multiprocessing.get_context("{method}").Process(target=work)
    child.start()
    child.join()
"""
    script = tmp_path / "program.py"
    once = BEGINNING.replace("trace.set_tracer_provider", "if __name__ == '__main__': trace.set_tracer_provider")
    script.write_text(once.replace("collector.install()", "if __name__ == '__main__': collector.install()") + program)
    command = [sys.executable, str(script), str(tmp_path / "store")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True, timeout=60)
    assert (kept(tmp_path / "store"), done.stderr) == (["of the child", "of the parent"], "")


def test_a_process_of_multiprocessing_forgets_collectors_that_are_over(tmp_path: Path):
    program = """
def work():
    from multiprocessing.util import _finalizer_registry
    before = len(_finalizer_registry)
    for _ in range(3):
        TraceCollector("shop", store=sys.argv[1], config=SessionConfig()).create_provider()
        over = TraceCollector("shop", store=sys.argv[1], config=SessionConfig())
        over.create_provider()
        over.shutdown()
    print(len(_finalizer_registry) - before)
child = multiprocessing.get_context("fork").Process(target=work)
child.start()
child.join()
"""
    assert run(program, tmp_path).stdout == "3\n"


def test_workers_that_are_forked_beforehand_keep_theirs(tmp_path: Path):
    """As servers do that load the program first and then make their workers."""
    program = """
workers = []
ready, say_ready = os.pipe()
for number in range(3):
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        for _ in range(20):
            end(f"of worker {number}")
        os.write(say_ready, b".")
        signal.pause()
    workers.append(child)
for _ in workers:
    os.read(ready, 1)
for child in workers:
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
"""
    done = run(program, tmp_path)
    assert done.stderr == ""
    assert {name: kept(tmp_path).count(name) for name in set(kept(tmp_path))} == {
        f"of worker {number}": 20 for number in range(3)
    }


def test_the_default_end_by_a_signal_is_the_programs(tmp_path: Path):
    done = run("end('whole')\nos.kill(os.getpid(), signal.SIGTERM)", tmp_path)
    assert done.returncode == -15


GENERATOR = """
flow_tracer = FlowTracer()
async def numbers():
    with flow_tracer.operation("tool", "search"):
        yield 1
        yield 2
async def main():
    {ending}
    gc.collect()
    await asyncio.sleep(0)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    "ending",
    [
        "await anext(numbers())",
        "async for _ in numbers(): break",
        "left = numbers(); await anext(left); await asyncio.create_task(left.aclose())",
        "left = numbers(); await asyncio.create_task(anext(left)); await left.aclose()",
    ],
    ids=["forgotten", "break", "closed elsewhere", "begun elsewhere"],
)
def test_generators_that_are_left_early_end_their_spans_quietly(ending: str, tmp_path: Path):
    done = run(GENERATOR.format(ending=ending), tmp_path)
    assert (kept(tmp_path), done.stderr) == (["execute_tool search"], "")


def test_a_store_that_fails_costs_one_line_at_the_end(tmp_path: Path):
    program = """
collector.store.close()
for _ in range(50):
    end("whole")
"""
    done = run(program, tmp_path)
    (line,) = done.stderr.splitlines()
    assert line.startswith("spans were lost before they were kept: 50, 50 in all; the last error: ")
    assert done.returncode == 0
