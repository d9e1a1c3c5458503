import json
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from reev_flow.collect.dialects import (
    EVENT_BODIES,
    EVENTS_WITH_ATTRIBUTES,
    FAILURES,
    FIELDS,
    INDEXED_PREFIXES,
    KINDS,
    MEANINGS,
    MESSAGE_EVENTS,
    SPAN_NAMES,
)
from reev_flow.collect.normalize import normalize
from reev_flow.trace.span import Flag, Operation, Span
from support.spans import event, received, understood

indexed_names = st.builds(
    lambda prefix, path: prefix + ".".join(path),
    st.sampled_from(sorted(INDEXED_PREFIXES)),
    st.lists(
        st.sampled_from(("0", "1", "message", "content", "tool_calls", "tool_call", "function", "name", "role")),
        max_size=6,
    ),
)
told_elsewhere = sorted({*FIELDS, *EVENT_BODIES, *(failure.attribute for failure in FAILURES)})
names = st.one_of(
    st.sampled_from(sorted(MEANINGS)), st.sampled_from(told_elsewhere), indexed_names, st.text(max_size=5)
)
fields = sorted({".".join(path) for listed in FIELDS.values() for path, _ in listed})
structures = st.dictionaries(
    st.sampled_from(sorted({step for field in fields for step in field.split(".")})),
    st.integers(-1, 9) | st.text(max_size=3) | st.lists(st.none(), max_size=1),
    max_size=4,
)
texts = st.tuples(structures, st.integers(0, 40)).map(
    lambda drawn: json.dumps({"*": drawn[0], **drawn[0]})[: drawn[1] or None]
)
words = st.sampled_from(
    sorted(
        {word for kind in KINDS.values() for word in kind.meanings} | {"", "{", "[1]", '{"role": "tool"}', '"LLM"', '"'}
    )
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | words
    | texts
    | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
attributes = st.dictionaries(names, values, max_size=8)
events = st.builds(
    lambda name, attributes: msgspec.structs.replace(event(name), attributes=attributes),
    st.sampled_from((*EVENTS_WITH_ATTRIBUTES, *MESSAGE_EVENTS, "exception")),
    attributes,
)
span_names = st.sampled_from(
    [form.prefix + form.suffix for form in SPAN_NAMES] + ["", "work", "tool.dynamic.x.start-1"]
)
spans = st.builds(
    received,
    attributes,
    events=st.lists(events, max_size=2).map(tuple),
    name=span_names,
    scope=st.sampled_from(sorted({"", *(form.scope for form in SPAN_NAMES), *(failure.scope for failure in FAILURES)})),
    parent_id=st.sampled_from((None, "1" * 16)),
)
UNDERSTOOD = ("flags", "operation", "conversation_id", "agent", "tool", "model", "usage", "input", "output")


@given(spans)
def test_nothing_that_is_sent_breaks_it(span: Span):
    assert isinstance(normalize(span), Span)


@given(spans)
def test_what_was_received_stays_as_it_was(span: Span):
    known = normalize(span)

    for field in span.__struct_fields__:
        if field not in UNDERSTOOD and not (Flag.TOLD_FAILURE in known.flags and field == "status"):
            assert getattr(known, field) is getattr(span, field)


@given(spans)
def test_what_was_understood_can_be_written_and_is_understood_again_the_same(span: Span):
    written = msgspec.json.encode(normalize(span))

    assert msgspec.json.encode(normalize(normalize(span))) == written


@given(spans, st.randoms())
def test_the_order_of_attributes_means_nothing(span: Span, random: Random):
    shuffled = list(span.attributes.items())
    random.shuffle(shuffled)
    other = normalize(msgspec.structs.replace(span, attributes=dict(shuffled)))

    assert msgspec.json.encode(other, order="sorted") == msgspec.json.encode(normalize(span), order="sorted")


@given(spans)
def test_tools_and_models_are_told_only_of_what_they_are(span: Span):
    known = normalize(span)

    assert (known.tool is not None) == (known.operation is Operation.TOOL)
    assert (known.model is not None) == (known.operation in (Operation.LLM, Operation.EMBEDDING))


def test_what_a_container_gave_back_stays_unread():
    span = understood({"gen_ai.operation.name": "invoke_agent", "gen_ai.output.messages": '[{"role": "assistant"}]'})

    assert span.output == '[{"role": "assistant"}]'


def test_plumbing_is_given_back_as_it_is():
    span = received({"unknown": 1})

    assert normalize(span) is span
