import pytest

from reev_flow.trace.span import Operation, Status, ToolUse
from support.spans import understood

KIND = "ioa_observe.span.kind"


@pytest.mark.parametrize(
    ("word", "operation"),
    [("graph", Operation.FLOW), ("agent", Operation.AGENT), ("tool", Operation.TOOL), ("task", Operation.STEP)],
)
def test_a_kind_is_named(word: str, operation: Operation):
    assert understood({KIND: word}).operation is operation


def test_a_tool_call_by_its_decorator():
    span = understood(
        {
            KIND: "tool",
            "ioa_observe.entity.name": "get_weather",
            "ioa_observe.entity.input": '{"args": [], "kwargs": {"city": "Lisbon"}}',
            "ioa_observe.entity.output": '"{\\"sky\\": \\"sunny\\"}"',
        }
    )

    assert (span.tool, span.input, span.output) == (
        ToolUse(name="get_weather"),
        {"city": "Lisbon"},
        {"sky": "sunny"},
    )


def test_arguments_that_were_given_by_place_stay_in_their_list():
    span = understood({KIND: "tool", "ioa_observe.entity.input": '{"args": ["Lisbon"], "kwargs": {}}'})

    assert span.input == {"args": ["Lisbon"], "kwargs": {}}


def test_an_execution_is_the_conversation_of_its_older_versions():
    assert understood({KIND: "agent", "execution.id": "talk"}).conversation_id == "talk"


@pytest.mark.parametrize("told", [{"execution.success": False}, {"execution.success": "false"}])
def test_work_without_success_has_failed(told: dict[str, object]):
    assert understood({KIND: "tool", **told}, scope="ioa.observe.tracer").status is Status.ERROR
