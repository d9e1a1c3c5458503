"""What came of an import, for people and for programs."""

from collections.abc import Sequence
from typing import Any

from reev_flow.errors import InvalidFormat, ReevFlowError
from reev_flow.runtime.importing import MOST_COUNTED_RUNS, Imported


def import_text(imported: Imported, location: str) -> str:
    """One line for people, none when there was nothing to import."""
    if not imported.pieces:
        return ""
    what = _counted(imported.spans, "span") if imported.spans else "what logs tell"
    told = f"{what} of {_runs(imported.runs)}"
    if not imported.new:
        return f"nothing new: {told} in {location} already\n"
    known = imported.pieces - imported.new
    partly = f"; {known:,} of {imported.pieces:,} batches were there already" if known else ""
    return f"imported {told} into {location}{partly}\n"


def import_document(
    imported: Imported, location: str, problems: Sequence[InvalidFormat], failure: ReevFlowError | None
) -> dict[str, Any]:
    return {
        "store": location,
        "spans": imported.spans,
        "runs": imported.runs,
        "batches": imported.pieces,
        "new_batches": imported.new,
        "problems": [str(problem) for problem in problems],
        "failure": None if failure is None else str(failure),
    }


def _runs(count: int) -> str:
    return f"more than {MOST_COUNTED_RUNS:,} runs" if count >= MOST_COUNTED_RUNS else _counted(count, "run")


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one}{'' if count == 1 else 's'}"
