"""AGNTCY's observe SDK (`ioa_observe`), which stands beside OpenLLMetry's instrumentations."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Failure, Kind
from reev_flow.trace.span import Operation

IOA_OBSERVE = Dialect(
    name="ioa_observe",
    seen=("ioa-observe-sdk 1.1.0",),
    unread=(
        "ioa_observe.agent.*",
        "ioa_observe.entity.description",
        "ioa_observe.association.properties.langgraph_*",
        "agent_id",
        "spans `agent_start_event`, `agent_end_event`, `session.start`",
    ),
    kinds=(
        Kind(
            attribute="ioa_observe.span.kind",
            meanings={
                "workflow": Operation.FLOW,
                "graph": Operation.FLOW,
                "task": Operation.STEP,
                "agent": Operation.AGENT,
                "tool": Operation.TOOL,
            },
        ),
    ),
    attributes={
        Concept.CONVERSATION: ("ioa_observe.association.properties.session_id", "execution.id"),
        Concept.WORKFLOW: ("ioa_observe.workflow.name",),
        Concept.ENTITY: ("ioa_observe.entity.name",),
        Concept.INPUT: ("ioa_observe.entity.input",),
        Concept.OUTPUT: ("ioa_observe.entity.output",),
    },
    failures=(Failure(attribute="execution.success", value="false", scope="ioa"),),
    quotes_text=True,
)
