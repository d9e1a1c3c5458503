"""The projection sees what it is there to see: whatever is changed about a run changes its digest."""

from typing import Any

import msgspec
import pytest

from conformance.logical_run import logical_run
from conformance.projection import digest, project, project_as_it_happened
from conformance.reading import read_at_once
from conformance.rounds import differences
from conformance.writers import reev
from conformance.written import Written, WrittenSpan

RUN = logical_run(0)
WRITTEN = reev.write(RUN)
MODEL_CALL = RUN.turns[0].work.span_id
EXECUTION = RUN.turns[0].tools[0].work.span_id


def changed(span_id: str, *, attributes: dict[str, Any] | None = None, **fields: Any) -> Written:
    """With other fields, and some other attributes, of that span."""

    def change(span: WrittenSpan) -> WrittenSpan:
        if span.span_id != span_id:
            return span
        return msgspec.structs.replace(span, attributes=span.attributes | (attributes or {}), **fields)

    return Written(spans=tuple(map(change, WRITTEN.spans)))


def digest_of(written: Written) -> str:
    return digest(project(read_at_once(written)))


CHANGES: dict[str, Written] = {
    "a nanosecond": changed(MODEL_CALL, end_ns=RUN.turns[0].work.end_ns + 1),
    "a parent": changed(MODEL_CALL, parent_id=RUN.flow.span_id),
    "a status": changed(EXECUTION, status=2),
    "a token": changed(MODEL_CALL, attributes={"gen_ai.usage.input_tokens": 1_201}),
    "a token that was read from a cache": changed(MODEL_CALL, attributes={"gen_ai.usage.cache_read.input_tokens": 1}),
    "a model": changed(MODEL_CALL, attributes={"gen_ai.request.model": "gpt-5"}),
    "a tool": changed(EXECUTION, attributes={"gen_ai.tool.name": "search_trains"}),
    "an id of a call": changed(EXECUTION, attributes={"gen_ai.tool.call.id": "call_1"}),
    "an argument": changed(EXECUTION, attributes={"gen_ai.tool.call.arguments": '{"from": "Zurich"}'}),
    "a result": changed(EXECUTION, attributes={"gen_ai.tool.call.result": '{"flights": []}'}),
    "what was asked for": changed(MODEL_CALL, attributes={"gen_ai.output.messages": "[]"}),
    "a conversation": changed(RUN.agent.span_id, attributes={"reev.conversation.id": "another"}),
    "a span less": Written(spans=WRITTEN.spans[:-1]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_shows(change: Written):
    assert digest_of(change) != digest_of(WRITTEN)


def test_ids_do_not_count():
    assert digest_of(reev.write(logical_run(7))) == digest_of(WRITTEN)


def test_differences_are_named_by_their_place():
    read = project(read_at_once(changed(EXECUTION, attributes={"gen_ai.tool.name": "search_trains"})))

    assert (
        differences(project_as_it_happened(RUN), read)[-1]
        == "operations[3].name is 'search_trains', not 'search_flights'"
    )
