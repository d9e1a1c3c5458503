"""Attribute names that code reads or writes by name; the names of vendors are tables in `collect.dialects`."""

SERVICE_NAME = "service.name"
HTTP_STATUS_NAMES = ("http.response.status_code", "http.status_code")
ERROR_TYPE = "error.type"

OWN_SCOPE = "reev_flow"
"""The instrumentation scope of spans that this package makes while code runs."""
SESSION_SCOPE = "reev_flow.sessions"
"""That of flow and step spans, which the journal knows too."""

REEV_OPERATION = "reev.operation"
REEV_IGNORE = "reev.ignore"  # findings that do not count below a span: "RF101: why", or a list of such
REEV_CONVERSATION_ID = "reev.conversation.id"
REEV_INPUT = "reev.input"
REEV_OUTPUT = "reev.output"
REEV_SESSION_ID = "reev.session.id"
REEV_FORKED_FROM = "reev.forked.from"  # the session whose steps a session begins with
REEV_FORKED_STEP = "reev.forked.step"  # and the step before which they part
REEV_SESSION_STATE = "reev.session.state"
REEV_STEP_ID = "reev.step.id"
REEV_STEP_ATTEMPT = "reev.step.attempt"
REEV_STEP_EFFECT = "reev.step.effect"
REEV_OUTCOME = "reev.outcome"
REEV_REASON = "reev.reason"  # of an interruption or of a time in which nobody worked
REEV_SETTLED = "reev.settled"  # what was found out about an interrupted attempt
REEV_QUESTION = "reev.question"
REEV_BY = "reev.by"  # who answered, or found out
REEV_GAP = "reev.gap"  # why a run stood still
REEV_AFTER = "reev.after"  # ids of the siblings whose ends a span's start waited for
REEV_JOINED = "reev.joined"  # ids of the children whose ends a span's end waited for

GEN_AI_OPERATION = "gen_ai.operation.name"
GEN_AI_WORKFLOW = "gen_ai.workflow.name"
GEN_AI_AGENT = "gen_ai.agent.name"
GEN_AI_TOOL = "gen_ai.tool.name"
GEN_AI_CALL_ID = "gen_ai.tool.call.id"
GEN_AI_ARGUMENTS = "gen_ai.tool.call.arguments"
GEN_AI_RESULT = "gen_ai.tool.call.result"
GEN_AI_PROVIDER = "gen_ai.provider.name"
GEN_AI_REQUEST_MODEL = "gen_ai.request.model"
GEN_AI_INPUT_MESSAGES = "gen_ai.input.messages"
GEN_AI_OUTPUT_MESSAGES = "gen_ai.output.messages"
GEN_AI_QUERY = "gen_ai.retrieval.query.text"
GEN_AI_DOCUMENTS = "gen_ai.retrieval.documents"
GEN_AI_INPUT_TOKENS = "gen_ai.usage.input_tokens"
GEN_AI_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
