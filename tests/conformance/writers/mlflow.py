"""MLflow: its decorators around an OpenAI client that it patches. Every value is JSON.

Written from recordings of mlflow-tracing 3.17.2.
"""

from typing import Any

from conformance.json_texts import python_json
from conformance.logical_run import AGENT, FLOW, MODEL, MODEL_ASKED, QUESTION, LogicalRun, ToolRun, Turn
from conformance.openai_api import completion, messages_before
from conformance.written import ERROR, OK, Pen, Written, WrittenSpan, exception

SCOPE = "mlflow.tracing.provider"


def write(run: LogicalRun) -> Written:
    pen = Pen(run, SCOPE)
    question = {"question": QUESTION}
    flow = _told(run, "CHAIN", question, run.answer)
    agent = _told(run, "AGENT", question, run.answer)
    written = [pen.span(run.flow, None, FLOW, flow, status=OK), pen.span(run.agent, run.flow, AGENT, agent, status=OK)]
    for turn in run.turns:
        written.append(pen.span(turn.work, run.agent, "Completions", _model_call(run, turn), status=OK))
        written += [_tool(pen, run, tool) for tool in turn.tools]
    return Written(spans=tuple(written))


def _told(run: LogicalRun, kind: str, given: Any, returned: Any) -> dict[str, Any]:
    return {
        "mlflow.traceRequestId": python_json(f"tr-{run.trace_id}"),
        "mlflow.spanType": python_json(kind),
        "mlflow.spanInputs": python_json(given),
        "mlflow.spanOutputs": None if returned is None else python_json(returned),
        "mlflow.spanLogLevel": "20",
    }


def _model_call(run: LogicalRun, turn: Turn) -> dict[str, Any]:
    usage = turn.usage
    counts = {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "total_tokens": usage.total,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation_input_tokens": usage.cache_write,
    }
    given = {"model": MODEL_ASKED, "messages": messages_before(run, turn)}
    return _told(run, "CHAT_MODEL", given, completion(turn)) | {
        "model": python_json(MODEL_ASKED),
        "mlflow.message.format": python_json("openai"),
        "mlflow.llm.model": python_json(MODEL),
        "mlflow.chat.tokenUsage": python_json(counts),
    }


def _tool(pen: Pen, run: LogicalRun, tool: ToolRun) -> WrittenSpan:
    attributes = _told(run, "TOOL", tool.asked.arguments, tool.result)
    attributes["mlflow.spanFunctionName"] = python_json(tool.asked.name)
    status, message = (ERROR, f"{tool.error_class}: {tool.error}") if tool.error else (OK, "")
    return pen.span(
        tool.work, run.agent, tool.asked.name, attributes, status=status, message=message, events=exception(tool)
    )
