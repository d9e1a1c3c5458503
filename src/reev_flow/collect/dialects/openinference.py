"""OpenInference, the words of Arize and Phoenix and of their instrumentations."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Inside, Kind
from reev_flow.trace.span import Operation

OPENINFERENCE = Dialect(
    name="OpenInference",
    seen=(
        "openinference-instrumentation-openai-agents 2.6.0",
        "openinference-instrumentation-langchain 0.1.80",
        "openinference-instrumentation-openai 0.1.66",
        "openinference-instrumentation 0.1.72 (decorators)",
        "openinference-instrumentation-smolagents 0.1.43",
    ),
    unread=(
        "llm.invocation_parameters",
        "llm.tools.*",
        "llm.prompts.*",
        "llm.cost.*",
        "llm.token_count.*.audio",
        "graph.node.*",
        "embedding.embeddings.*",
        "tag.tags",
        "user.id",
    ),
    kinds=(
        Kind(
            attribute="openinference.span.kind",
            meanings={
                "llm": Operation.LLM,
                "tool": Operation.TOOL,
                "agent": Operation.AGENT,
                "chain": Operation.STEP,
                "retriever": Operation.RETRIEVAL,
                "reranker": Operation.RETRIEVAL,
                "embedding": Operation.EMBEDDING,
                "guardrail": Operation.STEP,
                "evaluator": Operation.STEP,
                "prompt": Operation.STEP,
            },
            as_root={"chain": Operation.FLOW},
        ),
    ),
    attributes={
        Concept.CONVERSATION: ("session.id",),
        Concept.AGENT: ("agent.name",),
        Concept.TOOL_NAME: ("tool.name", "tool_call.function.name"),
        Concept.CALL_ID: ("tool_call.id", "tool.id"),
        Concept.ARGUMENTS: ("tool_call.function.arguments",),
        Concept.MODEL: (
            "llm.response.model_name",
            "llm.model_name",
            "llm.request.model_name",
            "embedding.model_name",
            "reranker.model_name",
        ),
        Concept.PROVIDER: ("llm.provider", "llm.system"),
        Concept.INPUT_TOKENS: ("llm.token_count.prompt",),
        Concept.OUTPUT_TOKENS: ("llm.token_count.completion",),
        Concept.TOTAL_TOKENS: ("llm.token_count.total",),
        Concept.CACHE_READ_TOKENS: (
            "llm.token_count.prompt_details.cache_read",
            "llm.token_count.prompt_details.cache_input",
        ),
        Concept.CACHE_WRITE_TOKENS: ("llm.token_count.prompt_details.cache_write",),
        Concept.REQUESTS: ("llm.function_call",),
        Concept.REASONING_TOKENS: ("llm.token_count.completion_details.reasoning",),
        Concept.FINISH_REASONS: ("llm.finish_reason",),
        Concept.INPUT: ("input.value",),
        Concept.OUTPUT: ("output.value",),
    },
    inside=(
        Inside(
            attribute="metadata",
            fields={Concept.CONVERSATION: (("session_id",), ("conversation_id",), ("thread_id",))},
        ),
    ),
    indexed={
        Concept.INPUT: ("llm.input_messages.",),
        Concept.OUTPUT_MESSAGES: ("llm.output_messages.", "llm.choices."),
        Concept.OUTPUT: ("retrieval.documents.", "reranker.output_documents."),
    },
)
