"""What each tool call asked and was told, in the form that equivalent calls share."""

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.equivalence import question
from reev_flow.trace.span import Value

# What programs and models tell a tool about the go, and not about the question.
ABOUT_THE_GO = tool_names.vocabulary("attempt attempts retry retries try tries nonce")


class Questions:
    """Works out each form once, when it is first asked for."""

    def __init__(self) -> None:
        self._asked: dict[int, bytes] = {}
        self._told: dict[int, bytes] = {}
        self._values: dict[int, bytes] = {}  # by id

    def of(self, value: Value) -> bytes:
        """An input or output of the trace, which keeps it, so that it can be known by what object it is."""
        found = self._values.get(id(value))
        if found is None:
            found = self._values[id(value)] = question(value)
        return found

    def asked(self, call: ToolCall) -> bytes:
        """The arguments, without what only counts the goes."""
        found = self._asked.get(call.position)
        if found is None:
            asked = _without_the_go(call.arguments)
            found = self.of(asked) if asked is call.arguments else question(asked)
            self._asked[call.position] = found
        return found

    def told(self, call: ToolCall) -> bytes:
        """The result."""
        found = self._told.get(call.position)
        if found is None:
            found = self._told[call.position] = question(call.result)
        return found


def _without_the_go(arguments: Value) -> Value:
    if not isinstance(arguments, dict) or ABOUT_THE_GO.isdisjoint(
        word for key in arguments for word in tool_names.words(key)
    ):
        return arguments
    return {key: value for key, value in arguments.items() if ABOUT_THE_GO.isdisjoint(tool_names.words(key))}
