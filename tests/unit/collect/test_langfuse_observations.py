from typing import Any

from reev_flow.trace.span import Flag, Status
from support.foreign import PARENT_ID, as_bytes, read_span
from support.otlp import SPAN_ID, START_NS, TRACE_ID
from support.reading import read_bytes


def observation(**fields: Any) -> dict[str, Any]:
    return {
        "id": SPAN_ID,
        "traceId": TRACE_ID,
        "type": "GENERATION",
        "name": "work",
        "startTime": "2023-11-14T22:13:20.000Z",
        "endTime": "2023-11-14T22:13:20.005Z",
        "parentObservationId": PARENT_ID,
        "model": "gpt",
        "input": [{"role": "user", "content": "hi"}],
        "output": {"role": "assistant", "content": "hello"},
        "usageDetails": {"input": 3, "output": 2},
        "level": "DEFAULT",
        "statusMessage": None,
        "metadata": {"team": "a"},
        **fields,
    }


def test_an_observation_is_a_span_with_the_names_of_langfuses_own_sdk():
    span = read_span({"data": [observation()], "meta": {"page": 1}})

    assert (span.trace_id, span.span_id, span.parent_id) == (TRACE_ID, SPAN_ID, PARENT_ID)
    assert (span.start_ns, span.duration_ns) == (START_NS, 5_000_000)
    assert span.attributes == {
        "langfuse.observation.type": "generation",
        "langfuse.observation.level": "DEFAULT",
        "langfuse.observation.input": [{"role": "user", "content": "hi"}],
        "langfuse.observation.output": {"role": "assistant", "content": "hello"},
        "langfuse.observation.model.name": "gpt",
        "langfuse.observation.usage_details": {"input": 3, "output": 2},
        "langfuse.observation.metadata.team": "a",
    }


def test_an_error_is_a_failure():
    span = read_span(observation(level="ERROR", statusMessage="gone"))

    assert (span.status, span.status_message) == (Status.ERROR, "gone")


def test_the_observations_of_a_trace_inherit_its_session():
    whole = {"id": TRACE_ID, "name": "chat", "sessionId": "s-1", "observations": [observation(traceId=None)]}

    span = read_span(whole)

    assert (span.trace_id, span.attributes["session.id"]) == (TRACE_ID, "s-1")
    assert span.attributes["langfuse.trace.name"] == "chat"


def test_an_event_lasts_no_time_and_anything_else_without_an_end_is_unfinished():
    assert read_span(observation(type="EVENT", endTime=None)).flags == frozenset()
    assert read_span(observation(endTime=None)).flags == {Flag.UNFINISHED}


def test_ids_of_older_releases_become_ids_of_a_trace():
    span = read_span(observation(traceId="774ae426-305d-424e-883a-5f4064081371", id="an id", parentObservationId=None))

    assert span.trace_id == "774ae426305d424e883a5f4064081371"
    assert len(span.span_id) == 16


def test_what_is_no_observation_is_told():
    read = read_bytes(as_bytes({"id": TRACE_ID, "observations": [7, observation(id="")]}))

    assert read.told == [
        "1: left out 1 span without a trace id or span id: 'work'",
        "1: left out 1 entry of observations that cannot be read",
    ]
