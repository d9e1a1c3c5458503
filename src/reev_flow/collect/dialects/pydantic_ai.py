"""Pydantic AI, where it goes beyond or came before OpenTelemetry's conventions."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, SpanName
from reev_flow.trace.span import Operation

SCOPE = "pydantic-ai"

PYDANTIC_AI = Dialect(
    name="Pydantic AI",
    seen=("pydantic-ai-slim 2.68.0, data formats 5 and 2",),
    unread=(
        "pydantic_ai.all_messages",
        "pydantic_ai.tool.retry.*",
        "pydantic_ai.cache.*",
        "model_request_parameters",
        "model_name",
        "operation.cost",
        "gen_ai.agent.call.id",
    ),
    span_names=(
        SpanName(operation=Operation.TOOL, prefix="running tool: ", scope=SCOPE),
        SpanName(operation=Operation.TOOL, prefix="running tool", is_whole=True, scope=SCOPE),
        SpanName(operation=Operation.STEP, prefix="running ", suffix=" tools", scope=SCOPE),
        SpanName(operation=Operation.STEP, prefix="running tools", is_whole=True, scope=SCOPE),
        SpanName(operation=Operation.AGENT, prefix="agent run", is_whole=True, scope=SCOPE),
        SpanName(operation=Operation.AGENT, suffix=" run", scope=SCOPE),
    ),
    attributes={
        Concept.AGENT: ("agent_name",),
        Concept.ARGUMENTS: ("tool_arguments",),
        Concept.RESULT: ("tool_response",),
        Concept.INPUT_TOKENS: ("gen_ai.aggregated_usage.input_tokens",),
        Concept.OUTPUT_TOKENS: ("gen_ai.aggregated_usage.output_tokens",),
        Concept.CACHE_READ_TOKENS: (
            "gen_ai.aggregated_usage.cache_read.input_tokens",
            "gen_ai.usage.details.cache_read_tokens",
            "gen_ai.usage.details.cache_read_input_tokens",
        ),
        Concept.CACHE_WRITE_TOKENS: (
            "gen_ai.aggregated_usage.cache_creation.input_tokens",
            "gen_ai.usage.details.cache_write_tokens",
            "gen_ai.usage.details.cache_creation_input_tokens",
        ),
        Concept.REASONING_TOKENS: (
            "gen_ai.usage.details.reasoning_tokens",
            "gen_ai.aggregated_usage.details.reasoning_tokens",
        ),
        Concept.OUTPUT: ("final_result",),
    },
)
