"""Whether a run was cut off by a limit on its steps, as a failure says it, or what the run gave back in place of an answer."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from reev_flow.analysis.evidence.final_answer import last_model_call
from reev_flow.analysis.failures.stated_output import fields_of
from reev_flow.analysis.meaning.failure import failure_words
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.span import Operation, Span, Value

COUNTED = r"turns?|steps?|iterations?|rounds?|(?:tool|model|llm)[\s_]?calls?|(?:consecutive )?auto[- ]?repl(?:y|ies)"
STEP_LIMIT = re.compile(
    rf"\bmax(?:imum)?[\s_]?(?:number of )?(?:{COUNTED}|requests?)(?![a-z]).{{0,40}}(?:exceed|reach|hit)|"
    rf"(?:exceed|reach|hit)\w*\b.{{0,40}}\bmax(?:imum)?[\s_](?:number of )?(?:{COUNTED})(?![a-z])|"
    r"Max(?:Turns?|Steps?|Iterations?|Rounds?)\w*(?:Exceeded|Reached|Error)|GraphRecursionError|\brecursion limit\b|"
    r"(?:Call|Step|Turn|Iteration)s?Limit(?:Exceeded|Reached)|UsageLimitExceeded|\brequest_limit\b|"
    r"\b(?:iteration|step|turn)s? limit\b|\b(?:tool|model|llm) call limits? (?:exceeded|reached)",
    re.IGNORECASE,
)
# What stands for an answer where a framework ended the run by itself.
SAYS_A_LIMIT = re.compile(
    r"^\W*(?:sorry,? )?need more steps to process|\bstopped (?:due to|because of|after|by) (?:the |an? )?(?:max\w*|iteration|step|turn|time)\b|"
    r"\b(?:reached|hit|exceeded) (?:the )?(?:max(?:imum)?|limit of)\b.{0,30}\b(?:steps?|turns?|iterations?|rounds?|(?:tool|model) calls?)\b|"
    r"^\W*(?:tool|model|llm) call limits? (?:exceeded|reached)\b",
    re.IGNORECASE,
)
# A limit as a program's word for how it ended.
LIMIT_CODE = re.compile(
    r"(?:error_)?max_?(?:turns|steps|iterations|rounds|(?:tool|model|llm)_calls)(?:_(?:error|reached|exceeded|hit))?|"
    r"(?:turn|step|iteration|recursion|call)s?_limit(?:_(?:reached|exceeded|hit))?",
    re.IGNORECASE,
)
HOW_IT_ENDED = ("stop_reason", "finish_reason", "termination_reason", "subtype", "status", "state")
LONGEST_STAND_IN = 300  # characters; longer texts are answers
LONGEST_READ = 20_000  # characters of an output; one that is longer says more than how the run ended
CAN_BE_LIMITED = frozenset({Operation.FLOW, Operation.AGENT, Operation.STEP, Operation.OTHER})
READ_CHARACTERS = 500


def cut_by_a_limit(facts: RunFacts) -> Span | None:
    """The outermost span that failed by a limit and was the end of its run: its root failed, or no model was called afterwards and
    no output is stated.
    """
    trace = facts.trace
    roots = list(trace.roots())
    last_start_ns = facts.model_starts_ns[-1] if facts.model_starts_ns else 0
    for position in facts.failed_positions:
        span = trace.spans[position]
        if span.operation in CAN_BE_LIMITED and words_of_a_limit(span) is not None:
            root = roots[bisect_right(roots, position) - 1]
            if trace.spans[root].failed or (last_start_ns < span.end_ns and not facts.stated_output):
                return span
    return None


def words_of_a_limit(failed: Span) -> str | None:
    """What it says of the limit that it failed by."""
    return next((text for text in failure_words(failed) if _names_a_limit(text[:READ_CHARACTERS])), None)


def words_in_place_of_an_answer(facts: RunFacts) -> str | None:
    """What the run gave back of a limit. Where its last model asked for no tool, such words may be the model's own; that the run says how it
    ended is enough.
    """
    last, stated = last_model_call(facts), facts.stated_output
    if last is None or not stated or len(stated) > LONGEST_READ:
        return None
    fields = fields_of(stated)
    ended = (fields[name] for name in HOW_IT_ENDED if name in fields)
    code = next((said for said in ended if isinstance(said, str) and LIMIT_CODE.fullmatch(said)), None)
    if code is not None:
        return code
    words = next((text for text in _texts(stated, fields) if SAYS_A_LIMIT.search(text)), None)
    are_its_own = words is not None and not last.asked and (last.answer is None or words.strip() in last.answer)
    return None if are_its_own else words


def _names_a_limit(text: str) -> bool:
    return STEP_LIMIT.search(text) is not None or LIMIT_CODE.fullmatch(text) is not None


def _texts(stated: str, fields: dict[str, Value]) -> Iterator[str]:
    for text in fields.values() if fields else [stated]:
        if isinstance(text, str) and len(text) <= LONGEST_STAND_IN:
            yield text
