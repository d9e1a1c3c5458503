"""Whole runs: behaviours drawn and played one after the other, and what is true of the outcome."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random

import msgspec
from opentelemetry.sdk.trace import ReadableSpan

from reev_flow.flows.tracing.tracer import Kind
from simulated import acting, appearances, dawdling, erring, patience, repeating, spending, teamwork
from simulated.agent import Agent
from simulated.behaviour import Behaviour
from simulated.clock import Stage
from simulated.deeds import Diary
from simulated.ending import ENDINGS, answers
from simulated.labels import Labels
from simulated.plain import some_plain_work
from simulated.truth import settle

FAULTS = (*repeating.FAULTS, *dawdling.FAULTS, *erring.FAULTS, *spending.FAULTS, *acting.FAULTS)
NO_FAULTS = (*patience.QUIET, *teamwork.QUIET, *appearances.QUIET)
LAST = (*erring.LAST, *ENDINGS)
PLANTED = (*(fault for fault in FAULTS if fault.code), *LAST)
CLEAN, QUIET, FAULTY = "clean", "hard negatives", "faulty"
KINDS = (FAULTY, QUIET, FAULTY, CLEAN, FAULTY, QUIET, FAULTY, FAULTY)
SHAPES: tuple[tuple[Kind, ...], ...] = (("flow", "agent"), ("agent",), ("flow",), ("flow", "step", "agent"))
ENDS_WITH_AN_ANSWER = Behaviour(answers)


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be played in one run."""

    kind: str
    acts: tuple[Behaviour, ...]
    ending: Behaviour


class SimulatedRun(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, its spans as FlowTracer made them, and what is true of it. `played` are the names of its behaviours."""

    name: str
    kind: str
    played: tuple[str, ...]
    spans: Sequence[ReadableSpan]
    labels: Labels
    diary: Diary


def simulated_runs(seed: int, count: int) -> Iterator[SimulatedRun]:
    """Every fault in turn, between hard negatives and clean runs; beside the fault whose turn it is come others by chance."""
    turns = 0
    for number in range(count):
        dice = Random(f"{seed} {number}")
        kind = KINDS[number % len(KINDS)]
        planted = PLANTED[(turns + seed) % len(PLANTED)]
        turns += kind == FAULTY
        yield play(f"{seed}/{number}", cast(dice, kind, planted), dice)


def cast(dice: Random, kind: str, planted: Behaviour) -> Cast:
    acts = [Behaviour(some_plain_work) for _ in range(dice.randint(1, 4))]
    ending = ENDS_WITH_AN_ANSWER
    if kind != CLEAN:
        acts += _some(dice, NO_FAULTS, dice.randint(1, 3) if kind == QUIET else dice.choice((0, 1, 2)), acts)
    if kind == FAULTY:
        if planted in LAST:
            ending = planted
        else:
            acts = [act for act in acts if not (planted.concerns_whole_run and act.concerns_whole_run)] + [planted]
        acts += _some(dice, FAULTS, dice.choice((0, 0, 1, 1, 2)), acts)
    dice.shuffle(acts)
    return Cast(kind=kind, acts=tuple(acts), ending=ending)


def _some(dice: Random, known: Sequence[Behaviour], number: int, beside: Sequence[Behaviour]) -> list[Behaviour]:
    """No behaviour twice in a run, and only one that concerns all of it."""
    taken: list[Behaviour] = []
    for one in dice.sample(known, len(known)):
        others = [*beside, *taken]
        if (
            len(taken) < number
            and one not in others
            and not (one.concerns_whole_run and any(other.concerns_whole_run for other in others))
        ):
            taken.append(one)
    return taken


def play(name: str, to_play: Cast, dice: Random) -> SimulatedRun:
    stage = Stage(dice)
    agent = Agent(dice, stage)
    stage.play(_perform(agent, to_play))
    settle(agent)
    return SimulatedRun(
        name=name,
        kind=to_play.kind,
        played=tuple(act.name for act in (*to_play.acts, to_play.ending)),
        spans=tuple(stage.kept.spans),
        labels=Labels(expected=tuple(agent.expected), debatable=tuple(agent.debatable)),
        diary=agent.diary,
    )


async def _perform(agent: Agent, to_play: Cast) -> None:
    """What the agent raises ends all that is around it."""
    diary, dice = agent.diary, agent.dice
    shape = dice.choices(SHAPES, weights=(7, 1, 1, 1))[0]
    diary.is_plain = shape == ("flow", "agent")
    names = [agent.name if kind == "agent" else f"{agent.words.made_up()}_{agent.words.noun()}" for kind in shape]
    start_ns, opened = agent.now_ns(), []
    try:
        with ExitStack() as around:
            for kind, name in zip(shape, names, strict=True):
                opened.append(around.enter_context(agent.tracer.operation(kind, name, arguments=diary.question)))
                diary.agent = (opened[-1].span_id, agent.now_ns(), 0)
                await agent.breathe()
            await _act(agent, to_play)
            for span in opened:
                span.result(diary.models[-1].answer or None)
    except Exception as error:
        diary.failure = f"{type(error).__name__}: {error}"
        if to_play.ending is ENDS_WITH_AN_ANSWER:
            raise
    diary.trace_id = opened[0].trace_id
    diary.agent = (diary.agent[0], diary.agent[1], agent.now_ns())
    diary.root = (opened[0].span_id, start_ns, agent.now_ns())


async def _act(agent: Agent, to_play: Cast) -> None:
    for act in (*to_play.acts, to_play.ending):
        act.prepare(agent)
    for act in to_play.acts:
        await act.play(agent)
    await to_play.ending.play(agent)
    await agent.breathe()
