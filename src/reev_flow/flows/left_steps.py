"""Recorded steps that were not called yet, by the branches they are in: whoever looks at one branch need not look through the others."""

from collections.abc import Iterable, Iterator


class LeftSteps:
    """In the order in which they were first heard of. What is asked of a branch takes as long as the branch is deep, however many there are."""

    __slots__ = ("_flow", "_in_order")

    def __init__(self, steps: Iterable[tuple[str, bool]]) -> None:
        """Each with whether anything is known of it."""
        self._in_order = dict(steps)
        self._flow = _Place()
        for step, is_known in self._in_order.items():
            self._add(step, is_known=is_known)

    def __len__(self) -> int:
        return len(self._in_order)

    def known(self) -> Iterator[str]:
        return (step for step, is_known in self._in_order.items() if is_known)

    def first_in_turn(self, branch: str) -> str | None:
        """The first one of the branch itself that has no key and of which something is known."""
        place = self._at(branch)
        return None if place is None else next(iter(place.in_turn), None)

    def within(self, branch: str) -> list[str]:
        """Those of the branch and of those inside it, in any order."""
        found: list[str] = []
        place = self._at(branch)
        todo = [] if place is None else [place]
        while todo:
            place = todo.pop()
            found += place.steps
            todo += place.inner.values()
        return found

    def has_not_beside(self, branch: str) -> bool:
        """Whether there is one that does not run beside the branch, as another member of a gather or a task group that it is in."""
        place = self._flow
        for name in _names(branch):
            inner, group = place.inner.get(name), _group_of(name)
            beside = place.members.get(group, 0) if group else 0 if inner is None else inner.count
            if place.count > beside:
                return True
            if inner is None:
                return False
            place = inner
        return place.count > 0

    def count_beside(self, branch: str) -> int:
        """How many there are in the branch, which is a member of a gather or a task group, and in the other members."""
        outer, _, name = branch.rpartition("/")
        place = self._at(outer)
        return 0 if place is None else place.members.get(_group_of(name), 0)

    def remove(self, step: str) -> None:
        """Branches with nothing left in them are forgotten."""
        if self._in_order.pop(step, None) is None:
            return
        place = self._flow
        for name in _names(_branch_of(step)):
            inner = place.inner[name]
            place.count_in(name, -1)
            if inner.count == 1:
                del place.inner[name]
                return
            place = inner
        place.count -= 1
        del place.steps[step]
        place.in_turn.pop(step, None)

    def _add(self, step: str, *, is_known: bool) -> None:
        place = self._flow
        for name in _names(_branch_of(step)):
            place.count_in(name, 1)
            place = place.inner.setdefault(name, _Place())
        place.count += 1
        place.steps[step] = None
        if is_known and not has_key(step):
            place.in_turn[step] = None

    def _at(self, branch: str) -> "_Place | None":
        place: _Place | None = self._flow
        for name in _names(branch):
            place = None if place is None else place.inner.get(name)
        return place


class _Place:
    """A branch: what is left in it itself and, as `count` says, in the branches inside it too; `members` counts by gather or task group."""

    __slots__ = ("count", "in_turn", "inner", "members", "steps")

    def __init__(self) -> None:
        self.count = 0
        self.steps: dict[str, None] = {}
        self.in_turn: dict[str, None] = {}
        self.inner: dict[str, _Place] = {}
        self.members: dict[str, int] = {}

    def count_in(self, name: str, change: int) -> None:
        """One more or one less in the branch of that name inside of it."""
        self.count += change
        group = _group_of(name)
        if group:
            self.members[group] = self.members.get(group, 0) + change


def has_key(step: str) -> bool:
    return step.endswith("]")


def _branch_of(step: str) -> str:
    return step.rpartition("/")[0]


def _names(branch: str) -> list[str]:
    return branch.split("/") if branch else []


def _group_of(name: str) -> str:
    """The gather or task group that a branch of that name is a member of; nothing for one that stands alone."""
    return name.rpartition(":")[0]
