"""A simulated run as other instrumentations would have told it, and what can be known of it there."""

from functools import cache
from random import Random
from string import ascii_lowercase

import msgspec

from conformance.dialects import DIALECTS
from conformance.logical_run import Asked, LogicalRun, ToolRun, Turn, Work
from conformance.reading import read_at_once
from reev_flow.trace.span import Operation, Span, TokenUsage
from reev_flow.trace.trace import Trace
from simulated.deeds import Diary, ModelDeed, ToolDeed
from simulated.labels import Claim, Labels
from simulated.runs import SimulatedRun

ARGUMENTS, RESULTS, FINISH, CACHE = "arguments", "results", "finish", "cache"
PLACES, PAUSES = "tools stand beside the model", "nothing covers the pauses of an agent"
NEEDS = {
    "RF101": {ARGUMENTS, RESULTS},
    "RF102": {ARGUMENTS},
    "RF103": {ARGUMENTS, RESULTS},
    "RF104": {ARGUMENTS},
    "RF105": {ARGUMENTS, RESULTS, PLACES},
    "RF106": {PLACES},
    "RF107": {PLACES, PAUSES},
    "RF202": {RESULTS},
    "RF302": {FINISH},
    "RF303": {CACHE},
    "RF401": {ARGUMENTS},
    "RF404": {ARGUMENTS, RESULTS},
}


def can_be_told(run: SimulatedRun) -> bool:
    """Only what one agent did that asks a model and runs what it asked for has a form in every dialect."""
    return run.diary.is_plain and not run.diary.failure


def some_dialects(run: SimulatedRun, number: int) -> list[str]:
    """The same for the same run."""
    return Random(run.name).sample(sorted(DIALECTS), min(number, len(DIALECTS)))


def told_in(dialect: str, run: SimulatedRun) -> tuple[Trace, Labels]:
    return read_at_once(DIALECTS[dialect](as_logical(run.diary))), labels_in(dialect, run.labels)


def labels_in(dialect: str, labels: Labels) -> Labels:
    """What cannot be known counts neither way. Spans that a dialect writes around others stand for them."""
    unknown = {code for code, needs in NEEDS.items() if not needs <= tells(dialect)}
    return Labels(
        expected=tuple(_widened(claim) for claim in labels.expected if claim.code not in unknown),
        debatable=(
            *(_widened(claim) for claim in (*labels.debatable, *labels.expected)),
            *(Claim(code=code, because="cannot be known in this dialect") for code in sorted(unknown)),
        ),
    )


def _widened(claim: Claim) -> Claim:
    around = [f"{int(span, 16) ^ ord(letter):016x}" for span in claim.spans for letter in ascii_lowercase]
    return msgspec.structs.replace(claim, spans=(*claim.spans, *around))


def as_logical(diary: Diary) -> LogicalRun:
    return LogicalRun(
        trace_id=diary.trace_id,
        conversation=f"conversation {diary.trace_id[:8]}",
        flow=Work(span_id=diary.root[0], start_ns=diary.root[1], end_ns=diary.root[2]),
        agent=Work(span_id=diary.agent[0], start_ns=diary.agent[1], end_ns=diary.agent[2]),
        turns=tuple(map(_turn, diary.models)),
    )


def _turn(deed: ModelDeed) -> Turn:
    asked = {
        call_id: Asked(name=one.tool.name, call_id=call_id, arguments=one.arguments) for call_id, one in deed.asked
    }
    return Turn(
        work=Work(span_id=deed.span_id, start_ns=deed.start_ns, end_ns=deed.end_ns),
        usage=TokenUsage(input=deed.input_tokens, output=deed.output_tokens, cache_read=deed.cached_tokens),
        answer=deed.answer,
        asked=tuple(asked.values()),
        tools=tuple(_tool_run(tool, asked[tool.call_id]) for tool in deed.tools),
        is_cut=deed.finish not in {"stop", "tool_calls"},
    )


def _tool_run(deed: ToolDeed, asked: Asked) -> ToolRun:
    failure = deed.outcome.failure
    return ToolRun(
        work=Work(span_id=deed.span_id, start_ns=deed.start_ns, end_ns=deed.end_ns),
        asked=msgspec.structs.replace(asked, arguments=deed.asked.arguments),
        result=None if failure else deed.outcome.result,
        error=failure.text if failure else "",
        error_class=failure.kind if failure else "",
    )


@cache
def tells(dialect: str) -> frozenset[str]:
    """Found out by telling it everything and looking at what comes back."""
    trace = read_at_once(DIALECTS[dialect](_everything()))
    spans, run = trace.spans, _everything()
    tools = [span for span in spans if span.operation is Operation.TOOL]
    around_tools = {above for at, span in enumerate(spans) if span in tools for above in trace.ancestors(at)}
    models = [span for span in spans if span.operation is Operation.LLM]
    answers = {
        ARGUMENTS: any(span.input for span in tools),
        RESULTS: any(span.output for span in tools),
        FINISH: any(
            "length" in reason.lower() or "max" in reason.lower()
            for span in models
            if span.model
            for reason in span.model.finish_reasons
        ),
        PLACES: not any(spans[above] in models for above in around_tools),
        PAUSES: not any(_covers(span, run.agent) for at, span in enumerate(spans) if at not in around_tools),
        CACHE: all(span.model.tells_cache for span in models if span.model),
    }
    return frozenset(name for name, is_told in answers.items() if is_told)


def _covers(span: Span, agent: Work) -> bool:
    return span.operation is Operation.OTHER and span.start_ns <= agent.start_ns and span.end_ns >= agent.end_ns


def _everything() -> LogicalRun:
    def work(number: int) -> Work:
        return Work(span_id=f"{number * 4_096:016x}", start_ns=number * 1_000, end_ns=number * 1_000 + 500)

    asked = Asked(name="look", call_id="call_1", arguments={"at": "this"})
    tool = ToolRun(work=work(4), asked=asked, result={"seen": "that"})
    usage = TokenUsage(input=2_000, output=10)
    return LogicalRun(
        trace_id="1" * 32,
        conversation="one",
        flow=msgspec.structs.replace(work(1), end_ns=9_000),
        agent=msgspec.structs.replace(work(2), end_ns=8_000),
        turns=(
            Turn(work=work(3), usage=usage, asked=(asked,), tools=(tool,)),
            Turn(work=work(5), usage=usage, answer="That", is_cut=True),
        ),
    )
