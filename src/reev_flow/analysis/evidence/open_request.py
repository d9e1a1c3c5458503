"""Whether what a run's last model call asked for was left open."""

import re
from collections.abc import Iterator

from reev_flow.analysis.calls.agent_lines import Line, sent_to
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.calls.tool_calls import ToolCall
from reev_flow.analysis.failures.stated_output import fields_of
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.finish_reasons import says_tools_are_next
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import ToolRequest, Value

SAID_IN_PASSING = 200  # characters beside a request for a tool: what a model is about to do
NOTHING: tuple[Value, ...] = (None, "", [], {})
MESSAGE = re.compile(r"""\\*["'](?:role|lc)\\*["']\s*:""")  # as JSON and Python write one, also inside a text


def wants_tools(call: ModelCall) -> bool:
    """Whether it asked for any, or stopped for them where the trace does not hold which."""
    return bool(call.asked) or any(map(says_tools_are_next, call.finish_reasons))


def requested(facts: RunFacts, last: ModelCall) -> tuple[str, ...]:
    """The tools by name, each once. Where it is only known that tools were wanted: those that were called then."""
    if last.asked:
        return tuple(dict.fromkeys(request.name for request in last.asked))
    return tuple(dict.fromkeys(call.name for call in _called_after(facts, last))) if wants_tools(last) else ()


def is_left_open(facts: RunFacts, last: ModelCall, names: tuple[str, ...]) -> bool:
    """Whether the conversation had gone on from one of these tools before, so that nothing says it was meant to end there: not their names, nor
    that one which acts was not run, since it may wait for a person to allow it.
    """
    was_run = {call.name for call in _called_after(facts, last)}
    if any(
        tool_names.ends(name) or tool_names.waits(name) or (tool_names.acts(name) and name not in was_run)
        for name in names
    ):
        return False
    went_on_from = {call.name for call in facts.tool_calls if call.end_ns <= last.start_ns}
    return not went_on_from.isdisjoint(names) and goes_on(facts, last)


def goes_on(facts: RunFacts, last: ModelCall) -> bool:
    """Whether it was sent more than the call before it, as in a conversation: programs that ask about one thing after another send as much
    each time. Of what is recorded as the same each time, tokens decide; true where these are not known either.
    """
    line = line_of(facts, last)
    before = next((call for call in reversed(line) if call.end_ns <= last.start_ns and wants_tools(call)), None)
    if before is None:
        return True
    sent, sent_before = sent_to(facts.trace, last), sent_to(facts.trace, before)
    messages, messages_before = _messages_in(sent), _messages_in(sent_before)
    if messages and messages_before and sent != sent_before:
        return messages > messages_before
    return last.usage is None or before.usage is None or last.usage.input >= before.usage.input


def line_of(facts: RunFacts, call: ModelCall) -> Line:
    """The conversation that a call is part of."""
    return next(line for line in facts.agent_lines if any(one is call for one in line))


def says_in_passing(last: ModelCall) -> bool:
    """Whether it said what it is about to do, and no more."""
    return wants_tools(last) and 0 < len(last.answer or "") <= SAID_IN_PASSING


def repeats(stated: str, said: str) -> bool:
    """Whether an output is what a model said, by itself or as a field."""
    return said.strip() in (stated.strip(), *(text.strip() for text in fields_of(stated).values() if type(text) is str))


def gives_back_a_result(facts: RunFacts, last: ModelCall, stated: str) -> bool:
    """Whether an output is what one of the tools told that were called last."""
    told = (call.result for call in _called_after(facts, last))
    return any(repeats(stated, text) for text in told if isinstance(text, str) and text)


def hands_over_nothing(request: ToolRequest) -> bool:
    """Whether it ends the run, by its name, and all it was given is empty."""
    given = request.arguments
    return (
        tool_names.ends(request.name)
        and isinstance(given, dict)
        and bool(given)
        and all(value in NOTHING for value in given.values())
    )


def _called_after(facts: RunFacts, last: ModelCall) -> Iterator[ToolCall]:
    return (call for call in facts.tool_calls if call.start_ns >= last.start_ns)


def _messages_in(sent: Value) -> int:
    """0 where they are not recorded, or in no form that is known."""
    if sent is None:
        return 0
    return len(MESSAGE.findall(sent if isinstance(sent, str) else canonical(sent).decode()))
