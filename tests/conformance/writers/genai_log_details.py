"""OpenTelemetry's GenAI conventions as they are now, with what was said in a log record for each call of a model."""

from conformance.genai_messages import input_messages, output_messages
from conformance.json_texts import python_json
from conformance.logical_run import MODEL_ASKED, LogicalRun
from conformance.writers.genai import SCOPE, spans
from conformance.written import Written, WrittenLog

DETAILS = "gen_ai.client.inference.operation.details"


def write(run: LogicalRun) -> Written:
    logs = [
        WrittenLog(
            trace_id=run.trace_id,
            span_id=turn.work.span_id,
            time_ns=turn.work.end_ns,
            event=DETAILS,
            scope=SCOPE,
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": MODEL_ASKED,
                "gen_ai.input.messages": input_messages(run, turn),
                "gen_ai.output.messages": output_messages(turn),
            },
        )
        for turn in run.turns
    ]
    return Written(spans=spans(run, python_json, with_content=False), logs=tuple(logs))
