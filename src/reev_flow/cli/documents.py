"""What `--json` prints: one object that lists the runs and what could not be read."""

from collections.abc import Iterable

import msgspec

from reev_flow.cli.inputs import Reading
from reev_flow.version import __version__


def documents_json(told: Iterable[tuple[str, object]], reading: Reading) -> str:
    """What is told of each run, by its trace id, as something that becomes a JSON object; the run's source is put at its head, and its state
    if it is in a store.
    """
    told_whole = {
        "reev_flow": __version__,
        "runs": [_with_head(_head(trace_id, reading), about) for trace_id, about in told],
        "problems": [
            {"source": problem.source, "line": problem.line, "details": problem.details, "advice": problem.advice}
            for problem in reading.problems
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told_whole), indent=2).decode() + "\n"


def _head(trace_id: str, reading: Reading) -> dict[str, str]:
    state = reading.state_of.get(trace_id)
    return {"source": reading.source_of[trace_id]} | ({} if state is None else {"state": state.value})


def _with_head(head: dict[str, str], document: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(head)[:-1] + b"," + msgspec.json.encode(document)[1:])
