"""What `--json` prints: one object that lists the runs and what could not be read."""

from collections.abc import Callable, Sequence

import msgspec

from reev_flow.analysis.insights import FlowInsights
from reev_flow.cli.inputs import Reading
from reev_flow.version import __version__


def documents_json(runs: Sequence[FlowInsights], reading: Reading, tell: Callable[[FlowInsights], object]) -> str:
    """`tell` says what is wanted of a run, as something that becomes a JSON object; the run's source is put at its head."""
    told = {
        "reev_flow": __version__,
        "runs": [_with_source(reading.source_of[run.trace.trace_id], tell(run)) for run in runs],
        "problems": [
            {"source": problem.source, "line": problem.line, "details": problem.details, "advice": problem.advice}
            for problem in reading.problems
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def _with_source(source: str, document: object) -> msgspec.Raw:
    head = msgspec.json.encode({"source": source})
    return msgspec.Raw(head[:-1] + b"," + msgspec.json.encode(document)[1:])
