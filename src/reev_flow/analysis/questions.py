"""What each tool call asked and was told, in the form that equivalent calls share."""

from reev_flow.analysis.equivalence import question
from reev_flow.analysis.tool_calls import ToolCall


class Questions:
    """Works out each form once, when it is first asked for."""

    def __init__(self) -> None:
        self._asked: dict[int, bytes] = {}
        self._told: dict[int, bytes] = {}

    def asked(self, call: ToolCall) -> bytes:
        """The arguments."""
        found = self._asked.get(call.position)
        if found is None:
            found = self._asked[call.position] = question(call.arguments)
        return found

    def told(self, call: ToolCall) -> bytes:
        """The result."""
        found = self._told.get(call.position)
        if found is None:
            found = self._told[call.position] = question(call.result)
        return found
