"""What a run said in the end."""

from collections.abc import Iterator

from reev_flow.analysis.model_calls import ModelCall
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Operation, Span, Value
from reev_flow.trace.trace import Trace

SPEAKERS = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP})


def final_answer(facts: RunFacts) -> str | None:
    """The text of the model call that ended last, else what the outermost flow, agent or step gave back.

    None when the trace recorded neither; empty when it recorded that there was no text.
    """
    last = last_model_call(facts)
    if last is not None and last.answer:
        return last.answer
    stated = stated_output(facts.trace)
    return stated if stated is not None or last is None else last.answer


def last_model_call(facts: RunFacts) -> ModelCall | None:
    return max(facts.model_calls, key=lambda call: (call.end_ns, call.start_ns), default=None)


def stated_output(trace: Trace) -> str | None:
    """What the first of the outermost flows, agents and steps with an output gave back."""
    return next((_text(span.output) for span in _outermost_speakers(trace) if span.output is not None), None)


def _outermost_speakers(trace: Trace) -> Iterator[Span]:
    position = 0
    while position < len(trace):
        span = trace.spans[position]
        is_speaker = span.operation in SPEAKERS
        if is_speaker:
            yield span
        position = trace.subtree_ends[position] if is_speaker else position + 1


def _text(output: Value) -> str:
    if isinstance(output, str):
        return output.strip()
    return "" if output in ([], {}) else canonical(output).decode()
