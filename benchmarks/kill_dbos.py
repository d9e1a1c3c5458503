"""The trip as a workflow of DBOS on SQLite: run by kill_points.py. The key of a step is the workflow's id and the step's number."""

import asyncio
from pathlib import Path
from typing import Any

from dbos import DBOS, SetWorkflowID  # type: ignore[import-not-found]  # only there where it is measured

from kill_booking import OFFERS, SESSION_ID, Outside, keep_result
from kill_rounds import report

outside: Outside


@DBOS.step()  # type: ignore[untyped-decorator]  # as above
async def search(what: str) -> int:
    return outside.search(what)


def _key() -> str:
    return f"{DBOS.workflow_id}:{DBOS.step_id}"


@DBOS.step()  # type: ignore[untyped-decorator]  # as above
async def hold(what: str) -> str:
    return outside.hold(what, _key())


@DBOS.step(retries_allowed=True, max_attempts=4, interval_seconds=0.01)  # type: ignore[untyped-decorator]  # as above
async def pay(euros: int) -> str:
    return outside.pay(euros, _key())


@DBOS.step()  # type: ignore[untyped-decorator]  # as above
async def confirm(held: str) -> str:
    return outside.confirm(held, _key())


@DBOS.workflow()  # type: ignore[untyped-decorator]  # as above
async def trip() -> list[str]:
    prices = await asyncio.gather(*(search(what) for what in OFFERS))
    held = await asyncio.gather(*(hold(what) for what in OFFERS))
    payment = await pay(sum(prices))
    return [payment, *await asyncio.gather(*(confirm(one) for one in held))]


async def _result() -> Any:
    """A workflow that was interrupted is recovered by the launch, and waited for."""
    if await DBOS.list_workflows_async(workflow_ids=[SESSION_ID]):
        handle = await DBOS.retrieve_workflow_async(SESSION_ID)
        return await handle.get_result(polling_interval_sec=0.02)
    with SetWorkflowID(SESSION_ID):
        return await trip()


def book(folder: Path, *, honours_keys: bool) -> None:
    global outside  # noqa: PLW0603 - steps are functions of the module
    outside = Outside(folder, honours_keys=honours_keys)
    url = f"sqlite:///{folder / 'dbos.db'}"
    DBOS(config={"name": "kill-points", "system_database_url": url, "log_level": "CRITICAL", "run_admin_server": False})
    DBOS.launch()
    keep_result(folder, asyncio.run(_result()))


if __name__ == "__main__":
    report(book)
