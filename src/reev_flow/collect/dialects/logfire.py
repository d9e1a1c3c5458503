"""Logfire, which sends a pending span when work begins and the span itself when it is over."""

from reev_flow.collect.dialects.dialect import Beginning, Concept, Dialect

LOGFIRE = Dialect(
    name="Logfire",
    seen=("logfire 5.2.0 (pydantic-ai-slim 2.68.0)",),
    unread=(
        "logfire.msg",
        "logfire.msg_template",
        "logfire.json_schema",
        "logfire.level_num",
        "logfire.metrics",
        "logfire.tags",
        "logfire.exception.fingerprint",
    ),
    beginnings=(Beginning(attribute="logfire.span_type", value="pending_span", parent="logfire.pending_parent_id"),),
    # what its instrumentations of model clients add
    attributes={
        Concept.INPUT: ("request_data",),
        Concept.OUTPUT_MESSAGES: ("response_data",),
    },
)
