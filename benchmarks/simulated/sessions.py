"""Sessions whose worker was gone in the middle of a step: what their journals tell."""

from collections.abc import Iterator
from random import Random

import msgspec

from reev_flow.trace.trace import Trace
from simulated.labels import Claim, Labels
from simulated.vocabulary import Words
from support.journals import Story

HOWS = ("ask", "open", "settled", "done again", "clean", "clean")


class SimulatedSession(msgspec.Struct, frozen=True, kw_only=True):
    """`how` it went on after its worker was gone, if it was."""

    name: str
    how: str
    trace: Trace
    labels: Labels


def simulated_sessions(seed: int, count: int) -> Iterator[SimulatedSession]:
    for number in range(count):
        yield _session(f"{seed}/session {number}", Random(f"{seed} session {number}"))


def _session(name: str, dice: Random) -> SimulatedSession:
    """A step is in doubt as long as nobody found out what became of it."""
    words = Words(dice)
    how = dice.choice(HOWS)
    story = Story(f"s-{dice.getrandbits(32):x}", flow=f"{words.made_up()}_{words.noun()}").run(0)
    second = _some_steps(story, words, 0.1)
    step = f"{words.made_up()}_{words.noun()}#1"
    if how != "clean":
        about = words.identifier()
        story.start(step, second, about)
        second += dice.uniform(5, 60)
        story.take_over(second, step, heard=second - dice.uniform(0.5, 4))
        second = _goes_on(story, (step, about), how, second + 0.2)
    if how in {"settled", "done again", "clean"}:
        second = _some_steps(story, words, second)
        story.end(second, result=words.record())
    trace = story.trace()
    return SimulatedSession(name=name, how=how, trace=trace, labels=_truth(trace, step, how))


def _some_steps(story: Story, words: Words, second: float) -> float:
    for _ in range(words.dice.randint(1, 5)):
        took = words.dice.uniform(0.1, 2)
        story.do(
            f"{words.made_up()}_{words.noun()}#1", second, second + took, words.identifier(), result=words.record()
        )
        second += took + 0.01
    return second


def _goes_on(story: Story, call: tuple[str, str | int], how: str, second: float) -> float:
    step, about = call
    if how == "ask":
        story.ask(step, second, f"Did {step} happen?", in_doubt=True)
    elif how == "settled":
        story.settle(step, second, happened=True, result={"found": about})
    elif how == "done again":
        story.settle(step, second, happened=False)
        story.do(step, second + 0.1, second + 1, about, result={"found": about})
    return second + 1.2


def _truth(trace: Trace, step: str, how: str) -> Labels:
    name = step.partition("#")[0]
    spans = tuple(span.span_id for span in trace.spans if name in span.name)
    if how in {"ask", "open"}:
        return Labels(
            expected=(Claim(code="RF402", spans=spans, because=f"a step in doubt: {how}"),),
            debatable=WHILE_NOBODY_WORKED,
        )
    return Labels(debatable=WHILE_NOBODY_WORKED)


WHILE_NOBODY_WORKED = tuple(Claim(code=code) for code in ("RF105", "RF106", "RF107", "RF108", "RF209", "RF210"))
