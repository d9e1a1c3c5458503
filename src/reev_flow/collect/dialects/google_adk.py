"""Google's Agent Development Kit, where it goes beyond OpenTelemetry's conventions."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, SpanName
from reev_flow.trace.span import Operation

SCOPE = "gcp.vertex.agent"

GOOGLE_ADK = Dialect(
    name="Google ADK",
    unread=("gcp.vertex.agent.event_id", "gcp.vertex.agent.invocation_id"),
    span_names=(
        SpanName(operation=Operation.FLOW, prefix="invocation", is_whole=True, scope=SCOPE),
        SpanName(operation=Operation.AGENT, prefix="agent_run [", suffix="]"),
        SpanName(operation=Operation.LLM, prefix="call_llm", is_whole=True, scope=SCOPE),
    ),
    attributes={
        Concept.CONVERSATION: ("gcp.vertex.agent.session_id",),
        Concept.ARGUMENTS: ("gcp.vertex.agent.tool_call_args",),
        Concept.RESULT: ("gcp.vertex.agent.tool_response",),
        Concept.REASONING_TOKENS: ("gen_ai.usage.experimental.reasoning_tokens",),
        Concept.INPUT: ("gcp.vertex.agent.llm_request",),
        Concept.OUTPUT_MESSAGES: ("gcp.vertex.agent.llm_response",),
    },
)
