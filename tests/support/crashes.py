"""Flows that are cut off after so many writes, as a kill would, and gone on with by the next worker."""

from typing import Any

from reev_flow.errors import SessionError
from reev_flow.flows.code import Flow
from reev_flow.stores.memory import MemorySessionStore
from support.failing_stores import FillingStore
from support.sessions import SetClock
from support.workers import worker

LONGER_THAN_A_LEASE = 100
NEVER = 1_000_000


class World:
    """A store that outlives its workers. The worker of a flow that was cut off is not heard of again."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.store = MemorySessionStore(clock=self.clock)

    async def cut_off(self, flow: Flow[Any, Any], *args: Any, after_writes: int = NEVER, **options: Any) -> bool:
        """Whether it was cut off; False when the flow came to its end before."""
        filling = FillingStore(self.store, room_for=after_writes)
        self.clock.seconds += LONGER_THAN_A_LEASE
        try:
            async with worker(filling, clock=self.clock) as manager:
                await manager.run(flow, *args, session_id="s-1", **options)
        except* SessionError:
            if not filling.is_full:
                raise
        return filling.is_full

    async def go_on(self, flow: Flow[Any, Any], *args: Any, **options: Any) -> Any:
        """What the flow gives when the next worker goes on with it."""
        self.clock.seconds += LONGER_THAN_A_LEASE
        async with worker(self.store, clock=self.clock) as manager:
            return await manager.run(flow, *args, session_id="s-1", **options)
