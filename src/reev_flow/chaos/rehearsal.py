"""All trials of a flow: what is expected, at which points something goes wrong, and what came of each."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from reev_flow.chaos.children import Child, Ended, side_by_side
from reev_flow.chaos.comparison import Differences, Expected, differences, expected_of, taken_otherwise
from reev_flow.chaos.life import Needs, OpenStore, open_store
from reev_flow.chaos.points import Point, chosen, points_for
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.chaos.trial import MOST_TRIES, Stage, Trial
from reev_flow.chaos.warming import load_everything
from reev_flow.errors import ReevFlowError

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
MOST_IN_ONE_PROCESS = 16
AT_ONCE_PER_PROCESSOR = 2  # half of the time workers wait: for an answer, for another try
UNDISTURBED = Point("run", "undisturbed")


class NotRehearsed(ReevFlowError):
    """The flow cannot be run as it is."""

    def __init__(self, details: str, advice: str) -> None:
        super().__init__(details, advice)
        self.details = details
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.details}; {self.advice}"


class PointOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one point. Without differences all was as in the uninterrupted run."""

    point: Point
    was_reached: bool
    differences: Differences = Differences()
    complaints: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def is_divergent(self) -> bool:
        return bool(self.differences.lines)


class Rehearsal:
    """Use as a context: its folder is there as long as it is open."""

    def __init__(self, rehearsed: Rehearsed, *, open_store: OpenStore = open_store) -> None:
        self._rehearsed = rehearsed
        self._open_store = open_store
        self.passed: Sequence[Point] = ()

    def run(self, wanted: str) -> Generator[PointOutcome, None, None]:
        """One after the other as they end. Raises `NotRehearsed` and `NoSuchPoint` before anything goes wrong."""
        with _folder() as folder:
            load_everything(folder / "warm-up")
            yield from self._run(wanted, folder)

    def _run(self, wanted: str, folder: Path) -> Iterator[PointOutcome]:
        with _quiet_collector():
            stage = Stage(rehearsed=self._rehearsed, folder=folder, open_store=self._open_store)
            first, second = self._uninterrupted(stage)
            expected = expected_of(first.facts, second.facts, deaths=self._rehearsed.times)
            self.passed = first.passed
            chance = taken_otherwise(first.facts, second.facts)
            if chance:
                yield _left_to_chance(chance)
                return
            undisturbed = differences(expected, first.facts)
            if undisturbed.lines:
                yield PointOutcome(point=UNDISTURBED, was_reached=False, differences=undisturbed)
                return
            points = chosen(wanted, points_for(self._rehearsed.fault, self.passed), self._rehearsed.seed)
            stage = replace(stage, most_passings=max(1, len(self.passed) // 2))
            works = [_held_at(stage, point, number) for number, point in enumerate(points)]
            for place, trial in self._held(stage, works):
                for used in folder.glob(f"point-{place}.*"):
                    shutil.rmtree(used, ignore_errors=True)
                yield _outcome(points[place], expected, trial)

    def _uninterrupted(self, stage: Stage) -> tuple[Trial, Trial]:
        works = [lambda number=number: stage.uninterrupted(number) for number in (1, 2)]
        trials = dict(self._held(stage, works))
        for trial in trials.values():
            _refuse(trial)
        return trials[0], trials[1]

    def _held(self, stage: Stage, works: Sequence[Callable[[], Trial]]) -> Iterator[tuple[int, Trial]]:
        """Several in one process, one after the other: what it has loaded and touched for the first one is there for the next."""
        output, at_once = stage.folder / "output.txt", AT_ONCE_PER_PROCESSOR * (os.cpu_count() or 1)
        size = max(1, min(MOST_IN_ONE_PROCESS, len(works) // (2 * at_once)))
        starts = range(0, len(works), size)
        seconds = self._rehearsed.seconds * (self._rehearsed.times + 2) * MOST_TRIES * size
        children = [
            lambda start=start: Child(
                lambda: msgspec.msgpack.encode(stage.judged([work() for work in works[start : start + size]])),
                seconds=seconds,
                output=output,
                is_leader=True,
            )
            for start in starts
        ]
        for place, ended in side_by_side(children, at_once):
            yield from enumerate(_trials(ended, output), starts[place])


def _left_to_chance(chance: Sequence[str]) -> PointOutcome:
    told = f"two runs that nobody disturbed took other steps ({', '.join(chance)}): what decides between steps belongs into a step"
    return PointOutcome(point=UNDISTURBED, was_reached=False, differences=Differences(lines=(told,)))


def _held_at(stage: Stage, point: Point, number: int) -> Callable[[], Trial]:
    return lambda: stage.held_at(point, number)


def _trials(ended: Ended, output: Path) -> list[Trial]:
    if ended.code != 0:
        lines = output.read_text(encoding="utf-8", errors="replace").splitlines() if output.exists() else []
        why = lines[-1] if lines else f"code {ended.code}"
        raise NotRehearsed(f"a trial could not be held ({why})", "report it with the flow")
    return msgspec.msgpack.decode(ended.told, type=list[Trial])


def _refuse(trial: Trial) -> None:
    if trial.needs is not None:
        raise _needs_answer(trial.needs) if trial.needs.question else _needs_stub(trial.needs.step)
    if trial.complaints:
        raise NotRehearsed(
            f"the uninterrupted run did not come to an end ({trial.complaints[0]})",
            "make `reev-flow run` of it work first",
        )


def _needs_stub(step: str) -> NotRehearsed:
    return NotRehearsed(
        f"step {step!r} may have an effect outside, and it was not run",
        f"name a module with a function {step!r} that stands in for it, --effects stub:module; say --harmless {step} if it "
        "only reads or computes; or say --real-effects to have all effects really, many times",
    )


def _needs_answer(needs: Needs) -> NotRehearsed:
    return NotRehearsed(
        f"step {needs.step!r} asks {needs.question!r}", f"say what to answer with --answer {needs.step}=JSON"
    )


def _outcome(point: Point, expected: Expected, trial: Trial) -> PointOutcome:
    found = differences(expected, trial.facts)
    return PointOutcome(
        point=point,
        was_reached=trial.was_reached,
        differences=found,
        complaints=trial.complaints if found.lines else (),
        seconds=trial.seconds,
    )


@contextmanager
def _folder() -> Iterator[Path]:
    """In memory where there is such a place and `TMPDIR` names no other: what a killed process leaves does not depend on the disk, and
    waiting for one takes most of the time.
    """
    parent = MEMORY if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="reev-flow-chaos-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """What is there already is left alone by the garbage collector: looking at it in each copy of the process would copy it."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
