"""What the collector's own provider records when only a share of the traces is wanted."""

from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    Decision,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import get_current_span

from reev_flow.runtime.trace_choice import Wish


class _Recorded(Sampler):
    """Spans that are recorded and not sampled: nobody else exports them, and services that are called are told that they are not sampled."""

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,  # noqa: ARG002 - the SDK's
        name: str,  # noqa: ARG002 - the SDK's
        *args: Any,
        **options: Any,
    ) -> SamplingResult:
        attributes = args[1] if len(args) > 1 else options.get("attributes")
        state = get_current_span(parent_context).get_span_context().trace_state
        return SamplingResult(Decision.RECORD_ONLY, attributes, state)

    def get_description(self) -> str:
        return "Recorded"


class _Within(TraceIdRatioBased):
    """The share is sampled, the rest recorded."""

    def should_sample(
        self, parent_context: Context | None, trace_id: int, name: str, *args: Any, **options: Any
    ) -> SamplingResult:
        result = super().should_sample(parent_context, trace_id, name, *args, **options)
        if result.decision is Decision.RECORD_AND_SAMPLE:
            return result
        return _RECORDED.should_sample(parent_context, trace_id, name, *args, **options)

    def get_description(self) -> str:
        return f"ShareAndRecorded{{{self.rate}}}"


_RECORDED = _Recorded()


def sampler_for(wish: Wish) -> Sampler:
    """Whoever called this process has decided for it. Where traces are looked at before they are left out, all are recorded."""
    if not wish.looks_at_traces:
        return ParentBased(TraceIdRatioBased(wish.share))
    return ParentBased(_Within(wish.share), remote_parent_not_sampled=ALWAYS_OFF, local_parent_not_sampled=_RECORDED)
