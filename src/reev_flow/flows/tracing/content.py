"""Whether what goes into work and comes out of it is written on spans that others see."""

from collections.abc import Mapping

import msgspec

from reev_flow.trace import semantics
from reev_flow.trace.span import Attributes

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CAPTURED = frozenset({"true", "1", "span_only", "span_and_event"})
NOT_CAPTURED = frozenset({"false", "0", "no_content", "event_only"})
TRUE = frozenset({"true", "1"})
FALSE = frozenset({"false", "0"})

INPUTS = frozenset(
    {
        semantics.REEV_INPUT,
        semantics.REEV_QUESTION,
        semantics.GEN_AI_ARGUMENTS,
        semantics.GEN_AI_INPUT_MESSAGES,
        semantics.GEN_AI_QUERY,
    }
)
OUTPUTS = frozenset(
    {
        semantics.REEV_OUTPUT,
        semantics.GEN_AI_RESULT,
        semantics.GEN_AI_OUTPUT_MESSAGES,
        semantics.GEN_AI_DOCUMENTS,
    }
)


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said about inputs and outputs; None where nobody said anything.

    Unsaid, what a program hands to a tracer itself is written, and what a session recorded for itself stays with the session.
    """

    inputs: bool | None = None
    outputs: bool | None = None

    def allowed(self, attributes: Attributes) -> Attributes:
        """Of spans that were recorded for the session: only what somebody wanted to be seen."""
        hidden = (frozenset() if self.inputs else INPUTS) | (frozenset() if self.outputs else OUTPUTS)
        return {name: value for name, value in attributes.items() if name not in hidden}


def content_said(environ: Mapping[str, str]) -> Content:
    """What the environment says, in OpenTelemetry's variable and in those of two instrumentations. Who hides wins."""
    captured = _word(environ, CAPTURE)
    said = True if captured in CAPTURED else False if captured in NOT_CAPTURED else None
    if _word(environ, "TRACELOOP_TRACE_CONTENT") in FALSE:
        said = False
    return Content(
        inputs=False if _word(environ, "OPENINFERENCE_HIDE_INPUTS") in TRUE else said,
        outputs=False if _word(environ, "OPENINFERENCE_HIDE_OUTPUTS") in TRUE else said,
    )


def _word(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "").strip().lower()
