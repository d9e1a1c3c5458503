"""One timed piece of work: as its sender recorded it, and as this package understands it."""

from enum import StrEnum
from typing import TypeAlias

import msgspec

Value: TypeAlias = bool | int | float | str | bytes | list["Value"] | dict[str, "Value"] | None
Attributes: TypeAlias = dict[str, Value]


class Operation(StrEnum):
    """What kind of work a span is. `OTHER` is infrastructure: HTTP, databases, framework internals."""

    FLOW = "flow"
    STEP = "step"
    AGENT = "agent"
    LLM = "llm"
    TOOL = "tool"
    RETRIEVAL = "retrieval"
    EMBEDDING = "embedding"
    OTHER = "other"


class SpanKind(StrEnum):
    """OpenTelemetry's span kinds."""

    UNSPECIFIED = "unspecified"
    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


class Status(StrEnum):
    """OpenTelemetry's span status."""

    UNSET = "unset"
    OK = "ok"
    ERROR = "error"


class Flag(StrEnum):
    """Why a span could not be taken as it came. Flagged spans are kept and drawn."""

    ORPHAN = "orphan"  # its parent is not in the trace
    CYCLE = "cycle"  # it was its own ancestor; the link to its parent was cut
    DUPLICATE_ID = "duplicate_id"  # another span with other contents has the same id
    CONFLICTING_VALUES = "conflicting_values"  # records of it disagree about an attribute
    UNFINISHED = "unfinished"  # no end was recorded; it is taken to last as long as what it contains
    NEGATIVE_DURATION = "negative_duration"  # its end lies before its start; it is taken to last no time
    MISSING_START = "missing_start"  # no start was recorded; it is placed where its surroundings are
    OUTSIDE_PARENT = "outside_parent"  # it lies wholly before or after its parent
    CLOCK_SKEW = "clock_skew"  # it is the first to show that the clock of its host or service was off
    CUT_CONTENT = "cut_content"  # a limit on length or on nesting cut some of what it tells; what is left of it is read
    TOLD_FAILURE = "told_failure"  # its status says nothing of a failure that is told elsewhere on it


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Who emitted a span: its resource and its instrumentation scope."""

    service: str = ""
    scope: str = ""
    scope_version: str = ""
    resource: Attributes = {}


UNKNOWN_SOURCE = Source()


class SpanEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened at one moment of a span."""

    time_ns: int
    name: str = ""
    attributes: Attributes = {}


class SpanLink(msgspec.Struct, frozen=True, kw_only=True):
    """A span's reference to another span, often in another trace."""

    trace_id: str
    span_id: str
    attributes: Attributes = {}


class TokenUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one model call or of all calls below a span.

    `input` includes what was read from or written to a cache, `output` includes reasoning, as in OpenTelemetry's GenAI conventions.
    """

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            input=self.input + other.input,
            output=self.output + other.output,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            reasoning=self.reasoning + other.reasoning,
        )

    def at_least(self, other: "TokenUsage") -> "TokenUsage":
        """The larger of the two, field by field."""
        return TokenUsage(
            input=max(self.input, other.input),
            output=max(self.output, other.output),
            cache_read=max(self.cache_read, other.cache_read),
            cache_write=max(self.cache_write, other.cache_write),
            reasoning=max(self.reasoning, other.reasoning),
        )


NO_TOKENS = TokenUsage()


class ToolUse(msgspec.Struct, frozen=True, kw_only=True):
    """Which tool a span executed; its arguments and result are the span's input and output."""

    name: str
    call_id: str | None = None


class ToolRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call a model asked for, whether or not it was ever executed."""

    name: str
    call_id: str | None = None
    arguments: Value = None


class ModelUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a model was and what it gave back. `answer` is its text, without the tool calls it asked for; `tells_cache` whether it is said how
    much was read from a cache, be it nothing.
    """

    name: str = ""
    provider: str = ""
    answer: str | None = None
    asked: tuple[ToolRequest, ...] = ()
    finish_reasons: tuple[str, ...] = ()
    tells_cache: bool = False


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One timed piece of work. Times are UTC nanoseconds since 1970; `end_ns >= start_ns` once the trace is assembled.

    The first half is what was received; from `operation` on it is what `collect.normalize` understood of it.
    """

    trace_id: str
    span_id: str
    parent_id: str | None = None
    name: str = ""
    start_ns: int
    end_ns: int
    kind: SpanKind = SpanKind.UNSPECIFIED
    status: Status = Status.UNSET
    status_message: str = ""
    source: Source = UNKNOWN_SOURCE
    attributes: Attributes = {}
    events: tuple[SpanEvent, ...] = ()
    links: tuple[SpanLink, ...] = ()
    flags: frozenset[Flag] = frozenset()

    operation: Operation = Operation.OTHER
    conversation_id: str | None = None
    flow: str | None = None
    agent: str | None = None
    tool: ToolUse | None = None
    model: ModelUse | None = None
    usage: TokenUsage | None = None
    input: Value = None
    output: Value = None

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns

    @property
    def failed(self) -> bool:
        return self.status is Status.ERROR

    @property
    def label(self) -> str:
        """The name a person would use: the tool, the model, the agent or the flow, else the span's own name."""
        if self.operation is Operation.OTHER:
            return self.name
        if self.operation is Operation.TOOL and self.tool is not None:
            return self.tool.name
        if self.operation is Operation.LLM and self.model is not None and self.model.name:
            return self.model.name
        if self.operation is Operation.AGENT and self.agent:
            return self.agent
        if self.operation is Operation.FLOW and self.flow:
            return self.flow
        return self.name
