"""What is handed on and cannot be kept."""

import gc
import sys

import pytest

from reev_flow.runtime.ingest import Ingest
from reev_flow.server.intake import Intake
from reev_flow.server.limits import Limits
from reev_flow.server.refusals import Refused
from reev_flow.server.tallies import Source
from reev_flow.stores.memory_traces import MemoryTraceStore
from reev_flow.trace.store import TraceStore
from support.otlp_server import BrokenTraceStore, request_of

LARGE = b"\xff" * 100_000  # taken apart in a thread


@pytest.mark.parametrize(
    ("store", "body", "is_json"),
    [
        (MemoryTraceStore(), b"\xff{", False),
        (MemoryTraceStore(), b"\xff{", True),
        (MemoryTraceStore(), LARGE, False),
        (MemoryTraceStore(), LARGE, True),
        (BrokenTraceStore(), request_of(), False),
    ],
)
async def test_a_body_that_was_refused_is_let_go_of_at_once(store: TraceStore, body: bytes, *, is_json: bool):
    intake = Intake(Ingest(store), Limits(), print)
    held = sys.getrefcount(body)
    gc.disable()
    try:
        refused = await is_refused(intake, body, is_json=is_json)
        assert (refused, sys.getrefcount(body)) == (True, held)
    finally:
        gc.enable()


async def is_refused(intake: Intake, body: bytes, *, is_json: bool) -> bool:
    try:
        await intake.take(Source(transport="http", signal="traces"), body, is_json=is_json)
    except Refused:
        return True
    return False
