"""The reference page of dialects, from their tables."""

from collections.abc import Iterator

from reev_flow.collect.dialects import DIALECTS
from reev_flow.collect.dialects.dialect import Concept, Dialect, SpanName
from reev_flow.trace.span import Operation

HEAD = """# Dialects

What the words of each vendor mean here. A span may speak several dialects: the earlier on this page is believed. Within a row the first
name that makes sense counts. Names that end in a dot begin flattened lists (`NAME.0.role`); `NAME → a.b` is the field `b` of `a` in a
structured attribute, or in JSON text of one, and `*` is any field.

*Seen on* names the packages whose real spans are in [tests/recorded](../../tests/recorded/README.md); a dialect without it was read from
its vendor's own definitions. *Unread* is what these spans tell and nothing here means: it stays on the span, as everything does.

Structured attributes are read as objects, as JSON text and as JSON that a length limit cut; see
[broken traces](../explanation/broken-traces.md). Prompts in events of spans, or in log records that name a span, count as its attributes.
"""


def dialects_page() -> str:
    return "\n".join([HEAD, *(line for dialect in DIALECTS for line in _section(dialect))])


def _section(dialect: Dialect) -> Iterator[str]:
    yield from (f"## {dialect.name}", "")
    if dialect.seen:
        yield from (f"Seen on {'; '.join(dialect.seen)}.", "")
    rows = [*_kinds(dialect), *_span_names(dialect), *_concepts(dialect), *_others(dialect)]
    if rows:
        yield from ("| meaning | told by |", "|---|---|", *(f"| {meaning} | {told} |" for meaning, told in rows), "")
    if dialect.unread:
        yield from (f"Unread: {', '.join(_code(name) for name in dialect.unread)}.", "")


def _kinds(dialect: Dialect) -> Iterator[tuple[str, str]]:
    for kind in dialect.kinds:
        for operation in Operation:
            told = [
                *_words(kind.meanings, operation),
                *(f"{word} if nothing else is said" for word in _words(kind.if_nothing_else, operation)),
            ]
            told += [f"{word} at the root" for word in _words(kind.as_root, operation)]
            if told:
                yield (
                    _is(operation),
                    f"{_code(kind.attribute)} = {', '.join(told)}",
                )


def _is(operation: Operation) -> str:
    return "plumbing" if operation is Operation.OTHER else f"**{operation.value}**"


def _words(meanings: dict[str, Operation], operation: Operation) -> list[str]:
    return [_code(word) for word, meant in meanings.items() if meant is operation]


def _span_names(dialect: Dialect) -> Iterator[tuple[str, str]]:
    for form in dialect.span_names:
        scope = f" in scopes `{form.scope}…`" if form.scope else ""
        yield (
            _is(form.operation),
            f"span name {_form(form)}{scope}",
        )


def _form(form: SpanName) -> str:
    if form.pattern:
        return _code(form.pattern.replace("|", "\\|"))
    return _code(form.prefix + form.suffix if form.is_whole else f"{form.prefix}NAME{form.suffix}")


def _concepts(dialect: Dialect) -> Iterator[tuple[str, str]]:
    for concept in Concept:
        names = [_code(name) for name in (*dialect.attributes.get(concept, ()), *dialect.indexed.get(concept, ()))]
        for inside in dialect.inside:
            names += [_code(f"{inside.attribute} → {'.'.join(path)}") for path in inside.fields.get(concept, ())]
        if names:
            yield concept.value.replace("_", " "), ", ".join(names)


def _others(dialect: Dialect) -> Iterator[tuple[str, str]]:
    if dialect.events_with_attributes:
        yield "attributes of the span", "events " + ", ".join(map(_code, dialect.events_with_attributes))
    if dialect.input_events:
        yield "input, one message each", "events " + ", ".join(map(_code, dialect.input_events))
    if dialect.output_events:
        yield "output messages", "events " + ", ".join(map(_code, dialect.output_events))
    for beginning in dialect.beginnings:
        yield "the beginning of the span above it", _code(f"{beginning.attribute} = {beginning.value}")
    for failure in dialect.failures:
        told = f"event {_code(failure.event)}" if failure.event else _code(f"{failure.attribute} = {failure.value}")
        yield "has failed, whatever its status", told + (f" in scopes `{failure.scope}…`" if failure.scope else "")


def _code(text: str) -> str:
    return text if "`" in text or " (" in text else f"`{text}`"
