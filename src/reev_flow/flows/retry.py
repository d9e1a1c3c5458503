"""When a step that failed is tried again."""

import msgspec

from reev_flow.errors import InvalidStep, StepTimeout
from reev_flow.sessions.journal import Effect
from reev_flow.values.refusal import UnreadableValue, UnstorableValue

NS = 1_000_000_000


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """`attempts` tries in all, `wait_seconds` before the second, each further wait `factor` times longer up to `most_seconds`.

    Only for errors of the classes `on`. A step with an outside effect is only retried if the tool tells failure from doubt: an error
    that it raises is taken to mean that nothing happened. A step that may have happened, because it took longer than its `timeout`,
    is tried again only if it may be rerun anyway, or if `on` names `TimeoutError` or `StepTimeout`.
    """

    attempts: int = 3
    wait_seconds: float = 1.0
    factor: float = 2.0
    most_seconds: float = 60.0
    on: tuple[type[Exception], ...] = (Exception,)

    def __post_init__(self) -> None:
        if not (self.attempts >= 1 and self.wait_seconds >= 0 and self.factor >= 1 and self.most_seconds >= 0):
            raise InvalidStep("retry", "attempts from 1, waits from 0 and a factor from 1 on", "correct the numbers")

    def wait_ns(self, attempt: int) -> int:
        """How long to wait after that attempt failed."""
        growth = self.factor ** min(attempt - 1, 64)
        return int(min(self.wait_seconds * growth, self.most_seconds) * NS)

    def follows(self, error: Exception, attempt: int, effect: Effect = Effect.RERUN) -> bool:
        """Whether another attempt follows one that failed so. A result that cannot be stored would not be stored next time either."""
        is_wanted = isinstance(error, self.on) and not isinstance(error, (UnstorableValue, UnreadableValue))
        is_safe = effect is Effect.RERUN or not isinstance(error, StepTimeout) or self._names_timeouts
        return is_wanted and is_safe and attempt < self.attempts

    @property
    def _names_timeouts(self) -> bool:
        return any(issubclass(kind, TimeoutError) for kind in self.on)


ONCE = Retry(attempts=1)
