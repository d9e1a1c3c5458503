"""Who can write the run, by the name under which the table of excuses lists them."""

from collections.abc import Callable

from conformance.logical_run import LogicalRun
from conformance.writers import (
    genai,
    genai_events,
    genai_log_details,
    google_adk,
    ioa_observe,
    langfuse,
    langsmith,
    mlflow,
    openinference,
    openllmetry,
    pydantic_ai,
    reev,
    smolagents,
    strands,
    vercel,
)
from conformance.written import Written

DIALECTS: dict[str, Callable[[LogicalRun], Written]] = {
    "GenAI": genai.write,
    "GenAI, structured": genai.write_structured,
    "GenAI, details in logs": genai_log_details.write,
    "GenAI 1.36, span events": genai_events.write,
    "GenAI 1.36, log events": genai_events.write_logs,
    "OpenInference": openinference.write,
    "OpenLLMetry": openllmetry.write,
    "OpenLLMetry 0.40": openllmetry.write_older,
    "ioa_observe": ioa_observe.write,
    "Vercel AI SDK 6": vercel.write,
    "Vercel AI SDK 4": vercel.write_version_4,
    "LangSmith": langsmith.write,
    "Langfuse, LangChain": langfuse.write,
    "Langfuse, OpenAI": langfuse.write_client,
    "MLflow": mlflow.write,
    "Logfire and Pydantic AI": pydantic_ai.write,
    "Pydantic AI, format 2": pydantic_ai.write_format_2,
    "smolagents": smolagents.write,
    "Strands Agents": strands.write,
    "Strands Agents, details": strands.write_details,
    "Google ADK": google_adk.write,
    "reev-flow": reev.write,
}
