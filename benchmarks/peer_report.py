"""Measures a peer in its own process, and prints what came out as one line of JSON."""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from session_work import ALONE, EACH, FLOWS, Gate, durability_of, p50_of_a_step, resident_bytes

FEWER, MORE = 200, 1_000
AT_ONCE = 50
WARM_UP = 20


def report(
    what: str,
    database: Path,
    *,
    alone: Callable[[int], object],
    together: Callable[[], Awaitable[object]],
    hold_more: Callable[[int], Awaitable[object]],
    gate: Gate,
) -> None:
    """`alone` runs one flow of so many steps, `together` many flows at once; `hold_more` begins flows that are held at the gate."""
    if what == "alone":
        measured = _alone(alone)
    elif what == "together":
        measured = asyncio.run(_together(together))
    else:
        measured = asyncio.run(_memory(hold_more, gate))
    sys.stdout.write(json.dumps({"measured": measured, "durability": durability_of(database)}) + "\n")
    sys.stdout.flush()


def _alone(run: Callable[[int], object]) -> float:
    """Seconds from step to step."""
    run(WARM_UP)
    p50_of_a_step()
    run(ALONE)
    return p50_of_a_step()


async def _together(run: Callable[[], Awaitable[object]]) -> float:
    """Steps in a second."""
    began = time.perf_counter()
    await run()
    return FLOWS * EACH / (time.perf_counter() - began)


async def _memory(hold_more: Callable[[int], Awaitable[object]], gate: Gate) -> float:
    """Bytes that a flow takes which is held in a step."""
    sizes = []
    for number in (FEWER, MORE):
        begun = gate.held
        while begun < number:
            await hold_more(AT_ONCE)
            begun += AT_ONCE
            await gate.until_held(begun)
        gc.collect()
        sizes.append(resident_bytes())
    return (sizes[1] - sizes[0]) / (MORE - FEWER)
