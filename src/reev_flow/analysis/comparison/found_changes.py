"""Which findings one run has and the other has not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

from reev_flow.analysis.comparison.operations import Operations
from reev_flow.analysis.comparison.steps import NOT_THERE, Step
from reev_flow.analysis.findings import Finding
from reev_flow.trace.trace import NO_PARENT

Signs: TypeAlias = set[tuple[str, object]]


class FindingChanges(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of both is one with the same code about a step that both did, or else about things of the same name. `missing` are the codes
    that nobody had the time to look for in both.
    """

    appeared: tuple[Finding, ...]
    vanished: tuple[Finding, ...]
    missing: tuple[str, ...] = ()


def changed_findings(
    a: Operations, b: Operations, steps: Sequence[Step], found: tuple[Sequence[Finding], Sequence[Finding]]
) -> FindingChanges:
    steps_a = {step.a: index for index, step in enumerate(steps) if step.a != NOT_THERE}
    steps_b = {step.b: index for index, step in enumerate(steps) if step.b != NOT_THERE}
    left_a, left_b = list(found[0]), list(found[1])
    for signs_a, signs_b in (
        (_by_step(a, steps_a, left_a), _by_step(b, steps_b, left_b)),
        (_by_name(a, left_a), _by_name(b, left_b)),
    ):
        left_a, left_b = _unmatched((left_a, signs_a), (left_b, signs_b))
    return FindingChanges(appeared=tuple(left_b), vanished=tuple(left_a))


def _unmatched(
    a: tuple[list[Finding], Mapping[int, Signs]], b: tuple[list[Finding], Mapping[int, Signs]]
) -> tuple[list[Finding], list[Finding]]:
    """Each finding of A takes the first of B that shares a sign with it and that no other has taken."""
    waiting: dict[tuple[str, object], list[int]] = {}
    for place in range(len(b[0]) - 1, -1, -1):
        for sign in b[1][id(b[0][place])]:
            waiting.setdefault(sign, []).append(place)
    taken: set[int] = set()
    left: list[Finding] = []
    for finding in a[0]:
        match = _first(a[1][id(finding)], waiting, taken)
        if match is None:
            left.append(finding)
        else:
            taken.add(match)
    return left, [finding for place, finding in enumerate(b[0]) if place not in taken]


def _first(signs: Signs, waiting: Mapping[tuple[str, object], list[int]], taken: set[int]) -> int | None:
    found: int | None = None
    for sign in signs:
        places = waiting.get(sign, [])
        while places and places[-1] in taken:
            places.pop()
        if places and (found is None or places[-1] < found):
            found = places[-1]
    return found


def _by_step(run: Operations, steps: Mapping[int, int], found: Iterable[Finding]) -> dict[int, Signs]:
    owners = _owners(run)
    return {
        id(finding): {
            (finding.code, steps[run.positions[owner]])
            for span_id in finding.evidence
            if (owner := owners.get(span_id, NO_PARENT)) != NO_PARENT
        }
        for finding in found
    }


def _by_name(run: Operations, found: Iterable[Finding]) -> dict[int, Signs]:
    owners = _owners(run)
    return {id(finding): {(finding.code, _subject(run, owners, finding))} for finding in found}


def _subject(run: Operations, owners: Mapping[str, int], finding: Finding) -> object:
    owner = next((owners.get(span_id, NO_PARENT) for span_id in finding.evidence), NO_PARENT)
    return run.whats[owner] if owner != NO_PARENT else ""


def _owners(run: Operations) -> dict[str, int]:
    return {span.span_id: owner for span, owner in zip(run.trace.spans, run.owners, strict=True)}
