"""One trial: a worker to whom something happens at one point, those who go on with what it left, and what came of it all."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from zlib import crc32

import msgspec

from reev_flow.chaos.cast import Cast
from reev_flow.chaos.children import Child, Ended, side_by_side
from reev_flow.chaos.facts import Facts, facts_in
from reev_flow.chaos.life import STORE, OpenStore, Role, Told, live, open_store
from reev_flow.chaos.points import Fault, Point
from reev_flow.chaos.rehearsed import Rehearsed
from reev_flow.chaos.trap import Trap

OUTPUT = "output.txt"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """`was_reached` says whether the fault happened; `complaints` are what workers told that could not go on."""

    facts: Facts
    passed: list[Point] = []
    was_reached: bool = False
    complaints: tuple[str, ...] = ()
    needs: tuple[str, str, str] | None = None
    seconds: float = 0.0


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where trials are held. Tests give a store of their own."""

    rehearsed: Rehearsed
    folder: Path
    open_store: OpenStore = open_store

    def uninterrupted(self, number: int) -> Trial:
        """With every point that was passed."""
        folder = self._new_folder(f"uninterrupted-{number}")
        began = monotonic()
        told = _told(self._one(Role(folder=folder, seed=self._seed("", number))))
        return Trial(
            facts=self._facts(folder),
            passed=told.passed,
            complaints=(told.error,) if told.error else (),
            needs=told.needs,
            seconds=monotonic() - began,
        )

    def held_at(self, point: Point, number: int) -> Trial:
        folder = self._new_folder(f"point-{number}")
        began = monotonic()
        first, others = self._roles(folder, point)
        is_race = self.rehearsed.fault is Fault.SLOW_DISK
        ends = self._all([first, *others]) if is_race else [self._one(first), *self._all(others)]
        told = [_told(ended) for ended in ends]
        return Trial(
            facts=self._facts(folder),
            was_reached=ends[0].was_killed or any(one.has_sprung for one in told),
            complaints=tuple(one.error for one in told[0 if is_race else 1 :] if one.error),
            needs=next((one.needs for one in told if one.needs), None),
            seconds=monotonic() - began,
        )

    def _roles(self, folder: Path, point: Point) -> tuple[Role, list[Role]]:
        """Points take turns, by their names: another worker that only knows the session's id, or all of them at once."""
        turn = crc32(point.name.encode())
        fault, workers = self.rehearsed.fault, self.rehearsed.workers
        first = Role(
            folder=folder, point=point, fault=fault, dies_after_jump=turn % 4 >= 2, seed=self._seed(point.name, 0)
        )
        count = workers if turn % 2 or fault is Fault.SLOW_DISK else 1
        trapped = point if fault is Fault.SLOW_DISK else None
        others = [
            Role(
                folder=folder,
                point=trapped,
                fault=fault,
                resumes=workers > 1 and number == 0,
                seed=self._seed(point.name, number + 1),
            )
            for number in range(count)
        ]
        return first, others

    def _seed(self, name: str, life: int) -> int:
        return crc32(f"{self.rehearsed.seed}:{name}:{life}".encode())

    def _new_folder(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder

    def _child(self, role: Role) -> Child:
        def work() -> bytes:
            return msgspec.json.encode(live(self.rehearsed, role, open_store=self.open_store))

        return Child(work, seconds=self.rehearsed.seconds, output=role.folder / OUTPUT)

    def _one(self, role: Role) -> Ended:
        return self._child(role).wait()

    def _all(self, roles: Sequence[Role]) -> list[Ended]:
        ends = dict(side_by_side([lambda role=role: self._child(role) for role in roles], len(roles)))  # type: ignore[misc]  # a default binds it
        return [ends[place] for place in range(len(roles))]

    def _facts(self, folder: Path) -> Facts:
        return facts_in(folder / STORE, Cast(self.rehearsed.casting, folder, Trap()).ledger)


def _told(ended: Ended) -> Told:
    if ended.told:
        return msgspec.json.decode(ended.told, type=Told)
    if ended.was_killed:
        return Told()
    why = "did not come to an end in time" if ended.took_too_long else f"ended with code {ended.code}"
    return Told(error=f"a worker {why}")
