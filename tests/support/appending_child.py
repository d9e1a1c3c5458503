"""A process that appends to sessions until it is killed: `python appending_child.py FOLDER SESSIONS [STEPS]`.

It goes on where the sessions stand, and writes a line to its output for every step that was acknowledged: the session and the entry.
"""

import asyncio
import os
import sys

from reev_flow.errors import SessionNotFound
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.sessions.store import SessionStore
from reev_flow.stores.urls import open_session_store
from support.sessions import Run, entry, new_session


class Resumed(Run):
    def __init__(self, store: SessionStore, name: str) -> None:
        try:
            self.store, self.session = store, store.load(name).result()
        except SessionNotFound:
            super().__init__(store, new_session(name))


async def append_until_killed(run: Run, steps: int) -> None:
    while run.session.entries < steps:
        await awaited(run.append(entry(1, value=os.urandom(200))))
        os.write(1, f"{run.session.session_id} {run.session.entries}\n".encode())


async def main(folder: str, names: list[str], steps: int) -> None:
    store = open_session_store(folder)
    runs = [Resumed(store, name) for name in names]
    os.write(1, b"ready 0\n")
    await asyncio.gather(*(append_until_killed(run, steps) for run in runs))
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]) if len(sys.argv) > 3 else sys.maxsize))
