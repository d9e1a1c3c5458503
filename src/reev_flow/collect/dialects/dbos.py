"""DBOS: workflows and steps that survive crashes, in its current names and those it had first."""

from reev_flow.collect.dialects.dialect import Dialect, Kind
from reev_flow.trace.span import Operation

OPERATIONS = {
    "workflow": Operation.FLOW,
    "step": Operation.STEP,
    "transaction": Operation.STEP,
    "communicator": Operation.STEP,
    "procedure": Operation.STEP,
}

DBOS = Dialect(
    name="DBOS",
    seen=("dbos 3.4.0",),
    unread=(
        "dbos.operation.workflow_id",
        "dbos.executor.id",
        "dbos.application.*",
        "dbos.queue.name",
        "dbos.user.*",
        "events `Step attempt N failed`",
    ),
    kinds=(
        Kind(attribute="dbos.operation.type", meanings=OPERATIONS),
        Kind(attribute="operationType", meanings=OPERATIONS),
    ),
)
