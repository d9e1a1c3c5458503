import json
from typing import Any

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import Flag, Operation, Span, Status
from reev_flow.trace.trace import Trace
from support.foreign import reev_event, reev_input, reev_output
from support.reading import read_bytes
from support.spans import tool_of

SUMMARY = {
    "failed_tools": 0,
    "logged_at": "2025-11-04T07:24:50Z",
    "session_id": "21b6bb59-025f-4525-97e1-47f0961e5697",
    "successful_tools": 1,
    "tool_calls": 2,
    "total_events": 3,
}


def run_of(*lines: Any) -> Trace:
    """The one run of a log that is read without a word."""
    read = read_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    assert read.problems == []
    return assemble_one(read.spans)


def tools_of(trace: Trace) -> list[Span]:
    return [span for span in trace.spans if span.operation is Operation.TOOL]


def prompt(second: float, text: str) -> dict[str, Any]:
    return reev_event("Prompt", second, prompt={"tool_name_list": ["swap"], "user_prompt": text, "final_prompt": "…"})


def test_a_session_is_a_run_of_an_agent():
    trace = run_of(prompt(1, "swap it"), reev_input(2, "swap", amount=5), reev_output(3, {"ok": 1}), SUMMARY)
    agent = trace.spans[0]

    assert (agent.operation, agent.agent, agent.input) == (Operation.AGENT, "reev", "swap it")
    assert agent.conversation_id == "21b6bb59-025f-4525-97e1-47f0961e5697"
    assert agent.trace_id == "21b6bb59025f452597e147f0961e5697"
    assert [event.name for event in agent.events] == ["Prompt"]


def test_a_call_lasts_from_its_input_to_its_output():
    [call] = tools_of(run_of(reev_input(2, "swap", amount=5), reev_output(3.5, '{"ok": true}')))

    assert (tool_of(call).name, call.input, call.output) == ("swap", {"amount": 5}, {"ok": True})
    assert (call.duration_ns, call.status) == (1_500_000_000, Status.OK)


def test_a_call_that_failed_says_why():
    [call] = tools_of(run_of(reev_input(2, "swap"), reev_output(3, {"error": "no"}, error="Tool failed: no")))

    assert (call.status, call.status_message) == (Status.ERROR, "Tool failed: no")


def test_an_error_written_as_an_input_is_no_call():
    trace = run_of(reev_input(2, "swap"), reev_output(3, {}, error="no"), reev_input(3, "swap", error="swap: no"))

    assert len(tools_of(trace)) == 1
    assert trace.spans[0].events[0].attributes == {"tool_name": "swap", "error": "swap: no"}


def test_an_output_belongs_to_the_call_that_lasted_as_long_as_it_says():
    trace = run_of(
        reev_input(1, "slow"), reev_input(3, "quick"), reev_output(4, "A", ms=3_000), reev_output(5, "B", ms=2_000)
    )

    assert {tool_of(call).name: call.output for call in tools_of(trace)} == {"slow": "A", "quick": "B"}


def test_an_output_that_names_its_tool_belongs_to_it():
    trace = run_of(reev_input(1, "one"), reev_input(2, "two"), reev_output(3, {"tool_name": "one"}))

    assert [tool_of(call).name for call in tools_of(trace) if call.status is Status.OK] == ["one"]


def test_a_call_without_an_output_has_no_end():
    [call] = tools_of(run_of(reev_input(1, "swap")))

    assert Flag.UNFINISHED in call.flags


def test_an_output_without_an_input_is_as_long_as_it_says():
    [call] = tools_of(run_of(reev_output(3, {"tool_name": "swap"}, ms=500)))

    assert (tool_of(call).name, call.duration_ns) == ("swap", 500_000_000)


def test_a_session_has_no_end_until_its_log_says_that_it_was_closed():
    events = prompt(1, "swap it"), reev_input(2, "swap"), reev_output(3, "ok")

    assert Flag.UNFINISHED in run_of(*events).spans[0].flags
    assert run_of(*events, SUMMARY, SUMMARY).spans[0].duration_ns == 2_000_000_000


def test_equal_calls_at_one_moment_are_two_calls():
    trace = run_of(reev_input(1, "a"), reev_input(1, "a"), reev_output(2, 1), reev_output(2, 2))

    assert len(tools_of(trace)) == 2
    assert trace.problems[1:] == ()


def test_a_log_that_has_grown_keeps_its_ids():
    events = [prompt(1, "swap it"), reev_input(2, "swap"), reev_output(3, "ok"), reev_input(4, "lend")]

    earlier, later = run_of(*events[:3]), run_of(*events)

    assert {span.span_id for span in earlier.spans} <= {span.span_id for span in later.spans}


def test_calls_as_older_releases_wrote_them_are_read():
    def call(second: float, **fields: Any) -> dict[str, Any]:
        told = {"execution_time_ms": 0, "input_params": {}, "output_result": {}, "status": "success"}
        when = f"2025-11-04T07:24:{second:09.6f}Z"
        return {"session_id": "one", "tool_name": "swap", "timestamp": when, "metadata": {}, **told, **fields}

    began = call(1, input_params={"amount": 5})
    ended = call(2, execution_time_ms=900, status="error", error_message="no")
    whole = call(4, execution_time_ms=500, input_params={"amount": 6}, output_result={"ok": 1})
    lines = [json.dumps(line).encode() for line in (began, ended, whole)]
    read = read_bytes(b"\n".join([*lines, b"", b'# SESSION_SUMMARY: {"session_id": "one", "total_tool_calls": 2}']))
    first, second = tools_of(assemble_one(read.spans))

    assert read.problems == []
    assert (first.input, first.duration_ns, first.status_message) == ({"amount": 5}, 1_000_000_000, "no")
    assert (second.input, second.output, second.duration_ns) == ({"amount": 6}, {"ok": 1}, 500_000_000)


def test_a_line_that_names_no_session_is_told():
    read = read_bytes(json.dumps(reev_event("Prompt", 1, session_id=7)).encode())

    assert read.told == ["1: left out 1 entry of reev events that cannot be read"]
