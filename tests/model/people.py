"""What people do: answer what is asked, each as they see it, and perhaps two of them at once."""

from collections.abc import Iterator

from msgspec.structs import replace

from model.worker import open_questions, worker_moves
from model.world import NOW, World, time_moves
from reev_flow.errors import AlreadyAnswered
from reev_flow.sessions.data import Message
from reev_flow.sessions.history import Standing, read_history

DOUBT = (b"it happened", b"it did not")
ANSWERS = (b"yes", b"no")


def all_moves(world: World) -> Iterator[tuple[str, World]]:
    for number in range(len(world.workers)):
        yield from worker_moves(world, number)
    yield from people_moves(world)
    yield from time_moves(world)


def people_moves(world: World) -> Iterator[tuple[str, World]]:
    """About a step in doubt they say what they see outside, as it is then."""
    history = read_history(world.journal)
    for subject in open_questions(world):
        step = subject.rpartition("@")[0]
        is_doubt = history[step].standing is Standing.IN_DOUBT
        has_happened = any(did.step == step for did in world.did)
        answers = (DOUBT[0] if has_happened else DOUBT[1],) if is_doubt else ANSWERS
        for answer in answers:
            message = Message(session_id="s-1", subject=subject, value=answer, sent_ns=NOW)
            try:
                kept = world.rules.sent(world.kept, message, world.messages)
            except AlreadyAnswered:
                continue
            if kept is not None:
                sent = replace(world, kept=kept, messages=(*world.messages, message))
                yield f"somebody answers {subject}: {answer.decode()}", sent
