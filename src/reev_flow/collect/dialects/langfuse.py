"""Langfuse, versions 3 to 5: its decorators, its callbacks and its own model clients."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Failure, Inside, Kind
from reev_flow.trace.span import Operation

LANGFUSE = Dialect(
    name="Langfuse",
    seen=("langfuse 5.0.4 (langgraph 1.2.22, openai 3.54.0)",),
    unread=(
        "langfuse.observation.cost_details",
        "langfuse.observation.model.parameters",
        "langfuse.observation.prompt.*",
        "langfuse.observation.metadata.*, except those above",
        "langfuse.trace.tags",
        "langfuse.trace.metadata.*",
        "langfuse.experiment.*",
        "langfuse.environment",
    ),
    kinds=(
        Kind(
            attribute="langfuse.observation.type",
            meanings={
                "generation": Operation.LLM,
                "tool": Operation.TOOL,
                "agent": Operation.AGENT,
                "chain": Operation.STEP,
                "retriever": Operation.RETRIEVAL,
                "embedding": Operation.EMBEDDING,
                "evaluator": Operation.STEP,
                "guardrail": Operation.STEP,
            },
            as_root={"chain": Operation.FLOW, "span": Operation.FLOW},
            if_nothing_else={"span": Operation.STEP, "event": Operation.STEP},  # it says so of others' spans as well
        ),
    ),
    attributes={
        Concept.CONVERSATION: ("langfuse.session.id",),
        Concept.WORKFLOW: ("langfuse.trace.name",),
        Concept.AGENT: ("langfuse.observation.metadata.lc_agent_name",),
        Concept.CALL_ID: ("langfuse.observation.metadata.tool_call_id",),
        Concept.MODEL: ("langfuse.observation.model.name",),
        Concept.PROVIDER: ("langfuse.observation.metadata.ls_provider",),
        Concept.INPUT: ("langfuse.observation.input", "langfuse.trace.input"),
        Concept.OUTPUT: ("langfuse.observation.output", "langfuse.trace.output"),
    },
    inside=(
        Inside(
            attribute="langfuse.observation.usage_details",
            fields={
                Concept.INPUT_TOKENS: (("input",), ("prompt_tokens",), ("input_tokens",), ("promptTokens",)),
                Concept.OUTPUT_TOKENS: (("output",), ("completion_tokens",), ("output_tokens",), ("completionTokens",)),
                Concept.TOTAL_TOKENS: (("total",), ("total_tokens",), ("totalTokens",)),
                Concept.CACHE_READ_TOKENS: (
                    ("input_cache_read",),
                    ("cache_read_input_tokens",),
                    ("input_cached_tokens",),
                    ("prompt_tokens_details", "cached_tokens"),
                    ("input_tokens_details", "cached_tokens"),
                ),
                Concept.CACHE_WRITE_TOKENS: (("input_cache_creation",), ("cache_creation_input_tokens",)),
                Concept.REASONING_TOKENS: (
                    ("output_reasoning",),
                    ("output_reasoning_tokens",),
                    ("completion_tokens_details", "reasoning_tokens"),
                    ("output_tokens_details", "reasoning_tokens"),
                ),
            },
        ),
    ),
    failures=(Failure(attribute="langfuse.observation.level", value="error"),),
)
