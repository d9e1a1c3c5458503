"""What would be if operations took longer or shorter, as JSON."""

from typing import Any

import msgspec

from reev_flow.analysis.insights import FlowInsights
from reev_flow.analysis.replay.changes import Change
from reev_flow.analysis.replay.sensitivities import paying_most
from reev_flow.analysis.replay.what_if import Prediction
from reev_flow.render.analysis_parts import SensitivityPart, sensitivity_parts
from reev_flow.render.bounded import bounded_text
from reev_flow.render.document import DOCUMENT_VERSION


class ChangePart(msgspec.Struct, frozen=True, kw_only=True):
    """`set_ns` replaces a duration, else it is divided by `speed`, and `added_ns` is added."""

    name: str
    speed: float
    added_ns: int
    set_ns: int | None


class WhatIfDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Of one run. Where nothing of it is called so, there is no prediction and `unavailable` says why.

    `replayed_spans` of the `span_count` spans were worked out again: the operations, and infrastructure that a change named. `guessed_spans` of
    these say nothing of what they waited for: that was taken from times. `changed_spans` are indexes of the spans in the document of the run.
    """

    version: int
    trace_id: str
    name: str
    span_count: int
    before_ns: int
    changes: list[ChangePart]
    changed_spans: list[int]
    predicted_ns: int | None
    saved_ns: int | None
    replayed_spans: int
    guessed_spans: int
    warnings: list[str]
    pays_most: list[SensitivityPart]
    unavailable: str | None


def what_if_document(insights: FlowInsights, prediction: Prediction | None, unavailable: str = "") -> WhatIfDocument:
    trace = insights.trace
    return WhatIfDocument(
        version=DOCUMENT_VERSION,
        trace_id=trace.trace_id,
        name=bounded_text(trace.name),
        span_count=len(trace),
        before_ns=trace.duration_ns,
        changes=[_change(change) for change in prediction.changes] if prediction else [],
        changed_spans=list(prediction.changed) if prediction else [],
        predicted_ns=prediction.duration_ns if prediction else None,
        saved_ns=prediction.saved_ns if prediction else None,
        replayed_spans=len(prediction.replayed if prediction else insights.schedule.operations.positions),
        guessed_spans=prediction.guessed if prediction else insights.schedule.guessed,
        warnings=[bounded_text(warning) for warning in prediction.warnings] if prediction else [],
        pays_most=sensitivity_parts(paying_most(insights.sensitivities)),
        unavailable=bounded_text(unavailable) if unavailable else None,
    )


def what_if_schema() -> dict[str, Any]:
    """The JSON Schema of `WhatIfDocument`."""
    return msgspec.json.schema(WhatIfDocument)


def _change(change: Change) -> ChangePart:
    return ChangePart(
        name=bounded_text(change.name), speed=float(change.speed), added_ns=change.added_ns, set_ns=change.set_ns
    )
