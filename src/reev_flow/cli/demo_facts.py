"""What the demo knows from outside of the processes it watched: their ends, the journal, the tally, the trace."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from reev_flow.analysis.insights import FlowInsights
from reev_flow.cli.demo_flow import CHOOSE, RERUN, declared
from reev_flow.cli.demo_place import Place
from reev_flow.cli.demo_process import Ended
from reev_flow.cli.demo_tally import BEGINS, ENDS, FAILS, Line
from reev_flow.sessions.data import SessionData
from reev_flow.sessions.journal import JournalEntry
from reev_flow.sessions.state import SessionState
from reev_flow.trace.run import Attempt, GapKind, Outcome, RunRecord
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import Trace

SIDES = {Outcome.FINISHED: ENDS, Outcome.FAILED: FAILS}


class Executions(msgspec.Struct, frozen=True, kw_only=True):
    """One tool: how often the tally saw it begin, end and fail, and what the journal says became of each attempt."""

    tool: str
    declared: str
    began: int
    ended: int
    failed: int
    journal: tuple[Outcome, ...]

    @property
    def is_told_alike(self) -> bool:
        """Whether tally and journal agree."""
        counts = Counter(SIDES.get(outcome) for outcome in self.journal)
        return (self.began, self.ended, self.failed) == (len(self.journal), counts[ENDS], counts[FAILS])


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`before` is the journal as the killed process left it, `after` as it is at the end; `sections` are those that stand in the report."""

    place: Place
    killed: Ended
    resumed: Ended
    before: tuple[JournalEntry, ...]
    after: tuple[JournalEntry, ...]
    session: SessionData
    record: RunRecord
    tally: tuple[Line, ...]
    sections: tuple[str, ...]
    insights: FlowInsights

    @property
    def executions(self) -> tuple[Executions, ...]:
        """In the order in which the tools first began."""
        attempts = [attempt for attempt in self.record.attempts if attempt.operation is Operation.TOOL]
        tools = (*(attempt.name for attempt in attempts), *(line.tool for line in self.tally))
        return tuple(_executions(tool, self.tally, attempts) for tool in dict.fromkeys(tools))

    @property
    def down_ns(self) -> int:
        downs = (gap for gap in self.record.gaps if gap.kind is GapKind.DOWN and gap.end_ns is not None)
        return sum((gap.end_ns or 0) - gap.start_ns for gap in downs)

    @property
    def explained_ns(self) -> int:
        return sum(self.insights.spans.operation_critical_ns)

    @property
    def is_continued(self) -> bool:
        return self.after[: len(self.before)] == self.before


def _executions(tool: str, tally: Sequence[Line], attempts: Sequence[Attempt]) -> Executions:
    counts = Counter(line.what for line in tally if line.tool == tool)
    return Executions(
        tool=tool,
        declared=declared(tool),
        began=counts[BEGINS],
        ended=counts[ENDS],
        failed=counts[FAILS],
        journal=tuple(attempt.outcome for attempt in attempts if attempt.name == tool),
    )


def broken_promises(facts: Facts) -> Iterator[str]:
    """What should have been so and was not, each in one line."""
    if facts.session.state is not SessionState.COMPLETED:
        yield f"the session is {facts.session.state}, not completed"
    if not facts.is_continued:
        yield "the journal that the killed process left was changed"
    for one in facts.executions:
        yield from _broken_by(one, facts)
    if len(set(facts.sections)) != len(facts.sections):
        yield "the report holds a section twice"
    unexplained_ns = facts.insights.trace.duration_ns - facts.explained_ns
    if unexplained_ns:
        yield f"{unexplained_ns:,} ns of the run are not explained"
    if not has_every_choice(facts.insights.trace):
        yield "the trace lacks spans that were made inside of steps"
    for problem in facts.insights.trace.problems:
        yield f"the trace is not whole: {problem.details}"


def has_every_choice(trace: Trace) -> bool:
    """Whether what the chooser did within its steps has arrived: a process keeps such spans for a moment before it stores them."""
    asked = sum(span.label == CHOOSE for span in trace.spans)
    return asked == sum(span.operation is Operation.LLM for span in trace.spans)


def _broken_by(one: Executions, facts: Facts) -> Iterator[str]:
    if not one.is_told_alike:
        yield f"{one.tool}: the tally and the journal differ"
    if one.declared != RERUN and one.began > len(facts.sections):
        yield f"{one.tool}: an effect was tried more than once"
