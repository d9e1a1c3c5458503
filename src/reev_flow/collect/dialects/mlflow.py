"""MLflow, versions 2.14 to 3: every value is JSON, plain text included."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Inside, Kind
from reev_flow.trace.span import Operation

MLFLOW = Dialect(
    name="MLflow",
    seen=("mlflow-tracing 3.17.2 (langgraph 1.2.22, openai 3.54.0), also with MLFLOW_ENABLE_OTEL_GENAI_SEMCONV",),
    unread=(
        "mlflow.traceRequestId",
        "mlflow.spanFunctionName",
        "mlflow.spanLogLevel",
        "mlflow.chat.tools",
        "mlflow.message.format",
        "mlflow.llm.cost",
        "invocation_params",
        "batch_size",
    ),
    kinds=(
        Kind(
            attribute="mlflow.spanType",
            meanings={
                "llm": Operation.LLM,
                "chat_model": Operation.LLM,
                "tool": Operation.TOOL,
                "agent": Operation.AGENT,
                "chain": Operation.STEP,
                "workflow": Operation.FLOW,
                "task": Operation.STEP,
                "retriever": Operation.RETRIEVAL,
                "reranker": Operation.RETRIEVAL,
                "embedding": Operation.EMBEDDING,
                "parser": Operation.STEP,
                "memory": Operation.STEP,
                "guardrail": Operation.STEP,
                "evaluator": Operation.STEP,
            },
            as_root={"chain": Operation.FLOW},
        ),
    ),
    attributes={
        Concept.CONVERSATION: ("mlflow.trace.session",),
        Concept.CALL_ID: ("tool_call_id",),
        Concept.MODEL: ("mlflow.llm.model",),
        Concept.PROVIDER: ("mlflow.llm.provider",),
        Concept.INPUT: ("mlflow.spanInputs",),
        Concept.OUTPUT: ("mlflow.spanOutputs",),
    },
    inside=(
        Inside(
            attribute="mlflow.chat.tokenUsage",
            fields={
                Concept.INPUT_TOKENS: (("input_tokens",),),
                Concept.OUTPUT_TOKENS: (("output_tokens",),),
                Concept.TOTAL_TOKENS: (("total_tokens",),),
                Concept.CACHE_READ_TOKENS: (("cache_read_input_tokens",),),
                Concept.CACHE_WRITE_TOKENS: (("cache_creation_input_tokens",),),
            },
        ),
    ),
    quotes_text=True,
)
