"""What other tools take for the same steps, each in a process of its own beside a floor from right after.

A peer that is not installed is left out. All of them run an interrupted step again, so a step of theirs is to be compared with our
`rerun`. How durable it is, is asked of their database and said beside the figure.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from raw_commits import RawCommits
from session_rows import Row, row_of_rates, row_of_times
from session_work import EACH, FLOWS

PEERS = {"DBOS": "peer_dbos.py", "LangGraph": "peer_langgraph.py", "Burr": "peer_burr.py"}
LONGEST_SECONDS = 300
ROUNDS = 3
KB = 1_024


class Peer:
    """One tool, run by a Python that has it."""

    def __init__(self, name: str, python: Path, folder: Path) -> None:
        self.name = name
        self.durability = ""
        self._python = python
        self._folder = folder

    def measure(self, what: str) -> float | None:
        """None when it is not installed, or did not come to an end."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            command = [str(self._python), str(Path(__file__).with_name(PEERS[self.name])), what, folder]
            try:
                said = subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_SECONDS).stdout
            except (subprocess.SubprocessError, OSError):
                return None
        answer = json.loads(said.splitlines()[-1])
        self.durability = answer["durability"]
        return float(answer["measured"])


def python_of(environment: Path | None) -> Path:
    return Path(sys.executable) if environment is None else environment / "bin" / "python"


def peer_rows(python: Path, folder: Path, raw: RawCommits) -> list[Row]:
    return [row for name in PEERS for row in _rows_of(Peer(name, python, folder), raw)]


def _rows_of(peer: Peer, raw: RawCommits) -> list[Row]:
    times = [(took, raw.p50()) for _ in range(ROUNDS) if (took := peer.measure("alone")) is not None]
    if not times:
        return [Row(f"{peer.name} is not there", "")]
    rates = [(rate, _lockstep(raw)) for _ in range(ROUNDS) if (rate := peer.measure("together")) is not None]
    rows = [
        row_of_times(f"{peer.name}, a step of one flow, p50", times)._replace(floor_is=f"theirs: {peer.durability}")
    ]
    if rates:
        rows.append(row_of_rates(f"{peer.name}, {FLOWS} flows at once, {EACH} steps each", rates))
    memory = peer.measure("memory")
    return rows if memory is None else [*rows, Row(f"{peer.name}, memory of a flow in a step", f"{memory / KB:.1f} KB")]


def _lockstep(raw: RawCommits) -> float:
    return raw.rows_per_second(EACH, FLOWS)
