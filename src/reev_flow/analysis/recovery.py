"""Whether a failure was made good later in the run.

A tool is made good when it goes well with the same input. In a later turn, asked by a model that had seen the failure, another input
does as well. Not so when the input was not the reason, because the other side was busy or broken: its question is then still open,
though it may be put in other words or to another address, and what a shell prints about other sides is not its own failure. Any model
call makes good a model call; a flow, agent or step is made good by another go of the same name.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from reev_flow.analysis import tool_names
from reev_flow.analysis.equivalence import question
from reev_flow.analysis.error_classes import TRANSIENT, ErrorClass
from reev_flow.trace.span import Operation, Span, Value

Key: TypeAlias = tuple[Operation, str]

TAKES_INPUT = frozenset({Operation.TOOL, Operation.RETRIEVAL, Operation.EMBEDDING})
ANY = b""  # any question


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
    """When everything began that went well and was asked what something failed at."""

    def __init__(self, failed: Iterable[Attempt], went_well: Iterable[Attempt], model_starts_ns: Sequence[int]) -> None:
        """The starts of all model calls must be sorted."""
        self._model_starts_ns = model_starts_ns
        self._starts_ns: dict[Key, dict[bytes, list[int]]] = {}
        for attempt in failed:
            self._starts_ns.setdefault(attempt.key, {}).update({asked: [] for asked in _questions(attempt)})
        for attempt in went_well:
            starts_ns = self._starts_ns.get(attempt.key, {})
            for asked in _questions(attempt) if starts_ns else ():
                if asked in starts_ns:
                    starts_ns[asked].append(attempt.start_ns)
        for by_question in self._starts_ns.values():
            for moments in by_question.values():
                moments.sort()

    def made_good(self, failed: Attempt, error_class: ErrorClass | None, until_ns: int | None) -> bool:
        """Only what began before the last moment counts, if one is given."""
        if failed.key[0] not in TAKES_INPUT:
            return self._went_well(failed.key, ANY, failed.end_ns, until_ns)
        _, same, reworded = _questions(failed)
        if self._went_well(failed.key, same, failed.end_ns, until_ns):
            return True
        turn = bisect_left(self._model_starts_ns, failed.end_ns)
        if turn == len(self._model_starts_ns):
            return False
        is_still_open = error_class in TRANSIENT and not tool_names.runs(failed.key[1])
        return self._went_well(failed.key, reworded if is_still_open else ANY, self._model_starts_ns[turn], until_ns)

    def _went_well(self, key: Key, asked: bytes, from_ns: int, until_ns: int | None) -> bool:
        starts_ns = self._starts_ns[key][asked]
        first = bisect_left(starts_ns, from_ns)
        return first < len(starts_ns) and (until_ns is None or starts_ns[first] < until_ns)


def _questions(attempt: Attempt) -> tuple[bytes, ...]:
    """Anything; for what takes input also what was asked, and the same with its wording left out."""
    if attempt.key[0] not in TAKES_INPUT:
        return (ANY,)
    shape = _without_wording(attempt.input)
    return ANY, b"same " + question(attempt.input), b"shape " + question(shape)


def _without_wording(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: "" if _is_wording(item) else item for name, item in value.items()}
    return "" if _is_wording(value) else value


def _is_wording(value: Value) -> bool:
    """Whether it is free text or an address: there are other ways to put it."""
    return isinstance(value, str) and (" " in value or "://" in value)
