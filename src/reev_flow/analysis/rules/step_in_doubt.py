"""RF402: a step of a session was interrupted, and nobody knows whether it happened."""

from collections.abc import Iterator

from reev_flow.analysis.findings import Observation
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace import semantics
from reev_flow.trace.run import Outcome
from reev_flow.trace.span import Span, Value

SURE = 0.95  # the journal says so
IN_DOUBT = frozenset({"ask", "fail", "probe"})  # what was declared of steps that may not simply be run again
OVER = frozenset({"completed", "failed", "timed_out", "cancelled"})

ADVICE = "find out where it acts whether it happened; `reev-flow sessions show` of the session says how to settle it"
ADVICE_WHEN_OVER = "find out where it acts whether it happened: its session is over, so nothing will settle it"


def look_for_steps_in_doubt(facts: RunFacts) -> Iterator[Observation]:
    """One observation a step. Silent once somebody said what became of it, when it was tried again, and when it may be run again."""
    last: dict[tuple[Value, Value], Span] = {}
    states: dict[Value, Value] = {}
    for span in facts.trace.spans:
        session = span.attributes.get(semantics.REEV_SESSION_ID)
        if not isinstance(session, str):
            continue
        if semantics.REEV_SESSION_STATE in span.attributes:
            states[session] = span.attributes[semantics.REEV_SESSION_STATE]
        step = span.attributes.get(semantics.REEV_STEP_ID)
        if isinstance(step, str) and semantics.REEV_GAP not in span.attributes:
            before = last.get((session, step))
            if before is None or _attempt(span) >= _attempt(before):
                last[session, step] = span
    for (session, _), span in last.items():
        if _is_in_doubt(span):
            yield _observe(span, is_over=states.get(session) in OVER)


def _attempt(span: Span) -> int:
    number = span.attributes.get(semantics.REEV_STEP_ATTEMPT)
    return number if isinstance(number, int) else 0


def _is_in_doubt(span: Span) -> bool:
    told = span.attributes
    return (
        told.get(semantics.REEV_OUTCOME) == Outcome.INTERRUPTED
        and not told.get(semantics.REEV_SETTLED)
        and told.get(semantics.REEV_STEP_EFFECT) in IN_DOUBT
    )


def _observe(span: Span, *, is_over: bool) -> Observation:
    reason = span.attributes.get(semantics.REEV_REASON)
    why = f" ({reason})" if isinstance(reason, str) and reason else ""
    return Observation(
        message=f"{span.label} was interrupted{why}, and nobody has said whether it happened",
        advice=ADVICE_WHEN_OVER if is_over else ADVICE,
        evidence=(span.span_id,),
        confidence=SURE,
    )
