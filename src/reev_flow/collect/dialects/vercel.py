"""The Vercel AI SDK: versions 3.3 to 6."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Kind
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
    kinds=(
        Kind(attribute="ai.operationId", meanings=OPERATIONS),
        Kind(attribute="operation.name", meanings=OPERATIONS),
    ),
    attributes={
        Concept.CONVERSATION: (
            "ai.telemetry.metadata.sessionId",
            "ai.telemetry.metadata.conversationId",
            "ai.telemetry.metadata.threadId",
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
)
