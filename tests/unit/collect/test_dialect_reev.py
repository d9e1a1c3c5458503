import pytest

from reev_flow.trace.span import Operation
from support.spans import understood


@pytest.mark.parametrize("operation", Operation)
def test_an_operation_is_said_by_its_own_name(operation: Operation):
    assert understood({"reev.operation": operation.value}).operation is operation


def test_a_conversation_is_said():
    assert understood({"reev.conversation.id": "talk", "session.id": "other"}).conversation_id == "talk"
