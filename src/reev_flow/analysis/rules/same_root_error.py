"""RF209: one error was passed up through several levels."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning.failure import failure_text, quoted, was_interrupted, was_left_on_purpose
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation, Span
from reev_flow.trace.trace import NO_PARENT

LEVELS, UNTOLD_LEVELS = 2, 3  # two tell of one error when they use the same words
SURE_BY_WORDS, SURE_BY_ORDER = 0.9, 0.7
ENOUGH_CHARACTERS = 8  # shorter words are shared by chance
ERROR_NAME = re.compile(r"^[\w.]*(?:Error|Exception|Failure)\b[:\s]*")


class Chain(msgspec.Struct, frozen=True):
    """Failed spans, from the deepest outwards; `is_told` says whether each repeats the words of the deepest."""

    positions: Sequence[int]
    is_told: bool


def look_for_one_root(facts: RunFacts) -> Iterator[Observation]:
    """At least two levels of work that use the same words, or three, the deepest of which is named. A level belongs to the error when it
    repeats its words, or when it failed without having begun anything after it. Silent about failures that were made good.
    """
    for chain in _chains(facts):
        if len(chain.positions) >= (LEVELS if chain.is_told else UNTOLD_LEVELS):
            yield _observe(chain, facts)


def _chains(facts: RunFacts) -> Iterator[Chain]:
    trace = facts.trace
    open_failures = [one.position for one in facts.failed_operations if not one.was_made_good and one.is_innermost]
    claimed: set[int] = set()
    for root in open_failures:
        words = _core(trace.spans[root])
        positions, is_told, latest = [root], True, root
        for above in trace.ancestors(root):
            span = trace.spans[above]
            if not span.failed or above in claimed or was_left_on_purpose(span) or was_interrupted(span):
                break
            repeats = len(words) >= ENOUGH_CHARACTERS and words in (failure_text(span) or "")
            if not repeats and not _ended_by(above, latest, facts):
                break
            claimed.add(above)
            latest = above
            if span.operation is not Operation.OTHER and not _is_inner_step(above, facts):
                positions.append(above)
                is_told = is_told and repeats
        yield Chain(positions, is_told)


def _is_inner_step(position: int, facts: RunFacts) -> bool:
    """Whether it is a step of an agent that went on: the error came to the agent at once, and got no further."""
    above = facts.trace.parents[position]
    if facts.trace.spans[position].operation is not Operation.STEP or above == NO_PARENT:
        return False
    return facts.trace.spans[above].operation is Operation.AGENT and not facts.trace.spans[above].failed


def _core(span: Span) -> str:
    """The words of the error without its name, in their first line."""
    words = (failure_text(span) or "").strip().splitlines()
    return ERROR_NAME.sub("", words[0]).strip() if words else ""


def _ended_by(outer: int, inner: int, facts: RunFacts) -> bool:
    """Whether the outer span began nothing after the inner one had failed."""
    return facts.trace.subtree_ends[outer] == facts.trace.subtree_ends[inner]


def _observe(chain: Chain, facts: RunFacts) -> Observation:
    spans = [facts.trace.spans[position] for position in chain.positions]
    root = spans[0]
    words = quoted(failure_text(root) or "")
    through = ", ".join(f"{span.operation} {span.label}" for span in spans[1:])
    return Observation(
        message=f"one error ({words or 'no reason given'}) arose in {root.operation} {root.label} and passed {through}",
        advice="mend the deepest one, the others only handed it on",
        evidence=tuple(span.span_id for span in reversed(spans)),
        confidence=SURE_BY_WORDS if chain.is_told else SURE_BY_ORDER,
    )
