"""Google's Agent Development Kit, where it goes beyond OpenTelemetry's conventions."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Inside, SpanName
from reev_flow.trace.span import Operation

SCOPE = "gcp.vertex.agent"

GOOGLE_ADK = Dialect(
    name="Google ADK",
    unread=("gcp.vertex.agent.event_id", "gcp.vertex.agent.invocation_id"),
    span_names=(
        SpanName(operation=Operation.FLOW, prefix="invocation", is_whole=True, scope=SCOPE),
        SpanName(operation=Operation.AGENT, prefix="agent_run [", suffix="]"),
        SpanName(operation=Operation.LLM, prefix="call_llm", is_whole=True, scope=SCOPE),
        # the results of calls side by side once more, in one span that says it executed a tool
        SpanName(operation=Operation.OTHER, prefix="execute_tool (merged", suffix=")", is_certain=True),
    ),
    attributes={
        Concept.CONVERSATION: ("gcp.vertex.agent.session_id",),
        Concept.ARGUMENTS: ("gcp.vertex.agent.tool_call_args",),
        Concept.RESULT: ("gcp.vertex.agent.tool_response",),
        Concept.REASONING_TOKENS: ("gen_ai.usage.experimental.reasoning_tokens",),
        Concept.INPUT: ("gcp.vertex.agent.llm_request",),
        Concept.OUTPUT_MESSAGES: ("gcp.vertex.agent.llm_response",),
    },
    inside=(
        Inside(
            attribute="gcp.vertex.agent.llm_response",
            fields={
                Concept.TOTAL_TOKENS: (("usage_metadata", "total_token_count"),),
                Concept.CACHE_READ_TOKENS: (("usage_metadata", "cached_content_token_count"),),
                Concept.REASONING_TOKENS: (("usage_metadata", "thoughts_token_count"),),
            },
        ),
    ),
    # A call that failed has neither id nor result, and calls of tools have neither request nor reply.
    placeholders={
        "gen_ai.tool.call.id": ("<not specified>",),
        "gcp.vertex.agent.tool_response": ('{"result": "<not specified>"}',),
        "gcp.vertex.agent.llm_request": ("{}",),
        "gcp.vertex.agent.llm_response": ("{}",),
    },
)
