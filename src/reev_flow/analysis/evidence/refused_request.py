"""What was said of tool calls that a model asked for and that were never made."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from reev_flow.analysis.calls.agent_lines import sent_to
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.calls.tool_calls import AskedCall
from reev_flow.analysis.evidence.told_answer import told_answer
from reev_flow.analysis.meaning.failure import failure_words
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.canonical import canonical
from reev_flow.trace.span import Value

MOST_READ, MOST_OF_ONE = (
    200,
    3,
)  # calls; what is sent grows with every turn, and looking through all of it would be slow
LEVELS = 8  # around the model call in which the words of a failure are looked for
AROUND = 400  # characters before and after the id or name of a call in what a model was sent
LONGEST_INPUT = 200_000  # characters; longer ones are not searched


def refused_requests(facts: RunFacts) -> Iterator[tuple[AskedCall, str, bool]]:
    """The first such calls of each tool, with each text that may say why it was not made: of what failed around the model, and what the next model call was
    told as its answer, or, where that cannot be told from the rest, beside the call. Of the latter the last is True.
    """
    unmade = list(_first_of_each(one for one in facts.asked_calls if one.executed_by is None))
    if not unmade:
        return
    calls = {call.span_id: call for call in facts.model_calls}
    for one in unmade:
        yield from ((one, words, False) for words in _words_around(facts, calls[one.asked_by]))
        after = bisect_left(facts.model_starts_ns, one.asked_ns)
        if after < len(facts.model_calls):
            sent = sent_to(facts.trace, facts.model_calls[after])
            answer = told_answer(sent, one)
            heard = _beside(one, sent) if answer is None else _text(answer)
            if heard:
                yield one, heard, True


def _first_of_each(unmade: Iterable[AskedCall]) -> Iterator[AskedCall]:
    seen: Counter[str] = Counter()
    for one in islice(unmade, MOST_READ):
        seen[one.name] += 1
        if seen[one.name] <= MOST_OF_ONE:
            yield one


def _words_around(facts: RunFacts, call: ModelCall) -> Iterator[str]:
    for above in islice(facts.trace.ancestors(call.positions[0]), LEVELS):
        if facts.trace.spans[above].failed:
            yield from failure_words(facts.trace.spans[above])


def _beside(one: AskedCall, sent: Value) -> str:
    if sent is None:
        return ""
    text = _text(sent)
    at = text.rfind(one.call_id or one.name) if len(text) <= LONGEST_INPUT else -1
    return "" if at < 0 else text[max(0, at - AROUND) : at + AROUND]


def _text(sent: Value) -> str:
    return sent if isinstance(sent, str) else canonical(sent).decode()
