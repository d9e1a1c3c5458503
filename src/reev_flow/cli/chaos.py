"""`reev-flow chaos`: a flow that is killed at each point of its run in turn, gone on with, and compared with the run that nobody disturbed."""

import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from types import FrameType, ModuleType
from typing import Annotated, Any, NoReturn

import msgspec
from cyclopts import Parameter, validators

from reev_flow.chaos.cast import Casting, casting_of
from reev_flow.chaos.points import ALL, Fault
from reev_flow.chaos.rehearsal import PointOutcome, Rehearsal
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.cli import EXIT_FOUND
from reev_flow.cli.apps import NoApp, WrongApp, load_app
from reev_flow.cli.chaos_text import told_divergence, told_points, told_sum
from reev_flow.cli.flow_arguments import arguments_of
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.signal_handlers import SIGNAL_EXIT, SignalHandlers
from reev_flow.errors import ReevFlowError, UnknownFlow
from reev_flow.flows.code import Flow
from reev_flow.flows.plans.plan import DynamicFlowPlan

STUB = "stub:"
WRAP_PLAN = "name a @flow that awaits `execute_dynamic_flow(plan, run_step, session=session)`"

ChaosApp = Annotated[str | None, Parameter(name="--app", help="Your @flow, as module:name or path/to/file.py:name.")]
Named = Annotated[list[str], Parameter(name="--arg", help="An argument of the flow, as name=value; JSON, else text.")]
Whole = Annotated[
    str | None,
    Parameter(name=("--arguments", "--input"), help="The arguments of the flow as a JSON object, or as a JSON list."),
]
KillPoints = Annotated[
    str, Parameter(help="`all`, how many are to be drawn, or the name of one; * stands for anything.")
]
Workers = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=1, lte=16),
        help="With more than one, those who go on take turns: one that only knows the id, or all of them at once.",
    ),
]
Times = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=1, lte=16),
        help="How many workers die in turn: the first at the point, the others at places that the seed draws.",
    ),
]
Seconds = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=1, lte=3_600),
        help="How long one worker may take; one that takes longer has not come to an end.",
    ),
]
Points = Annotated[Fault, Parameter(name="--points", help="What goes wrong at each point.")]
Effects = Annotated[
    str | None,
    Parameter(help="stub:module, or stub:path/to/file.py: functions that stand in for steps with the same names."),
]
Harmless = Annotated[
    list[str],
    Parameter(
        help="A step that only reads or computes: it needs no stub, and how often it is done does not count. Also a pattern of files or "
        "addresses that may be used between steps."
    ),
]
RealEffects = Annotated[bool, Parameter(help="Let steps with effects really have them, at every point again.")]
Answers = Annotated[
    list[str],
    Parameter(
        name="--answer", help="What is answered to a question, as step=JSON. [default: true, or the first choice]"
    ),
]
Seed = Annotated[
    int, Parameter(help="For what is drawn: the points of a number, and what your flow draws from `random`.")
]


class Stopped(BaseException):
    """Ctrl-C or SIGTERM has come. No flow is to catch it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


class WrongChaos(ReevFlowError):
    """Options that cannot be followed."""


def chaos(  # noqa: PLR0913 - options that are all given by name
    *,
    app: ChaosApp = None,
    arg: Named | None = None,
    arguments: Whole = None,
    kill_points: KillPoints = ALL,
    workers: Workers = 1,
    times: Times = 1,
    points: Points = Fault.KILL,
    effects: Effects = None,
    harmless: Harmless | None = None,
    real_effects: RealEffects = False,
    answer: Answers | None = None,
    seed: Seed = 0,
    seconds: Seconds = 30,
    json: AsJson = False,
) -> int:
    """Kill a flow at every write to its store and at every edge of its steps, go on with it, and compare.

    Each time in a folder of its own, which is removed. Nothing of your sessions is touched. Exits with 1 when a run came out otherwise than
    the one that nobody disturbed, when an effect happened too often, or a span was lost.
    """
    flow = _flow(app)
    args, kwargs = arguments_of(flow, arg or [], arguments)
    rehearsed = Rehearsed(
        flow=flow,
        args=args,
        kwargs=kwargs,
        casting=_casting(flow, effects, harmless or [], are_real_allowed=real_effects),
        answers=_answers(answer or []),
        fault=points,
        workers=workers,
        times=times,
        seed=seed,
        seconds=seconds,
    )
    return _rehearse(rehearsed, kill_points, None if json else _again(sys.argv[1:], app or ""))


def _rehearse(rehearsed: Rehearsed, wanted: str, again: str | None) -> int:
    """With `again`, the command that shows a point again but for its name, people are told; else programs."""
    try:
        outcomes = _held(Rehearsal(rehearsed), wanted, again)
    except Stopped as stopped:
        tell("stopped; the runs have ended, and their folders are gone")
        return SIGNAL_EXIT + stopped.signal
    if again is None:
        _write_json(outcomes, rehearsed.fault)
    else:
        write_text(told_sum(rehearsed.fault, outcomes))
    return EXIT_FOUND if any(one.is_divergent for one in outcomes) else 0


class Stop:
    """Knows of a signal also where raising came to nothing: what is raised while the process is being copied is lost."""

    def __init__(self) -> None:
        self._received: int | None = None

    def take(self, number: int, _: FrameType | None) -> NoReturn:
        self._received = number
        raise Stopped(number)

    def raise_if_lost(self) -> None:
        if self._received is not None:
            raise Stopped(self._received)


def _held(rehearsal: Rehearsal, wanted: str, again: str | None) -> list[PointOutcome]:
    """With `again`, each divergence is told as it comes."""
    outcomes: list[PointOutcome] = []
    stop = Stop()
    with SignalHandlers(stop.take), closing(rehearsal.run(wanted)) as coming:
        for outcome in coming:
            stop.raise_if_lost()
            if again is not None and outcome.is_divergent:
                write_text(told_divergence(outcome, again))
                sys.stdout.flush()
            outcomes.append(outcome)
    if again is not None:
        write_text(told_points([one.point for one in outcomes], rehearsal.passed))
    return outcomes


def _flow(app: str | None) -> Flow[Any, Any]:
    if app is None:
        raise NoApp("what to run")
    found = load_app(app)
    if isinstance(found, DynamicFlowPlan):
        raise WrongApp(app, "a plan is no @flow", WRAP_PLAN)
    if not isinstance(found, Flow):
        raise WrongApp(app, f"a {type(found).__name__} is no @flow", "decorate it with @flow")
    return found


def _casting(flow: Flow[Any, Any], effects: str | None, harmless: Sequence[str], *, are_real_allowed: bool) -> Casting:
    stubs = None
    if effects is not None:
        if not effects.startswith(STUB):
            raise WrongChaos(f"--effects {effects}: wanted is stub:module, or stub:path/to/file.py")
        stubs = _module(effects)
    own = sys.modules.get(flow.function.__module__)
    return casting_of(own, stubs, harmless=harmless, are_real_allowed=are_real_allowed)


def _module(effects: str) -> ModuleType:
    try:
        return sys.modules[load_app(f"{effects.removeprefix(STUB)}:__name__")]
    except UnknownFlow as error:
        raise WrongChaos(
            f"--effects {effects}: {error.details}; wanted is a module, or a .py file, with the stubs"
        ) from error


def _answers(given: Sequence[str]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for one in given:
        step, separator, text = one.partition("=")
        try:
            answers[step] = msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise WrongChaos(f"--answer {one!r} is not of the form step=JSON ({error})") from error
        if not separator or not step:
            raise WrongChaos(f"--answer {one!r} is not of the form step=JSON")
    return answers


def _again(arguments: Sequence[str], app: str) -> str:
    """What was typed, without the points."""
    kept: list[str] = []
    is_value = False
    for word in arguments:
        is_points = word == "--kill-points"
        if not (is_points or is_value or word.startswith("--kill-points=")):
            kept.append(shlex.quote(word))
        is_value = is_points
    return " ".join(("reev-flow", *kept)) if kept[:1] == ["chaos"] else f"reev-flow chaos --app {shlex.quote(app)}"


def _write_json(outcomes: Sequence[PointOutcome], fault: Fault) -> None:
    write_document(
        fault=fault.value,
        points=sum(one.was_reached for one in outcomes),
        not_reached=sum(not one.was_reached for one in outcomes),
        divergent=sum(one.is_divergent for one in outcomes),
        duplicated_effects=sum(one.differences.duplicated for one in outcomes),
        lost_spans=sum(one.differences.lost_spans for one in outcomes),
        unkept_spans=sum(one.differences.unkept_spans for one in outcomes),
        divergences=[
            {"point": one.point.name, "differences": list(one.differences.lines), "complaints": list(one.complaints)}
            for one in outcomes
            if one.is_divergent
        ],
    )
