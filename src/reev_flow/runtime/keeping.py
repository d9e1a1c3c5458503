"""Has the sessions copied from time to time, as long as a manager is open."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from math import inf

from reev_flow.errors import StoreError
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.backups import Backup, KeepsBackups
from reev_flow.sessions.config import SessionConfig
from reev_flow.sessions.store import SessionStore

BYTES_WORTH_A_SECOND = 1024 * 1024  # copied in about 10 ms, so that copies at the end take a hundredth of the time
logger = logging.getLogger("reev_flow.sessions")


class BackupRounds:
    """Looks at once, then whenever the interval is over, and once more at the end, when nobody knows who looks next: then a copy is made
    although the last one is not an interval old, unless it was a second for each MiB ago. Many processes of one store make no more copies
    than one would.
    """

    def __init__(self, store: SessionStore, config: SessionConfig) -> None:
        self._store = store if config.backup_enabled and isinstance(store, KeepsBackups) else None
        self._seconds = config.backup_interval_seconds
        self._rounds: asyncio.Task[None] | None = None
        self._told = ""

    def begin(self) -> None:
        if self._store is not None:
            self._rounds = asyncio.create_task(self._go_round(self._store))

    async def end(self) -> None:
        """A copy that is being made is waited for."""
        if self._store is not None and self._rounds is not None:
            self._rounds.cancel()
            with suppress(asyncio.CancelledError):
                await self._rounds
            await self._look(self._store, is_last=True)

    async def _go_round(self, store: KeepsBackups) -> None:
        while True:
            await self._look(store)
            await asyncio.sleep(self._seconds)

    async def _look(self, store: KeepsBackups, *, is_last: bool = False) -> None:
        """Work goes on without a copy. Why there is none is said once in the log, and by `reev-flow doctor`."""
        try:
            seconds = min(self._seconds, await _worth_waiting(store)) if is_last else self._seconds
            await awaited(store.back_up(at_most_every_seconds=seconds))
        except StoreError as error:
            if str(error) != self._told:
                self._told = str(error)
                logger.warning("no backup of the sessions: %s", error)
        else:
            self._told = ""


async def _worth_waiting(store: KeepsBackups) -> float:
    """Seconds between two copies, by how large the newest is."""
    newest_first: Sequence[Backup] = await awaited(store.backups())
    return newest_first[0].size_bytes / BYTES_WORTH_A_SECOND if newest_first else inf
