"""Spans out of Langfuse's observations, as its API answers them and its export writes them."""

from collections.abc import Iterator, Mapping
from typing import Any

from reev_flow.collect.json_text import Unread, read_entries, read_fields
from reev_flow.collect.moments import read_moment
from reev_flow.collect.otlp_values import read_id, settle_times
from reev_flow.collect.plain_values import decoded_fields, plain_attributes, plain_value, text
from reev_flow.collect.report import Losses
from reev_flow.trace.span import Attributes, Span, Status

ERROR_LEVEL = "ERROR"

# As Langfuse's own SDK names them on its spans, so that one dialect reads both.
ATTRIBUTES = {
    "langfuse.observation.type": ("type",),
    "langfuse.observation.level": ("level",),
    "langfuse.observation.input": ("input",),
    "langfuse.observation.output": ("output",),
    "langfuse.observation.model.name": ("model", "providedModelName"),
    "langfuse.observation.model.parameters": ("modelParameters",),
    "langfuse.observation.usage_details": ("usageDetails", "usage"),
    "langfuse.observation.cost_details": ("costDetails",),
    "langfuse.observation.prompt.name": ("promptName",),
    "langfuse.environment": ("environment",),
    "langfuse.version": ("version",),
    "langfuse.trace.name": ("traceName",),
    "user.id": ("userId",),
    "session.id": ("sessionId",),
}
LOWER_CASE = ("langfuse.observation.type",)


def spans_of_trace(trace: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    """The observations of a trace. They inherit its session and user."""
    told = decoded_fields({name: trace[name] for name in ("id", "sessionId", "userId", "name") if name in trace})
    inherited = {**told, "traceId": told.get("id"), "traceName": told.get("name"), "id": None, "name": None}
    for raw in read_entries(trace.get("observations")) or ():
        fields = read_fields(raw)
        if fields is None:
            losses.misshapen("observations")
        else:
            own = {name: value for name, value in decoded_fields(fields).items() if value is not None}
            yield from _spans({**inherited, **own}, losses)


def spans_of_observation(fields: Mapping[str, Unread], losses: Losses) -> Iterator[Span]:
    yield from _spans(decoded_fields(fields), losses)


def _spans(raw: Mapping[str, Any], losses: Losses) -> Iterator[Span]:
    trace_id, span_id = _id(raw.get("traceId")), _id(raw.get("id"))
    if trace_id is None or span_id is None:
        losses.span_without_id(text(raw.get("name")))
        return
    start_ns, end_ns, flags = settle_times(read_moment(raw.get("startTime")), read_moment(raw.get("endTime")))
    yield Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_id=_id(raw.get("parentObservationId")),
        name=text(raw.get("name")),
        start_ns=start_ns,
        end_ns=start_ns if raw.get("type") == "EVENT" else end_ns,
        status=Status.ERROR if raw.get("level") == ERROR_LEVEL else Status.UNSET,
        status_message=text(raw.get("statusMessage")),
        attributes=_attributes(raw),
        flags=frozenset() if raw.get("type") == "EVENT" and start_ns else flags,
    )


def _attributes(raw: Mapping[str, Any]) -> Attributes:
    attributes: Attributes = {}
    for name, columns in ATTRIBUTES.items():
        value = next((raw[column] for column in columns if raw.get(column) not in (None, "", {}, [])), None)
        content = plain_value(value.lower() if name in LOWER_CASE and isinstance(value, str) else value)
        if content is not None:
            attributes[name] = content
    metadata = plain_attributes(raw.get("metadata"))
    return {**attributes, **{f"langfuse.observation.metadata.{name}": value for name, value in metadata.items()}}


def _id(raw: Any) -> str | None:
    """Those of the older SDKs are UUIDs; without their hyphens they are ids of a trace."""
    known = read_id(raw)
    return known.replace("-", "") if known is not None else None
