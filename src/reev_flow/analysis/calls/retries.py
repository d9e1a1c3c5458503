"""Which tool calls were further goes at a question that had failed."""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from reev_flow.analysis.calls.tool_calls import ToolCall


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """Every go at one question of one tool, by start: the first failed, and each began after the one before had ended.

    All but the last failed; `went_well` says whether the last did not.
    """

    calls: tuple[ToolCall, ...]
    went_well: bool

    @property
    def name(self) -> str:
        return self.calls[0].name

    @property
    def retries(self) -> int:
        return len(self.calls) - 1


def retried_calls(
    calls: Sequence[ToolCall], question_of: Callable[[ToolCall], bytes], failed: Callable[[ToolCall], bool]
) -> tuple[Retried, ...]:
    """By the start of their first call. The calls must be sorted by start; whether the program tries again or a model asks again makes
    no difference. Without recorded arguments nobody knows whether the question was the same.
    """
    names = {call.name for call in calls if failed(call)}
    by_question: dict[tuple[str, bytes], list[ToolCall]] = {}
    for call in calls:
        if call.name in names and call.arguments is not None:
            by_question.setdefault((call.name, question_of(call)), []).append(call)
    found = [one for asked in by_question.values() if len(asked) > 1 for one in _goes(asked, failed)]
    return tuple(sorted(found, key=lambda one: (one.calls[0].start_ns, one.calls[0].position)))


def _goes(asked: Sequence[ToolCall], failed: Callable[[ToolCall], bool]) -> Iterator[Retried]:
    """A call that began before an earlier one had ended is a question beside it, and none of its retries."""
    goes: list[ToolCall] = []
    for call in asked:
        if goes and call.start_ns < goes[-1].end_ns:
            continue
        if not goes and not failed(call):
            continue
        goes.append(call)
        if not failed(call):
            yield Retried(calls=tuple(goes), went_well=True)
            goes = []
    if len(goes) > 1:
        yield Retried(calls=tuple(goes), went_well=False)
