"""What a run said in the end."""

from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.run_facts import RunFacts


def final_answer(facts: RunFacts) -> str | None:
    """The text of the model call that ended last, else what the outermost flow, agent or step gave back.

    None when the trace recorded neither; empty when it recorded that there was no text.
    """
    last = last_model_call(facts)
    if last is not None and last.answer:
        return last.answer
    return facts.stated_output if facts.stated_output is not None or last is None else last.answer


def last_model_call(facts: RunFacts) -> ModelCall | None:
    return max(facts.model_calls, key=lambda call: (call.end_ns, call.start_ns), default=None)
