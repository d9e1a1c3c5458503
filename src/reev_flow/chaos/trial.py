"""One trial: a worker to whom something happens at one point, those who go on with what it left, and what came of it all."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from zlib import crc32

import msgspec
from msgspec.structs import replace

from reev_flow.chaos.between_steps import watch_between_steps
from reev_flow.chaos.cast import Cast
from reev_flow.chaos.children import Child, Ended, side_by_side
from reev_flow.chaos.facts import Facts, facts_in
from reev_flow.chaos.life import STORE, Needs, OpenStore, Role, Told, live, open_store
from reev_flow.chaos.points import Fault, Point
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.chaos.trap import Trap

OUTPUT = "output.txt"
MOST_TRIES = 3


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """`was_reached` says whether the fault happened; `complaints` are what workers told that could not go on; `facts` are read when all are
    over.
    """

    folder: str
    facts: Facts = Facts()
    passed: list[Point] = []
    was_reached: bool = False
    complaints: tuple[str, ...] = ()
    needs: Needs | None = None
    seconds: float = 0.0


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where trials are held. `most_passings` is after how many places workers die that are not the first. Tests give a store of their own."""

    rehearsed: Rehearsed
    folder: Path
    most_passings: int = 1
    open_store: OpenStore = open_store

    def judged(self, trials: Sequence[Trial]) -> list[Trial]:
        """With what each has left behind. Read together: a process that forks in between touches all of its memory anew each time."""
        return [replace(trial, facts=self._facts(Path(trial.folder))) for trial in trials]

    def uninterrupted(self, number: int) -> Trial:
        """With every point that was passed."""
        folder = self._new_folder(f"uninterrupted-{number}")
        began = monotonic()
        told = _told(self._one(Role(folder=folder, seed=self._seed("", number), is_shaken=number > 1)))
        return Trial(
            folder=str(folder),
            passed=told.passed,
            complaints=(told.error,) if told.error else (),
            needs=told.needs,
            seconds=monotonic() - began,
        )

    def held_at(self, point: Point, number: int) -> Trial:
        """A point that is not passed because the branches took turns in another order is tried for again."""
        trial = self._held_at(point, self._new_folder(f"point-{number}.1"))
        for again in range(MOST_TRIES - 1):
            if trial.was_reached:
                break
            trial = self._held_at(point, self._new_folder(f"point-{number}.{again + 2}"))
        return trial

    def _held_at(self, point: Point, folder: Path) -> Trial:
        began = monotonic()
        first, others = self._first(folder, point), self._others(folder, point)
        is_race = self.rehearsed.fault is Fault.SLOW_DISK
        ends = self._all([first, *others]) if is_race else [self._one(first)]
        if not is_race and self._is_reached(ends):
            ends += [self._one(role) for role in self._dying(folder, point)]
            ends += self._all(others)
        told = [_told(ended) for ended in ends]
        return Trial(
            folder=str(folder),
            was_reached=self._is_reached(ends),
            complaints=tuple(one.error for one in told[0 if is_race else 1 :] if one.error),
            needs=next((one.needs for one in told if one.needs), None),
            seconds=monotonic() - began,
        )

    def _is_reached(self, ends: Sequence[Ended]) -> bool:
        return ends[0].was_killed or any(_told(ended).has_sprung for ended in ends)

    def _first(self, folder: Path, point: Point) -> Role:
        dies_after_jump = self._turn(point) % 4 >= 2
        fault, seed = self.rehearsed.fault, self._seed(point.name, 0)
        return Role(folder=folder, point=point, fault=fault, dies_after_jump=dies_after_jump, seed=seed)

    def _dying(self, folder: Path, point: Point) -> Iterator[Role]:
        """Workers that go on and die, too."""
        for number in range(1, self.rehearsed.times):
            seed = self._seed(point.name, -number)
            passing = 1 + seed % self.most_passings
            yield Role(folder=folder, dies_at_passing=passing, resumes=number % 2 == 0, seed=seed)

    def _others(self, folder: Path, point: Point) -> list[Role]:
        """Points take turns, by their names: another worker that only knows the session's id, or all of them at once."""
        fault, workers = self.rehearsed.fault, self.rehearsed.workers
        is_race = fault is Fault.SLOW_DISK
        count = workers if is_race or self._turn(point) % 2 else 1
        return [
            Role(
                folder=folder,
                point=point if is_race else None,
                fault=fault,
                resumes=workers > 1 and number == 0,
                is_shaken=not is_race,
                seed=self._seed(point.name, number + 1),
            )
            for number in range(count)
        ]

    def _turn(self, point: Point) -> int:
        return crc32(point.name.encode())

    def _seed(self, name: str, life: int) -> int:
        return crc32(f"{self.rehearsed.seed}:{name}:{life}".encode())

    def _new_folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder

    def _child(self, role: Role) -> Child:
        def work() -> bytes:
            casting = self.rehearsed.casting
            if casting.ledger is None:  # else whoever made it says what is in the books
                watch_between_steps(role.folder, casting.harmless)
            return msgspec.json.encode(live(self.rehearsed, role, open_store=self.open_store))

        return Child(work, seconds=self.rehearsed.seconds, output=role.folder / OUTPUT)

    def _one(self, role: Role) -> Ended:
        return self._child(role).wait()

    def _all(self, roles: Sequence[Role]) -> list[Ended]:
        ends = dict(side_by_side([lambda role=role: self._child(role) for role in roles], len(roles)))  # type: ignore[misc]  # a default binds it
        return [ends[place] for place in range(len(roles))]

    def _facts(self, folder: Path) -> Facts:
        cast = Cast(self.rehearsed.casting, folder, Trap())
        return facts_in(folder / STORE, cast.ledger, cast.sights)


def _told(ended: Ended) -> Told:
    if ended.told:
        return msgspec.json.decode(ended.told, type=Told)
    if ended.was_killed:
        return Told()
    why = "did not come to an end in time" if ended.took_too_long else f"ended with code {ended.code}"
    return Told(error=f"a worker {why}")
