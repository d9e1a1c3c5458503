"""OpenLLMetry, the words of Traceloop and of its instrumentations (`opentelemetry.instrumentation.*`)."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Kind
from reev_flow.trace.span import Operation

OPENLLMETRY = Dialect(
    name="OpenLLMetry",
    seen=(
        "traceloop-sdk 0.62.4 and 0.47.5",
        "opentelemetry-instrumentation-openai 0.62.4 and 0.47.5",
        "opentelemetry-instrumentation-langchain 0.62.4",
    ),
    unread=(
        "traceloop.entity.path",
        "traceloop.association.properties.*, except those above",
        "gen_ai.task.*",
        "gen_ai.workflow.nodes",
        "gen_ai.workflow.edges",
        "gen_ai.is_streaming",
        "gen_ai.openai.*",
    ),
    kinds=(
        Kind(
            attribute="traceloop.span.kind",
            meanings={
                "workflow": Operation.FLOW,
                "task": Operation.STEP,
                "agent": Operation.AGENT,
                "tool": Operation.TOOL,
            },
        ),
        Kind(
            attribute="llm.request.type",
            meanings={
                "chat": Operation.LLM,
                "completion": Operation.LLM,
                "embedding": Operation.EMBEDDING,
                "rerank": Operation.RETRIEVAL,
            },
        ),
    ),
    attributes={
        Concept.CONVERSATION: (
            "traceloop.association.properties.session_id",
            "traceloop.association.properties.conversation_id",
            "traceloop.association.properties.thread_id",
        ),
        Concept.WORKFLOW: ("traceloop.workflow.name",),
        Concept.ENTITY: ("traceloop.entity.name",),
        Concept.MODEL: ("llm.response.model", "llm.request.model"),
        Concept.PROVIDER: ("llm.vendor",),
        Concept.INPUT_TOKENS: ("llm.usage.prompt_tokens",),
        Concept.OUTPUT_TOKENS: ("llm.usage.completion_tokens",),
        Concept.TOTAL_TOKENS: ("llm.usage.total_tokens",),
        Concept.CACHE_READ_TOKENS: ("gen_ai.usage.cache_read_input_tokens",),
        Concept.CACHE_WRITE_TOKENS: ("gen_ai.usage.cache_creation_input_tokens",),
        Concept.REASONING_TOKENS: ("gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens"),
        Concept.FINISH_REASONS: (
            "gen_ai.response.finish_reason",
            "gen_ai.response.stop_reason",
            "llm.response.finish_reason",
            "llm.response.stop_reason",
        ),
        Concept.INPUT: ("traceloop.entity.input",),
        Concept.OUTPUT: ("traceloop.entity.output",),
    },
    indexed={
        Concept.INPUT: ("gen_ai.prompt.", "llm.prompts."),
        Concept.OUTPUT_MESSAGES: ("gen_ai.completion.", "llm.completions."),
    },
    quotes_text=True,
)
