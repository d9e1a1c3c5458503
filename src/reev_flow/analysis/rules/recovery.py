"""Whether a failure was made good by a later try."""

from collections.abc import Iterable, Sequence

from reev_flow.analysis.tool_calls import ToolCall


def later_success(failed: ToolCall, calls: Iterable[ToolCall]) -> ToolCall | None:
    """The first call of the same tool that began after this one ended and went well."""
    return next(
        (call for call in calls if call.name == failed.name and not call.failed and call.start_ns >= failed.end_ns), None
    )


def unrecovered(calls: Sequence[ToolCall]) -> list[ToolCall]:
    """Failed calls that no later call of the same tool made good."""
    return [call for call in calls if call.failed and later_success(call, calls) is None]
