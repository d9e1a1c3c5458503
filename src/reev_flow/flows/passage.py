"""How far the code that runs has come along the journal that former workers left."""

from collections.abc import Callable, Mapping

from reev_flow.errors import StepChanged
from reev_flow.flows.left_steps import LeftSteps, has_key
from reev_flow.sessions.history import Standing, StepHistory

IN_PLACE = "the code that runs now calls {!r} where the journal has it"
AT_END = "the code that runs now ends without calling it"
AT_FAILURE = "the code that runs now fails before it comes so far"

NONE_LEFT = LeftSteps(())  # for every session without a past, of which there may be thousands
NOTHING_YET = frozenset({Standing.OPEN, Standing.ASKED})


class Passage:
    """The recorded steps that were not called yet, in the order in which they were first heard of.

    A step of which nothing is known, such as a question without an answer, may be left: what came before may have gone another way since.
    Only the steps without a key of one branch are sure to be called in the same order again: a key is there so that the order may change,
    and branches run beside each other.
    """

    __slots__ = ("_left", "_session_id")

    def __init__(self, session_id: str, history: Mapping[str, StepHistory]) -> None:
        self._session_id = session_id
        if history:
            self._left = LeftSteps((step, known.standing not in NOTHING_YET) for step, known in history.items())
        else:
            self._left = NONE_LEFT

    @property
    def has_left(self) -> bool:
        return bool(self._left)

    def call(self, step: str) -> None:
        self._left.remove(step)

    def leave_out(self, branch: str, is_meant: Callable[[str], bool] | None = None) -> None:
        """Steps of a branch that may be recorded and not called again: of one that was cancelled, all. `is_meant` is asked of what stands
        behind the branch.
        """
        for step in self._left.within(branch):
            if is_meant is None or is_meant(_behind(step, branch)):
                self._left.remove(step)

    def goes_on_after(self, branch: str) -> bool:
        """Whether the session has been further than where the branch is now. What runs beside the branch does not count."""
        return self._left.has_not_beside(branch)

    def count_beside(self, branch: str) -> int:
        """How many are left in the gather or task group that the branch is a member of."""
        return self._left.count_beside(branch)

    @property
    def count_left(self) -> int:
        return len(self._left)

    def has_another(self, step: str) -> bool:
        """Whether the journal, which knows nothing of the step, has another one in its place."""
        return self._in_place_of(step) is not None

    def refuse_another(self, step: str) -> None:
        """Raises `StepChanged` when it has."""
        other = self._in_place_of(step)
        if other is not None:
            raise StepChanged(self._session_id, other, IN_PLACE.format(step))

    def _in_place_of(self, step: str) -> str | None:
        branch, _, _ = step.rpartition("/")
        return None if has_key(step) else self._left.first_in_turn(branch)

    def refuse_end(self) -> None:
        """Raises `StepChanged` for the first step that was recorded and not called again."""
        for step in self._left.known():
            raise StepChanged(self._session_id, step, AT_END)

    def refuse_failure(self, error: Exception) -> None:
        """Raises `StepChanged` when the flow itself had been further. In a branch others may decide how far it comes."""
        step = self._left.first_in_turn("")
        if step is not None:
            raise StepChanged(self._session_id, step, f"{AT_FAILURE} ({type(error).__name__}: {error})") from error


def _behind(step: str, branch: str) -> str:
    return step.removeprefix(f"{branch}/") if branch else step
