"""Whether a failure was made good later in the run.

A tool is made good when it goes well with the same input. In a later turn, asked by a model that had seen the failure, another input
does as well. Not so when the input was not the reason, because the other side was busy or broken: its question is then still open,
though it may be put in other words or to another address, and what a shell prints about other sides is not its own failure. Any model
call makes good a model call; a flow, agent or step is made good by another go of the same name.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.equivalence import question
from reev_flow.analysis.meaning.error_classes import TRANSIENT, ErrorClass
from reev_flow.trace.span import Operation, Span, Value

Key: TypeAlias = tuple[Operation, str]

TAKES_INPUT = frozenset({Operation.TOOL, Operation.RETRIEVAL, Operation.EMBEDDING})
Form: TypeAlias = Callable[[Value], bytes]
"""Two inputs are the same question in one of them."""


class Attempt(NamedTuple):
    """One go at something, well or not."""

    key: Key
    input: Value
    start_ns: int
    end_ns: int


def attempt_of(span: Span) -> Attempt:
    key = (span.operation, "" if span.operation is Operation.LLM else span.label)
    return Attempt(key, span.input, span.start_ns, span.end_ns)


class Recovery:
    """When everything began that went well and was asked what something failed at. Forms that nobody asks for are not worked out."""

    def __init__(
        self,
        failed: Iterable[Attempt],
        went_well: Iterable[Attempt],
        model_starts_ns: Sequence[int],
        *,
        question_of: Callable[[Value], bytes],
    ) -> None:
        """The starts of all model calls must be sorted."""
        self._failed: dict[Key, list[Attempt]] = {}
        for attempt in failed:
            self._failed.setdefault(attempt.key, []).append(attempt)
        self._model_starts_ns = model_starts_ns
        self._question_of = question_of
        self._went_well: dict[Key, list[Attempt]] = {}
        for attempt in went_well:
            self._went_well.setdefault(attempt.key, []).append(attempt)
        self._starts_ns: dict[tuple[Key, Form], dict[bytes, list[int]]] = {}

    def made_good(self, failed: Attempt, error_class: ErrorClass | None, until_ns: int | None) -> bool:
        """Only what began before the last moment counts, if one is given."""
        if failed.key not in self._went_well:
            return False
        if failed.key[0] not in TAKES_INPUT:
            return self._is_followed(failed, _anything, failed.end_ns, until_ns)
        if self._is_followed(failed, self._question_of, failed.end_ns, until_ns):
            return True
        turn = bisect_left(self._model_starts_ns, failed.end_ns)
        if turn == len(self._model_starts_ns):
            return False
        is_still_open = error_class in TRANSIENT and not tool_names.runs(failed.key[1])
        form = _reworded if is_still_open else _anything
        return self._is_followed(failed, form, self._model_starts_ns[turn], until_ns)

    def _is_followed(self, failed: Attempt, form: Form, from_ns: int, until_ns: int | None) -> bool:
        starts_ns = self._starts(failed.key, form)[form(failed.input)]
        first = bisect_left(starts_ns, from_ns)
        return first < len(starts_ns) and (until_ns is None or starts_ns[first] < until_ns)

    def _starts(self, key: Key, form: Form) -> dict[bytes, list[int]]:
        found = self._starts_ns.get((key, form))
        if found is None:
            found = self._starts_ns[key, form] = {form(attempt.input): [] for attempt in self._failed[key]}
            for attempt in self._went_well[key]:
                starts_ns = found.get(form(attempt.input))
                if starts_ns is not None:
                    starts_ns.append(attempt.start_ns)
            for starts_ns in found.values():
                starts_ns.sort()
        return found


def _anything(_: Value) -> bytes:
    return b""


def _reworded(value: Value) -> bytes:
    """With its wording left out."""
    return question(_without_wording(value))


def _without_wording(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: "" if _is_wording(item) else item for name, item in value.items()}
    return "" if _is_wording(value) else value


def _is_wording(value: Value) -> bool:
    """Whether it is free text or an address: there are other ways to put it."""
    return isinstance(value, str) and (" " in value or "://" in value)
