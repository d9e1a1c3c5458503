"""How far the code that runs has come along the journal that former workers left."""

from collections.abc import Callable, Iterator, Mapping

from reev_flow.errors import StepChanged
from reev_flow.sessions.history import Standing, StepHistory

IN_PLACE = "the code that runs now calls {!r} where the journal has it"
AT_END = "the code that runs now ends without calling it"
AT_FAILURE = "the code that runs now fails before it comes so far"

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
        self._left = {step: known.standing not in NOTHING_YET for step, known in history.items()}

    @property
    def has_left(self) -> bool:
        return bool(self._left)

    def call(self, step: str) -> None:
        self._left.pop(step, None)

    def leave_out(self, branch: str, is_meant: Callable[[str], bool] | None = None) -> None:
        """Steps of a branch that may be recorded and not called again: of one that was cancelled, all. `is_meant` is asked of what stands
        behind the branch.
        """
        for step in [step for step in self._left if _is_within(step, branch)]:
            if is_meant is None or is_meant(_behind(step, branch)):
                del self._left[step]

    def goes_on_after(self, branch: str) -> bool:
        """Whether the session has been further than where the branch is now. What runs beside the branch does not count."""
        return any(not _are_parallel(branch, step) for step in self._left)

    def refuse_another(self, step: str) -> None:
        """Raises `StepChanged` when the journal knows nothing of the step and has another one in its place."""
        branch, _, _ = step.rpartition("/")
        if self._left and not _has_key(step):
            for other in self._missed():
                if other.rpartition("/")[0] == branch and not _has_key(other):
                    raise StepChanged(self._session_id, other, IN_PLACE.format(step))

    def refuse_end(self) -> None:
        """Raises `StepChanged` for the first step that was recorded and not called again."""
        for step in self._missed():
            raise StepChanged(self._session_id, step, AT_END)

    def refuse_failure(self, error: Exception) -> None:
        """Raises `StepChanged` when the flow itself had been further. In a branch others may decide how far it comes."""
        for step in self._missed():
            if "/" not in step and not _has_key(step):
                raise StepChanged(self._session_id, step, f"{AT_FAILURE} ({type(error).__name__}: {error})") from error

    def _missed(self) -> Iterator[str]:
        return (step for step, is_known in self._left.items() if is_known)


def _has_key(step: str) -> bool:
    return step.endswith("]")


def _is_within(step: str, branch: str) -> bool:
    return not branch or step.startswith(f"{branch}/")


def _behind(step: str, branch: str) -> str:
    return step.removeprefix(f"{branch}/") if branch else step


def _are_parallel(branch: str, step: str) -> bool:
    """Whether they part as two members of one gather or task group."""
    for here, there in zip(branch.split("/"), step.split("/"), strict=False):
        if here != there:
            group, is_member, _ = here.rpartition(":")
            return bool(is_member) and there.startswith(f"{group}:")
    return False
