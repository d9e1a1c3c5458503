"""RF302: what a model wrote was cut off because it grew too long, and nobody had it go on."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from reev_flow.analysis.calls.agent_lines import sent_to
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.findings import Observation
from reev_flow.analysis.meaning.finish_reasons import says_too_long
from reev_flow.analysis.run_facts import RunFacts

A_FEW_TOKENS = 16  # who allows no more wants a word, a letter or a probe

SURE = 0.9
SURE_IN_THE_MIDDLE = 0.75  # what followed may have done without


def look_for_cut_output(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each line of calls of a model. Silent when the next call of the line came before any tool was called, was not cut
    itself and does not turn to something else, since it goes on or asks anew, and when so little was written that it was meant to be cut.
    """
    tool_starts_ns = [call.start_ns for call in facts.tool_calls]
    for line in facts.agent_lines:
        cut = [
            call
            for number, call in enumerate(line)
            if _was_cut(call) and not _went_on(facts, line[number:], tool_starts_ns)
        ]
        if cut:
            yield _observe(cut, line[-1])


def _was_cut(call: ModelCall) -> bool:
    if call.failed or not any(says_too_long(reason) for reason in call.finish_reasons):
        return False
    return call.usage is None or not 0 < call.usage.output <= A_FEW_TOKENS


def _went_on(facts: RunFacts, calls: Sequence[ModelCall], tool_starts_ns: Sequence[int]) -> bool:
    """Whether the first of these calls was gone on with, or asked again, by the next that was not cut."""
    cut = calls[0]
    after = next((call for call in calls[1:] if call.start_ns >= cut.end_ns and not _was_cut(call)), None)
    if after is None or after.failed:
        return False
    first_tool = bisect_left(tool_starts_ns, cut.end_ns)
    if first_tool == len(tool_starts_ns) or tool_starts_ns[first_tool] >= after.start_ns:
        return not (cut.answer and after.asked)  # after a text that was cut comes text, not the next thing to do
    asked, again = sent_to(facts.trace, cut), sent_to(facts.trace, after)
    is_no_longer = cut.usage is None or after.usage is None or after.usage.input <= cut.usage.input
    return asked is not None and asked == again and is_no_longer


def _observe(cut: Sequence[ModelCall], last: ModelCall) -> Observation:
    model = cut[0].model or "a model"
    times = "" if len(cut) == 1 else f" {len(cut)} times"
    return Observation(
        message=f"what {model} wrote was cut off{times} because it grew too long ({cut[0].finish_reasons[0]})",
        advice="allow more output tokens, ask for less at once, or have the model go on when it was cut",
        evidence=tuple(call.span_id for call in cut),
        confidence=SURE if cut[-1] is last else SURE_IN_THE_MIDDLE,
    )
