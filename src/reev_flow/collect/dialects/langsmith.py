"""LangSmith, whose client can export its runs to OpenTelemetry."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Failure, Inside, Kind
from reev_flow.trace.span import Operation

LANGSMITH = Dialect(
    name="LangSmith",
    seen=("langsmith 0.15.0 (langgraph 1.2.22)",),
    unread=(
        "langsmith.trace.session_name",  # of a project, not of a conversation
        "langsmith.trace.session_id",
        "langsmith.trace.name",
        "langsmith.span.tags",
        "langsmith.metadata.langgraph_*",
        "gen_ai.serialized.*",
    ),
    kinds=(
        Kind(
            attribute="langsmith.span.kind",
            meanings={
                "llm": Operation.LLM,
                "tool": Operation.TOOL,
                "chain": Operation.STEP,
                "retriever": Operation.RETRIEVAL,
                "embedding": Operation.EMBEDDING,
                "prompt": Operation.STEP,
                "parser": Operation.STEP,
            },
            as_root={"chain": Operation.FLOW},
        ),
    ),
    attributes={
        Concept.CONVERSATION: (
            "langsmith.metadata.session_id",
            "langsmith.metadata.conversation_id",
            "langsmith.metadata.thread_id",
        ),
        Concept.AGENT: ("langsmith.metadata.lc_agent_name",),
        Concept.PROVIDER: ("langsmith.metadata.ls_provider",),
    },
    inside=(
        Inside(
            attribute="langsmith.metadata.usage_metadata",
            fields={
                Concept.INPUT_TOKENS: (("input_tokens",),),
                Concept.OUTPUT_TOKENS: (("output_tokens",),),
                Concept.TOTAL_TOKENS: (("total_tokens",),),
                Concept.CACHE_READ_TOKENS: (("input_token_details", "cache_read"),),
                Concept.CACHE_WRITE_TOKENS: (("input_token_details", "cache_creation"),),
                Concept.REASONING_TOKENS: (("output_token_details", "reasoning"),),
            },
        ),
        Inside(
            attribute="gen_ai.usage.input_token_details",
            fields={
                Concept.CACHE_READ_TOKENS: (("cache_read",),),
                Concept.CACHE_WRITE_TOKENS: (("cache_creation",),),
            },
        ),
        Inside(attribute="gen_ai.usage.output_token_details", fields={Concept.REASONING_TOKENS: (("reasoning",),)}),
    ),
    # It says OK when a run is created, and a status that was OK cannot become an error.
    failures=(Failure(event="exception", scope="langsmith"),),
    placeholders={"gen_ai.completion": ("{}",)},  # of a run that failed
)
