"""Findings that somebody decided not to act on, with the reason why."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from reev_flow.analysis.findings import Finding
from reev_flow.analysis.rules.wishes import Ignore
from reev_flow.trace.semantics import REEV_IGNORE
from reev_flow.trace.span import Operation, Span
from reev_flow.trace.trace import Trace


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that is left out of account, why, and whether the trace says so itself."""

    finding: Finding
    reason: str
    is_in_trace: bool = False


class SortedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The findings that count, and those that do not, each in the order they came."""

    kept: tuple[Finding, ...]
    ignored: tuple[Ignored, ...]


def sort_out(trace: Trace, findings: Sequence[Finding], ignores: Sequence[Ignore]) -> SortedOut:
    """By the ignores, then by what spans say themselves: `reev.ignore` = "RF101: why" on a span that proves a finding, or above it."""
    if not findings:
        return SortedOut(kept=(), ignored=())
    told = _told_in(trace)
    wanted = [ignore for ignore in ignores if _is_of_flow(ignore, trace)]
    if not told and not wanted:
        return SortedOut(kept=tuple(findings), ignored=())
    positions: dict[str, list[int]] = {}
    for position, span in enumerate(trace.spans):
        positions.setdefault(span.span_id, []).append(position)
    kept: list[Finding] = []
    ignored: list[Ignored] = []
    for finding in findings:
        proof = [position for span_id in finding.evidence for position in positions.get(span_id, ())]
        spared = _by_setting(finding, [trace.spans[position] for position in proof], wanted) or _by_trace(
            finding, proof, trace, told
        )
        if spared is None:
            kept.append(finding)
        else:
            ignored.append(spared)
    return SortedOut(kept=tuple(kept), ignored=tuple(ignored))


def _is_of_flow(ignore: Ignore, trace: Trace) -> bool:
    return not ignore.flow or fnmatchcase(trace.name, ignore.flow)


def _by_setting(finding: Finding, proof: Sequence[Span], ignores: Sequence[Ignore]) -> Ignored | None:
    for ignore in ignores:
        if ignore.code == finding.code and _concerns(ignore, proof):
            return Ignored(finding=finding, reason=ignore.reason)
    return None


def _concerns(ignore: Ignore, proof: Sequence[Span]) -> bool:
    """Every span that proves the finding must be of that name, and every tool among them that tool."""
    tools = [span for span in proof if span.operation is Operation.TOOL]
    if ignore.tool and not (tools and all(fnmatchcase(span.label, ignore.tool) for span in tools)):
        return False
    return not ignore.name or (bool(proof) and all(_is_called(span, ignore.name) for span in proof))


def _is_called(span: Span, name: str) -> bool:
    return fnmatchcase(span.label, name) or fnmatchcase(span.name, name)


def _told_in(trace: Trace) -> dict[int, dict[str, str]]:
    """Reasons by code, by the position of the span that gives them."""
    told: dict[int, dict[str, str]] = {}
    for position, span in enumerate(trace.spans):
        if REEV_IGNORE in span.attributes:
            told[position] = dict(_reasons(span))
    return told


def _reasons(span: Span) -> Iterator[tuple[str, str]]:
    """What gives no reason is no ignore."""
    value = span.attributes[REEV_IGNORE]
    for text in value if isinstance(value, list) else [value]:
        code, _, reason = text.partition(":") if isinstance(text, str) else ("", "", "")
        if reason.strip():
            yield code.strip().upper(), reason.strip()


def _by_trace(
    finding: Finding, proof: Sequence[int], trace: Trace, told: Mapping[int, Mapping[str, str]]
) -> Ignored | None:
    """Where every span of the proof is covered; the reason of the first."""
    reasons = [_reason_above(finding.code, position, trace, told) for position in proof] if told else []
    if not reasons or not all(reasons):
        return None
    return Ignored(finding=finding, reason=reasons[0] or "", is_in_trace=True)


def _reason_above(code: str, position: int, trace: Trace, told: Mapping[int, Mapping[str, str]]) -> str | None:
    for above in (position, *trace.ancestors(position)):
        reason = told.get(above, {}).get(code)
        if reason:
            return reason
    return None
