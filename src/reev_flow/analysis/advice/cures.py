"""Which findings one cure would mend."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from reev_flow.analysis.advice.span_shares import SpanShares
from reev_flow.analysis.findings import Finding
from reev_flow.trace.trace import Trace

Key: TypeAlias = tuple[object, ...]

# Codes that may have one cure, the one that names it first: where several meet, that is the one to speak.
FAMILIES = (
    ("RF103", "RF101"),
    ("RF104", "RF105"),
    ("RF204", "RF208", "RF205", "RF203", "RF102", "RF206", "RF207", "RF108", "RF106", "RF202", "RF209", "RF201"),
    ("RF301", "RF305"),
    ("RF302", "RF210"),
)
FAMILY_OF_CODE = {code: number for number, codes in enumerate(FAMILIES) for code in codes}
RANKS = {code: rank for codes in FAMILIES for rank, code in enumerate(codes)}
ONE_CURE_FOR_ALL = frozenset({"RF404"})  # whatever it was found in


class Case(msgspec.Struct, frozen=True):
    """Findings with one cure, the one that names it first, and the positions of all their evidence in the order of the trace."""

    findings: tuple[Finding, ...]
    positions: tuple[int, ...]

    @property
    def lead(self) -> Finding:
        return self.findings[0]


def cases_of(findings: Iterable[Finding], shares: SpanShares) -> list[Case]:
    """In the order of their first findings. One cure have findings of one family that share evidence, and those of one code about the
    same operations.
    """
    found = [(finding, tuple(shares.positions(finding.evidence))) for finding in findings]
    leaders = list(range(len(found)))
    first_with: dict[Key, int] = {}
    for number, (finding, positions) in enumerate(found):
        for key in _keys(finding, positions, shares.facts.trace):
            _join(leaders, first_with.setdefault(key, number), number)
    groups: dict[int, list[int]] = {}
    for number in range(len(found)):
        groups.setdefault(_leader(leaders, number), []).append(number)
    return [_case([found[number] for number in numbers]) for numbers in groups.values()]


def _keys(finding: Finding, positions: Sequence[int], trace: Trace) -> Iterable[Key]:
    """Findings with a key in common have one cure."""
    family = FAMILY_OF_CODE.get(finding.code)
    if family is not None:
        yield from ((family, position) for position in positions)
    if finding.code in ONE_CURE_FOR_ALL:
        yield (finding.code,)
    elif positions:
        spans = [trace.spans[position] for position in positions]
        yield finding.code, frozenset((span.operation, span.label) for span in spans)


def _case(found: Sequence[tuple[Finding, tuple[int, ...]]]) -> Case:
    findings = sorted((finding for finding, _ in found), key=lambda finding: RANKS.get(finding.code, 0))
    positions = sorted({position for _, positions in found for position in positions})
    return Case(tuple(findings), tuple(positions))


def _join(leaders: list[int], one: int, other: int) -> None:
    first, second = sorted((_leader(leaders, one), _leader(leaders, other)))
    leaders[second] = first


def _leader(leaders: list[int], number: int) -> int:
    while leaders[number] != number:
        leaders[number] = leaders[leaders[number]]
        number = leaders[number]
    return number
