"""RF105: steps that do not need each other were run one after the other."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from reev_flow.analysis.calls.agent_lines import sent_to
from reev_flow.analysis.calls.model_calls import ModelCall
from reev_flow.analysis.evidence.informative import is_known
from reev_flow.analysis.evidence.pieces import Piece, pieces_by_asker
from reev_flow.analysis.findings import Observation, Saving
from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.error_classes import ErrorClass
from reev_flow.analysis.meaning.passed_values import may_have_passed, words_of
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace import semantics
from reev_flow.trace.durations import told_duration
from reev_flow.trace.intervals import covered_ns
from reev_flow.trace.span import Operation, Value
from reev_flow.trace.trace import NO_PARENT

WORTH_TELLING_NS = 500_000_000  # the shorter of two
SHARE_WORTH_TELLING = 0.03  # of the run, all that would be saved by all rows
MOST_IN_A_ROW = 8  # pieces that are compared with each other
MOST_COMPARED = 60  # pairs of one run
SAFE_TO_RERUN = "rerun"
NOTHING: tuple[Value, ...] = ({}, [], "")
ORDERED = tool_names.vocabulary(
    "login logon signin authenticate auth authorize token credentials connect session setup prepare init initialize bootstrap checkout clone mount begin "
    "guard guardrail moderate moderation safety policy validate verify lock unlock acquire commit rollback store persist build compile link "
    "package bundle sign migrate seed merge join combine aggregate reduce finalize finish cleanup close"
)
"""What has to come before other work or after it: its order may be meant, though no value is handed on."""
LOOKING_UP = tool_names.vocabulary("list read search find lookup look query show describe view get")
LETTING_IN = tool_names.vocabulary(
    "login logon signin authenticate auth authorize token credentials connect session lock unlock acquire guard guardrail moderate moderation safety "
    "validate verify"
)
"""What has to come first though it is only looked up; the commit or the policy that is looked up is a thing like others."""

SURE_OF_ONE_TURN = 0.9  # who asked for both at once knew no result
SURE_BY_VALUES = 0.75
SURE_WITHOUT_SOURCES = 0.65  # code may have made the arguments out of the result
SURE_AROUND_A_MODEL = 0.6  # it may have decided in a way that no value shows
SHORT_ANSWER = 60  # characters; a shorter one may be what code decides by


def look_for_needless_sequences(facts: RunFacts) -> Iterator[Observation]:
    """One observation for each row of pieces that could have run side by side. Silent about tools that act, wait, watch or run what they are
    given, that prepare or put together, about services that limited the rate, about steps with an effect, and where the pieces are too short to matter. Unless one turn
    of a model asked for them, no model may have been called in between, but in a flow one that decided nothing, arguments and results must be known, and nothing that the
    first told may be in what the second was asked.
    """
    limited_names = _limited_names(facts)
    found: list[tuple[list[Piece], float, int]] = []
    for row, sure in _rows(facts):
        long_pieces = [piece for piece in row if piece.duration_ns >= WORTH_TELLING_NS]
        saved_ns = _saved_ns(facts, long_pieces)
        if saved_ns >= WORTH_TELLING_NS and limited_names.isdisjoint(piece.name for piece in long_pieces):
            found.append((long_pieces, sure, saved_ns))
    if sum(saved_ns for _, _, saved_ns in found) >= SHARE_WORTH_TELLING * facts.trace.duration_ns:
        for row, sure, saved_ns in found:
            yield _observe(facts, row, sure, saved_ns)


def _rows(facts: RunFacts) -> Iterator[tuple[list[Piece], float]]:
    """Pieces that followed each other and none of which needs another, and how sure that is. Comparing values takes time, so that of a
    long program only the beginning is looked at.
    """
    left_to_compare = MOST_COMPARED
    for pieces in pieces_by_asker(facts, WORTH_TELLING_NS):
        row: list[Piece] = []
        sure = 1.0
        for piece in pieces:
            if piece.turn is None:
                left_to_compare -= len(row)
                if left_to_compare < 0:
                    break
            earlier_pieces = row if piece.turn is None else row[-1:]
            certainties = [_independence(facts, earlier, piece) for earlier in earlier_pieces]
            if 0 < len(row) < MOST_IN_A_ROW and min(certainties) > 0 and _follows(facts, row[-1], piece):
                row.append(piece)
                sure = min(sure, *certainties)
                continue
            yield row, sure
            row, sure = [piece] if _could_be_moved(facts, piece) else [], 1.0
        yield row, sure


def _could_be_moved(facts: RunFacts, piece: Piece) -> bool:
    span = facts.trace.spans[piece.position]
    effect = span.attributes.get(semantics.REEV_STEP_EFFECT)
    if span.failed or (effect is not None and effect != SAFE_TO_RERUN):
        return False
    name = piece.name
    return not (
        _is_ordered(name)
        or tool_names.may_act(name)
        or tool_names.opens(name)
        or tool_names.waits(name)
        or tool_names.watches(name)
    )


def _is_ordered(name: str) -> bool:
    words = tool_names.words(name)
    ordered = LETTING_IN if words and words[0] in LOOKING_UP else ORDERED
    return not ordered.isdisjoint(words)


def _follows(facts: RunFacts, earlier: Piece, later: Piece) -> bool:
    """Not after a time that is longer than both, models apart: something else went on there."""
    between_ns = later.start_ns - earlier.end_ns
    if between_ns > max(earlier.duration_ns, later.duration_ns):
        models = _models_between(facts, earlier, later)
        between_ns -= covered_ns((model.start_ns, min(model.end_ns, later.start_ns)) for model in models)
    return between_ns <= max(earlier.duration_ns, later.duration_ns)


def _independence(facts: RunFacts, earlier: Piece, later: Piece) -> float:
    """How sure it is that the later one could have run beside the earlier, 0 where it is not."""
    if later.start_ns < earlier.end_ns or not _could_be_moved(facts, later) or not _waited_for(facts, earlier, later):
        return 0
    if earlier.turn != later.turn:
        return 0
    if later.turn is not None:
        return SURE_OF_ONE_TURN
    return _independence_by_values(facts, earlier, later)


def _independence_by_values(facts: RunFacts, earlier: Piece, later: Piece) -> float:
    """A model in between may have waited for the first result to decide what to ask next."""
    models = _models_between(facts, earlier, later)
    if models and not (_is_planned(facts, later) and all(_decided_nothing(model, later) for model in models)):
        return 0
    told, asked = list(_told_with(facts, earlier, later)), list(_asked_with(facts, later))
    if not is_known(later.asked) or later.asked in NOTHING or not all(map(is_known, told)):
        return 0
    if may_have_passed([*told, *(model.answer for model in models)], asked, earlier.asked):
        return 0
    was_known = words_of(later.asked) <= words_of(earlier.asked, *_heard_before(facts, earlier))
    if models:
        return SURE_AROUND_A_MODEL if was_known else 0
    return SURE_BY_VALUES if was_known else SURE_WITHOUT_SOURCES


def _is_planned(facts: RunFacts, piece: Piece) -> bool:
    """Whether a flow made it, and not an agent, whose models decide what it does."""
    asker = facts.askers[piece.position]
    return asker != NO_PARENT and facts.trace.spans[asker].operation is Operation.FLOW


def _decided_nothing(model: ModelCall, later: Piece) -> bool:
    """Whether it wrote a text that asks for nothing, is longer than a decision, and has no word of the name of what came next."""
    answer = model.answer or ""
    if model.failed or model.asked or len(answer) < SHORT_ANSWER or answer.lstrip()[:1] in {"{", "["}:
        return False
    return words_of(answer).isdisjoint(tool_names.words(later.name))


def _waited_for(facts: RunFacts, earlier: Piece, later: Piece) -> bool:
    """False where it is recorded that the later one waited for others only."""
    causes = facts.spans.causes.starts[later.position]
    parents = facts.trace.parents
    are_siblings = parents[earlier.position] == parents[later.position]
    return causes is None or not are_siblings or bool(causes)


def _models_between(facts: RunFacts, earlier: Piece, later: Piece) -> Sequence[ModelCall]:
    starts_ns = facts.model_starts_ns
    return facts.model_calls[bisect_left(starts_ns, earlier.end_ns) : bisect_left(starts_ns, later.start_ns)]


def _told_with(facts: RunFacts, earlier: Piece, later: Piece) -> Iterator[Value]:
    """What the earlier piece told, and the steps around it that were over when the later one began."""
    trace = facts.trace
    yield earlier.told
    for outer in _steps_around(facts, earlier):
        if later.position >= trace.subtree_ends[outer]:
            yield trace.spans[outer].output


def _asked_with(facts: RunFacts, piece: Piece) -> Iterator[Value]:
    """What the piece was asked, and what was given to the steps around it."""
    yield piece.asked
    yield from (facts.trace.spans[outer].input for outer in _steps_around(facts, piece))


def _steps_around(facts: RunFacts, piece: Piece) -> Iterator[int]:
    """Within what asked for the piece."""
    for outer in facts.trace.ancestors(piece.position):
        if outer == facts.askers[piece.position]:
            return
        if facts.trace.spans[outer].operation is not Operation.OTHER:
            yield outer


def _heard_before(facts: RunFacts, piece: Piece) -> Iterator[Value]:
    """What was given to everything around the piece, and to the last model before it."""
    yield from (facts.trace.spans[outer].input for outer in facts.trace.ancestors(piece.position))
    last = bisect_left(facts.model_starts_ns, piece.start_ns) - 1
    if last >= 0:
        yield sent_to(facts.trace, facts.model_calls[last])
        yield from (request.arguments for request in facts.model_calls[last].asked)


def _saved_ns(facts: RunFacts, row: Sequence[Piece]) -> int:
    """By all but the longest, as far as they are on the path."""
    if len(row) < 2:
        return 0
    longest = max(row, key=lambda piece: piece.duration_ns)
    return sum(min(piece.duration_ns, _critical_ns(facts, piece)) for piece in row if piece is not longest)


def _observe(facts: RunFacts, row: Sequence[Piece], sure: float, saved_ns: int) -> Observation:
    names = list(dict.fromkeys(piece.name for piece in row))
    told = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else f"{len(row)} calls of {names[0]}"
    return Observation(
        message=f"{told} ran one after the other though none needs what another told; side by side they would take "
        f"{told_duration(saved_ns)} less",
        advice="run them side by side: gather them in code, or let the model's calls of one turn run at once",
        evidence=tuple(facts.trace.spans[piece.position].span_id for piece in row),
        saving=Saving(duration_ns=saved_ns),
        confidence=sure,
    )


def _limited_names(facts: RunFacts) -> set[str]:
    return {
        facts.trace.spans[failed.position].label
        for failed in facts.failed_operations
        if failed.reason.error_class is ErrorClass.RATE_LIMITED
    }


def _critical_ns(facts: RunFacts, piece: Piece) -> int:
    return sum(facts.spans.operation_critical_ns[piece.position : facts.trace.subtree_ends[piece.position]])
