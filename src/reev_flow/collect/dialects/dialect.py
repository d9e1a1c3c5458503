"""What a vendor's words for things are: the form of a dialect's table."""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from reev_flow.trace.span import Operation

Path: TypeAlias = tuple[str, ...]


class Concept(StrEnum):
    """What an attribute tells about a span."""

    KIND = "kind"
    CONVERSATION = "conversation"
    WORKFLOW = "workflow"  # the name of the flow
    AGENT = "agent"
    ENTITY = "entity"  # the name of the flow, agent or tool, whichever the span is
    TOOL_NAME = "tool_name"
    CALL_ID = "call_id"
    ARGUMENTS = "arguments"
    RESULT = "result"
    MODEL = "model"
    PROVIDER = "provider"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    TOTAL_TOKENS = "total_tokens"
    CACHE_READ_TOKENS = "cache_read_tokens"
    CACHE_WRITE_TOKENS = "cache_write_tokens"
    REASONING_TOKENS = "reasoning_tokens"
    FINISH_REASONS = "finish_reasons"
    OUTPUT_MESSAGES = "output_messages"  # what a model gave back, in any structure
    ANSWER = "answer"  # its text alone
    REQUESTS = "requests"  # the tool calls it asked for alone
    INPUT = "input"
    OUTPUT = "output"
    INFRASTRUCTURE = "infrastructure"  # the span is HTTP, a database, a queue, ... unless it says otherwise


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """An attribute whose value names the operation. Values are compared by their first word, in lower case."""

    attribute: str
    meanings: dict[str, Operation]
    as_root: dict[str, Operation] = {}  # values that mean something else on a span without a parent
    if_nothing_else: dict[str, Operation] = {}  # values that count when nothing else on the span says what it is


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """A structured attribute, or JSON text of one, with what its fields tell. The step `*` goes through whatever key is there."""

    attribute: str
    fields: dict[Concept, tuple[Path, ...]]


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """A span that only says that another one began: it names that one as its parent, and the other's own parent in an attribute."""

    attribute: str
    value: str
    parent: str


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What says that the work of a span failed although its status does not: a value of an attribute (in lower case), or an event.

    With a scope it holds only for spans of instrumentation scopes that begin so.
    """

    attribute: str = ""
    value: str = ""
    event: str = ""
    scope: str = ""


class SpanName(msgspec.Struct, frozen=True, kw_only=True):
    """A form of span name that gives the operation away. What stands between prefix and suffix is the name of the agent or tool.

    With a pattern, a regular expression for the whole name, the group `name` is that name. `OTHER` says that it is plumbing, whatever
    it tells besides. A form that is certain goes before what the span says of its kind. With a scope it holds only for spans of instrumentation scopes that begin so.
    """

    operation: Operation
    prefix: str = ""
    suffix: str = ""
    scope: str = ""
    is_whole: bool = False  # nothing may stand between
    pattern: str = ""
    is_certain: bool = False


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The words of one vendor. Of several names for one concept the first that makes sense counts.

    `indexed` are prefixes of flattened lists (`PREFIX.0.role`), two words each. The attributes of `events_with_attributes` count as the span's own;
    each of the `input_events` is one message to a model, each of the `output_events` one from it, perhaps with
    the message as JSON in one of the `event_bodies`. `quotes_text` is true where text is
    written as JSON, in quotes. `placeholders` are values by which an attribute says that there is none.

    `seen` names the packages whose real spans this was read from, `unread` what these tell that nothing here means.
    """

    name: str
    seen: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    attributes: dict[Concept, tuple[str, ...]] = {}
    kinds: tuple[Kind, ...] = ()
    span_names: tuple[SpanName, ...] = ()
    inside: tuple[Inside, ...] = ()
    indexed: dict[Concept, tuple[str, ...]] = {}
    beginnings: tuple[Beginning, ...] = ()
    failures: tuple[Failure, ...] = ()
    quotes_text: bool = False
    events_with_attributes: tuple[str, ...] = ()
    input_events: tuple[str, ...] = ()
    output_events: tuple[str, ...] = ()
    event_bodies: tuple[str, ...] = ()
    placeholders: dict[str, tuple[str, ...]] = {}
