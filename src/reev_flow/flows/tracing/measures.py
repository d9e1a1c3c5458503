"""How long operations took and what they used, as OpenTelemetry metrics in the words of the GenAI conventions."""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from opentelemetry import metrics
from opentelemetry.environment_variables import OTEL_PYTHON_METER_PROVIDER
from opentelemetry.metrics import Histogram, MeterProvider, get_meter_provider

from reev_flow.clock import Clock, SystemClock
from reev_flow.collect.own_words import WORDS
from reev_flow.trace import semantics
from reev_flow.trace.span import Attributes, Operation, Span
from reev_flow.version import __version__

SYSTEM_CLOCK = SystemClock()
API = "opentelemetry.metrics"
NOT_SAID = object()
SECOND = 1_000_000_000
DOUBLING = tuple(0.01 * 2**power for power in range(14))


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A histogram of the conventions, and the attributes of a span that it is told with, if the span has them."""

    name: str
    unit: str = "s"
    what: str
    buckets: tuple[float, ...]
    told_with: tuple[str, ...]


WORKFLOW = Measure(
    name="gen_ai.workflow.duration",
    what="GenAI workflow duration.",
    buckets=(1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200),
    told_with=(semantics.GEN_AI_WORKFLOW, semantics.ERROR_TYPE),
)
AGENT = Measure(
    name="gen_ai.invoke_agent.duration",
    what="The end-to-end duration of a single agent invocation.",
    buckets=tuple(0.1 * 2**power for power in range(13)),
    told_with=(semantics.GEN_AI_AGENT, semantics.ERROR_TYPE),
)
TOOL = Measure(
    name="gen_ai.execute_tool.duration",
    what="The duration of a single tool execution.",
    buckets=DOUBLING,
    told_with=(semantics.GEN_AI_TOOL, semantics.ERROR_TYPE),
)
CALL = Measure(
    name="gen_ai.client.operation.duration",
    what="GenAI operation duration.",
    buckets=DOUBLING,
    told_with=(
        semantics.GEN_AI_OPERATION,
        semantics.GEN_AI_PROVIDER,
        semantics.GEN_AI_REQUEST_MODEL,
        semantics.ERROR_TYPE,
    ),
)
TOKENS = Measure(
    name="gen_ai.client.token.usage",
    unit="{token}",
    what="Number of input and output tokens used.",
    buckets=tuple(4**power for power in range(14)),
    told_with=(semantics.GEN_AI_OPERATION, semantics.GEN_AI_PROVIDER, semantics.GEN_AI_REQUEST_MODEL),
)
DURATIONS: Mapping[Operation, Measure] = {
    Operation.FLOW: WORKFLOW,
    Operation.AGENT: AGENT,
    Operation.TOOL: TOOL,
    Operation.LLM: CALL,
    Operation.EMBEDDING: CALL,
    Operation.RETRIEVAL: CALL,
}
TOKEN_USERS = frozenset({Operation.LLM, Operation.EMBEDDING})
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - of tokens that are counted
TOKEN_COUNTS = ((semantics.GEN_AI_INPUT_TOKENS, "input"), (semantics.GEN_AI_OUTPUT_TOKENS, "output"))


class Measures:
    """Only of what this package makes spans of itself: who instruments a library measures it. Whatever is sampled, all of it counts.

    `provider` is the global one unless given. As long as the program has none, nothing happens. Nothing here raises.
    """

    __slots__ = ("_clock", "_given", "_histograms", "_known")

    def __init__(self, provider: MeterProvider | None = None, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._given = provider
        self._clock = clock
        self._known: MeterProvider | None = None
        self._histograms: dict[str, Histogram] = {}

    @property
    def are_heard(self) -> bool:
        """Whether the program has a provider of meters."""
        if self._given is None and _has_none_been_set():
            return False
        return _is_real(self._given or get_meter_provider())

    def began_ns(self) -> int | None:
        """When, if anybody wants to know."""
        return self._clock.now_ns() if self.are_heard else None

    def ended(self, operation: Operation, began_ns: int, span: Any, attributes: Mapping[str, Any]) -> None:
        """As long as the span, where that is recorded. What others wrote on it counts too: a model's provider, say."""
        start_ns, end_ns = getattr(span, "start_time", None), getattr(span, "end_time", None)
        took_ns = end_ns - start_ns if start_ns and end_ns else self._clock.now_ns() - began_ns
        everything = {**(getattr(span, "attributes", None) or {}), **attributes}
        self._tell(operation, everything, took_ns)
        if operation in TOKEN_USERS:
            self._used(everything)

    def recorded(self, span: Span) -> None:
        """A flow or a step. A step that is a model call knows neither its model nor its tokens, so that it is none here."""
        if self.are_heard and WORDS[span.operation].named in span.attributes:
            self._tell(span.operation, span.attributes, span.duration_ns)

    def _tell(self, operation: Operation, attributes: Mapping[str, Any], took_ns: int) -> None:
        measure = DURATIONS.get(operation)
        if measure is not None:
            with suppress(Exception):
                self._record(measure, max(took_ns, 0) / SECOND, _told(measure, attributes))

    def _used(self, attributes: Mapping[str, Any]) -> None:
        with suppress(Exception):
            told = _told(TOKENS, attributes)
            for name, kind in TOKEN_COUNTS:
                if isinstance(attributes.get(name), int):
                    self._record(TOKENS, attributes[name], {**told, TOKEN_TYPE: kind})

    def _record(self, measure: Measure, amount: float, attributes: Attributes) -> None:
        provider = self._given or get_meter_provider()
        if provider is not self._known:
            self._known, self._histograms = provider, {}
        histogram = self._histograms.get(measure.name)
        if histogram is None:
            histogram = self._histograms[measure.name] = _histogram(provider, measure)
        histogram.record(amount, attributes)


_is_named = OTEL_PYTHON_METER_PROVIDER in os.environ  # then the first who asks for it makes it


def _has_none_been_set() -> bool:
    """Asked for every span: as long as there is none, the API itself looks into the environment each time, which takes a microsecond."""
    return not _is_named and getattr(getattr(metrics, "_internal", None), "_METER_PROVIDER", NOT_SAID) is None


def _is_real(provider: MeterProvider) -> bool:
    """What the API has itself stands for nobody."""
    return not type(provider).__module__.startswith(API)


def _told(measure: Measure, attributes: Mapping[str, Any]) -> Attributes:
    return {name: attributes[name] for name in measure.told_with if name in attributes}


def _histogram(provider: MeterProvider, measure: Measure) -> Histogram:
    meter: Any = provider.get_meter(semantics.OWN_SCOPE, __version__)
    try:
        made: Histogram = meter.create_histogram(
            measure.name, measure.unit, measure.what, explicit_bucket_boundaries_advisory=measure.buckets
        )
    except TypeError:  # an API from before there was advice
        made = meter.create_histogram(measure.name, measure.unit, measure.what)
    return made
