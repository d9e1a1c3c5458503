"""Whether another tool stood in for one that failed."""

from bisect import bisect_left
from collections.abc import Sequence

from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.error_classes import TRANSIENT, ErrorClass
from reev_flow.trace.canonical import canonical

SOON = 8  # calls after a failure among which a stand-in is looked for


def has_stand_in(failed: ToolCall, error_class: ErrorClass | None, went_well: Sequence[ToolCall]) -> bool:
    """Whether one of the next calls that went well was asked for the same: by a name with the same topic, or with all the values of the
    arguments. Unless the other side was busy or broken, the call itself was amiss, and less will do: one common value, or a shell, which
    can do what any tool does. What only looks never stands in for what acts. The calls must be sorted by start.
    """
    first = bisect_left(went_well, failed.end_ns, key=lambda call: call.start_ns)
    was_amiss = error_class not in TRANSIENT
    return any(_stands_in(other, failed, was_amiss=was_amiss) for other in went_well[first : first + SOON])


def _stands_in(other: ToolCall, failed: ToolCall, *, was_amiss: bool) -> bool:
    if other.name == failed.name or (tool_names.acts(failed.name) and not tool_names.may_act(other.name)):
        return False
    if not tool_names.topics(failed.name).isdisjoint(tool_names.topics(other.name)):
        return True
    wanted, given = _argument_values(failed), _argument_values(other)
    if was_amiss:
        return tool_names.runs(other.name) or not wanted.isdisjoint(given)
    return bool(wanted) and wanted <= given


def _argument_values(call: ToolCall) -> set[bytes]:
    values = call.arguments.values() if isinstance(call.arguments, dict) else [call.arguments]
    return {canonical(value) for value in values if value is not None}
