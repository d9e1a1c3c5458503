"""What this package writes on the spans that it makes: OpenTelemetry's GenAI words where there are some, else its own."""

from collections.abc import Mapping
from typing import Any

import msgspec

from reev_flow.collect.readers import structure
from reev_flow.trace import semantics
from reev_flow.trace.span import Attributes, Operation, SpanKind
from reev_flow.values.plain import is_unicode

LONGEST_CONTENT = 64 * 1024  # characters of one attribute; exporters refuse whole batches for one that is too large


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """How spans of one operation are written. `verb` begins their name and is the GenAI operation; `named` tells the name alone."""

    verb: str = ""
    named: str = ""
    kind: SpanKind = SpanKind.INTERNAL
    given: str = semantics.REEV_INPUT
    returned: str = semantics.REEV_OUTPUT


WORDS: Mapping[Operation, Words] = {
    Operation.FLOW: Words(verb="invoke_workflow", named=semantics.GEN_AI_WORKFLOW),
    Operation.AGENT: Words(verb="invoke_agent", named=semantics.GEN_AI_AGENT),
    Operation.TOOL: Words(
        verb="execute_tool",
        named=semantics.GEN_AI_TOOL,
        given=semantics.GEN_AI_ARGUMENTS,
        returned=semantics.GEN_AI_RESULT,
    ),
    Operation.LLM: Words(
        verb="chat",
        named=semantics.GEN_AI_REQUEST_MODEL,
        kind=SpanKind.CLIENT,
        given=semantics.GEN_AI_INPUT_MESSAGES,
        returned=semantics.GEN_AI_OUTPUT_MESSAGES,
    ),
    Operation.RETRIEVAL: Words(
        verb="retrieval",
        given=semantics.GEN_AI_QUERY,
        returned=semantics.GEN_AI_DOCUMENTS,
    ),
    Operation.EMBEDDING: Words(verb="embeddings", named=semantics.GEN_AI_REQUEST_MODEL, kind=SpanKind.CLIENT),
    Operation.STEP: Words(),
    Operation.OTHER: Words(),
}
STEP_WORDS: Mapping[Operation, Words] = {
    **WORDS,
    **dict.fromkeys((Operation.LLM, Operation.RETRIEVAL, Operation.EMBEDDING), Words()),
}
"""Those of a step that is such an operation: its name is that of a function, not of a model."""


def span_name(words: Words, name: str) -> str:
    return clean(f"{words.verb} {name}" if words.verb else name)


def identity(operation: Operation, words: Words, name: str) -> Attributes:
    """What kind of span it is and what it is called."""
    told: Attributes = {semantics.REEV_OPERATION: operation.value}
    if words.verb:
        told[semantics.GEN_AI_OPERATION] = words.verb
    if words.named:
        told[words.named] = clean(name)
    return told


def given(words: Words, value: object) -> Attributes:
    """The input as an attribute; nothing for None."""
    return _content(words.given, value, role="user")


def returned(words: Words, value: object) -> Attributes:
    """The output as an attribute; nothing for None."""
    return _content(words.returned, value, role="assistant")


def clean(text: str) -> str:
    """Without halves of surrogate pairs, which would make an exporter lose the whole span."""
    return text if is_unicode(text) else text.encode(errors="replace").decode()


def as_text(value: object) -> str:
    """Text as it is, anything else as JSON; what has no JSON as Python shows it. Never raises."""
    if isinstance(value, str):
        return clean(value)
    try:
        return msgspec.json.encode(value, enc_hook=_simpler).decode()
    except Exception:  # noqa: BLE001 - no value that somebody traces may stop the work
        return clean(_shown(value))


def _content(attribute: str, value: object, *, role: str) -> Attributes:
    if value is None:
        return {}
    if attribute in {semantics.GEN_AI_INPUT_MESSAGES, semantics.GEN_AI_OUTPUT_MESSAGES} and isinstance(value, str):
        value = [{"role": role, "parts": [{"type": "text", "content": clean(value)}]}]
    is_read_as_json = attribute in {semantics.GEN_AI_ARGUMENTS, semantics.GEN_AI_RESULT}
    text = as_text(value)
    if is_read_as_json and isinstance(value, str) and structure(text) != text:
        text = msgspec.json.encode(text).decode()  # else the text "5" would be read as a number
    return {attribute: _cut(text)}


def _cut(text: str) -> str:
    """Says how much is left out, so that two texts that differ only there are not taken to be the same length."""
    if len(text) <= LONGEST_CONTENT:
        return text
    return f"{text[:LONGEST_CONTENT]}… ({len(text) - LONGEST_CONTENT:,} more characters)"


def _simpler(value: Any) -> object:
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if callable(dump) and not isinstance(value, type) else _shown(value)


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a broken repr says at least what it is of
        return f"<{type(value).__qualname__}>"
