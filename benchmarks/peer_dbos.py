"""Durable steps of DBOS on SQLite, as it comes: run by session_peers.py."""

import asyncio
import os
import sys
from pathlib import Path

from dbos import DBOS  # type: ignore[import-not-found]  # only there where it is measured

from peer_report import report
from session_work import EACH, FLOWS, Gate, give

gate = Gate()


async def give_soon(number: int) -> dict[str, object]:
    return give(number)


async def hold() -> None:
    await gate.hold()


step, step_soon, held_step = (DBOS.step()(function) for function in (give, give_soon, hold))


def steps(number: int) -> None:
    for each in range(number):
        step(each)


async def steps_soon(number: int) -> None:
    for each in range(number):
        await step_soon(each)


async def steps_and_a_held_one(number: int) -> None:
    await steps_soon(number)
    await held_step()


flow, flow_soon, held_flow = (DBOS.workflow()(function) for function in (steps, steps_soon, steps_and_a_held_one))


async def together() -> None:
    handles = await asyncio.gather(*(DBOS.start_workflow_async(flow_soon, EACH) for _ in range(FLOWS)))
    await asyncio.gather(*(handle.get_result(polling_interval_sec=0.05) for handle in handles))


async def hold_more(number: int) -> None:
    await asyncio.gather(*(DBOS.start_workflow_async(held_flow, 2) for _ in range(number)))


def main(what: str, folder: Path) -> None:
    database = folder / "dbos.db"
    DBOS(
        config={
            "name": "benchmark",
            "system_database_url": f"sqlite:///{database}",
            "log_level": "ERROR",
            "run_admin_server": False,
        }
    )
    DBOS.launch()
    report(what, database, alone=flow, together=together, hold_more=hold_more, gate=gate)
    sys.stdout.flush()
    os._exit(0)  # its threads would go on


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
