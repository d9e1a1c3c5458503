"""What need not be waited for: it rides with its session's next commit, or has one of its own when there is none for a while."""

import asyncio

from reev_flow.sessions.recorder import Recorder

LONGEST_UNSAVED_SECONDS = 0.02


class Unsaved:
    """The sessions of one event loop that have something like that. One timer serves them all: one for each costs more than their entries."""

    def __init__(self) -> None:
        self._recorders: dict[str, Recorder] = {}

    def add(self, recorder: Recorder) -> None:
        if not self._recorders:
            asyncio.get_running_loop().call_later(LONGEST_UNSAVED_SECONDS, self._save)
        self._recorders[recorder.session_id] = recorder

    def _save(self) -> None:
        recorders, self._recorders = self._recorders, {}
        for recorder in recorders.values():
            if recorder.has_unsaved:
                recorder.commit_unwatched()
