"""What workers were promised, held against what is there afterwards: this needs no other run to be compared with."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reev_flow.chaos.sights import Seen, Sight
from reev_flow.sessions.journal import EntryKind, JournalEntry

ID_LENGTH = 16  # hexadecimal digits of a span's id


def broken_promises(
    sights: Sequence[Sight], entries: Iterable[JournalEntry], subjects: Collection[str]
) -> Iterator[str]:
    """`subjects` are those of the messages that are there."""
    finished = {entry.step for entry in entries if entry.kind is EntryKind.FINISHED}
    for step in _about(sights, Seen.FINISHED):
        if step not in finished:
            yield f"step {step} had finished, which was acknowledged, and the journal does not say so"
    for subject in _about(sights, Seen.ANSWERED):
        if subject not in subjects:
            yield f"the answer to {subject} was acknowledged and is gone"
    for step in run_again(sights):
        yield f"step {step} ran again although it had finished"


def run_again(sights: Iterable[Sight]) -> list[str]:
    """Steps whose function began after their result was acknowledged."""
    finished: set[str] = set()
    again: dict[str, None] = {}
    for sight in sights:
        if sight.what is Seen.FINISHED:
            finished.add(sight.about)
        elif sight.what is Seen.BEGAN and sight.about in finished:
            again[sight.about] = None
    return list(again)


def trace_ids_of(sights: Iterable[Sight]) -> frozenset[str]:
    """The traces that flows began in."""
    return frozenset(_about(sights, Seen.TRACE))


def calls_of(sights: Iterable[Sight]) -> tuple[tuple[str, ...], ...]:
    """The steps without a key that were called, in their order, each time that a worker went through the flow."""
    passages: list[list[str]] = []
    newest: dict[int, list[str]] = {}
    for sight in sights:
        if sight.what is Seen.TRACE:
            newest[sight.worker] = []
            passages.append(newest[sight.worker])
        elif sight.what is Seen.CALLED and sight.worker in newest:
            newest[sight.worker].append(sight.about)
    return tuple(tuple(one) for one in passages)


def done_in_peace(sights: Sequence[Sight]) -> frozenset[str]:
    """Steps that began last in a worker that ended in order: it had the time to keep all that it was told of them."""
    left = {sight.worker for sight in sights if sight.what is Seen.LEFT}
    last = {sight.about: sight.worker for sight in sights if sight.what is Seen.BEGAN}
    return frozenset(step for step, worker in last.items() if worker in left)


def kept_spans(sights: Iterable[Sight]) -> Mapping[str, frozenset[str]]:
    """The ids of spans that were acknowledged, by their traces."""
    kept: dict[str, frozenset[str]] = {}
    for told in _about(sights, Seen.KEPT):
        trace_id, _, ids = told.partition(":")
        each = frozenset(ids[start : start + ID_LENGTH] for start in range(0, len(ids), ID_LENGTH))
        kept[trace_id] = kept.get(trace_id, frozenset()) | each
    return kept


def _about(sights: Iterable[Sight], what: Seen) -> dict[str, None]:
    """Each once, in order."""
    return dict.fromkeys(sight.about for sight in sights if sight.what is what)
