"""Loads once what every copy of this process would load again: by running a flow that asks and retries, and reading it back."""

from pathlib import Path

from reev_flow.chaos.cast import Cast, Casting
from reev_flow.chaos.facts import facts_in
from reev_flow.chaos.life import STORE, Role, live
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.chaos.trap import Trap
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle


def look() -> int:
    return 1


async def look_later() -> int:
    return 2


@flow
async def warm_up(session: SessionHandle) -> bool:
    await session.gather(
        session.step(look, on_interrupt="rerun"), session.step(look_later, on_interrupt="rerun", timeout=60)
    )
    return bool(await session.ask("Ready?", schema=bool))


def load_everything(folder: Path) -> None:
    """Runs nothing of the user's: what that leaves in memory is not to be seen by the processes that follow."""
    folder.mkdir()
    rehearsed = Rehearsed(flow=warm_up, casting=Casting(harmless=frozenset({"look", "look_later"})))
    live(rehearsed, Role(folder=folder))
    cast = Cast(rehearsed.casting, folder, Trap())
    facts_in(folder / STORE, cast.ledger, cast.sights)
