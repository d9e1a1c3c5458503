"""The Vercel AI SDK: versions 3.3 to 6. From 7 on it writes OpenTelemetry's words."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Inside, Kind
from reev_flow.trace.span import Operation

# The outer span of a call runs the loop of model calls and tools; the model is asked by its `do...` children.
OPERATIONS = {
    "ai.generatetext": Operation.AGENT,
    "ai.streamtext": Operation.AGENT,
    "ai.generateobject": Operation.AGENT,
    "ai.streamobject": Operation.AGENT,
    "ai.generatetext.dogenerate": Operation.LLM,
    "ai.streamtext.dostream": Operation.LLM,
    "ai.generateobject.dogenerate": Operation.LLM,
    "ai.streamobject.dostream": Operation.LLM,
    "ai.embed": Operation.STEP,
    "ai.embedmany": Operation.STEP,
    "ai.embed.doembed": Operation.EMBEDDING,
    "ai.embedmany.doembed": Operation.EMBEDDING,
    "ai.rerank": Operation.STEP,
    "ai.rerank.dorerank": Operation.RETRIEVAL,
    "ai.toolcall": Operation.TOOL,
}

VERCEL = Dialect(
    name="Vercel AI SDK",
    seen=("ai 4.3.19", "ai 5.0.277", "ai 6.0.324", "ai 7.0.173 with @ai-sdk/otel 1.0.173 (OpenTelemetry's words)"),
    unread=(
        "ai.prompt.tools",
        "ai.prompt.toolChoice",
        "ai.settings.*",
        "ai.request.headers.*",
        "ai.response.id",
        "ai.response.timestamp",
        "ai.response.reasoning",
        "ai.schema.*",
        "events `ai.stream.firstChunk`, `ai.stream.finish`",
    ),
    kinds=(
        Kind(attribute="ai.operationId", meanings=OPERATIONS),
        Kind(attribute="operation.name", meanings=OPERATIONS),
    ),
    attributes={
        Concept.CONVERSATION: (
            "ai.telemetry.metadata.sessionId",
            "ai.telemetry.metadata.conversationId",
            "ai.telemetry.metadata.threadId",
            "ai.telemetry.metadata.chatId",
            "ai.telemetry.metadata.session_id",
            "ai.telemetry.metadata.conversation_id",
            "ai.telemetry.metadata.thread_id",
        ),
        Concept.AGENT: ("ai.telemetry.functionId",),
        Concept.TOOL_NAME: ("ai.toolCall.name",),
        Concept.CALL_ID: ("ai.toolCall.id",),
        Concept.ARGUMENTS: ("ai.toolCall.args", "ai.toolCall.input"),
        Concept.RESULT: ("ai.toolCall.result", "ai.toolCall.output"),
        Concept.MODEL: ("ai.response.model", "ai.model.id"),
        Concept.PROVIDER: ("ai.model.provider",),
        Concept.INPUT_TOKENS: ("ai.usage.inputTokens", "ai.usage.promptTokens", "ai.usage.tokens"),
        Concept.OUTPUT_TOKENS: ("ai.usage.outputTokens", "ai.usage.completionTokens"),
        Concept.TOTAL_TOKENS: ("ai.usage.totalTokens",),
        Concept.CACHE_READ_TOKENS: ("ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"),
        Concept.CACHE_WRITE_TOKENS: ("ai.usage.inputTokenDetails.cacheWriteTokens",),
        Concept.REASONING_TOKENS: ("ai.usage.outputTokenDetails.reasoningTokens", "ai.usage.reasoningTokens"),
        Concept.FINISH_REASONS: ("ai.response.finishReason", "ai.finishReason", "gen_ai.finishReason"),
        Concept.ANSWER: ("ai.response.text", "ai.response.object", "ai.result.text", "ai.result.object"),
        Concept.REQUESTS: ("ai.response.toolCalls", "ai.result.toolCalls"),
        Concept.INPUT: ("ai.prompt.messages", "ai.prompt", "ai.value", "ai.values"),
    },
    inside=(
        Inside(
            attribute="ai.response.providerMetadata",
            fields={
                Concept.CACHE_READ_TOKENS: (("*", "cachedPromptTokens"), ("*", "cacheReadInputTokens")),
                Concept.CACHE_WRITE_TOKENS: (("*", "cacheCreationInputTokens"),),
                Concept.REASONING_TOKENS: (("*", "reasoningTokens"),),
            },
        ),
    ),
)
