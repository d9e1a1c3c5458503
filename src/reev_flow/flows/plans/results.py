"""What came of a plan and of each of its steps."""

from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec

from reev_flow.values.registry import DEFAULT

RecoveredBy: TypeAlias = Literal["", "alternative_flow", "person"]


class StepStatus(StrEnum):
    """`RECOVERED`: it failed, and an alternative flow or another run that a person asked for gave its result."""

    COMPLETED = "completed"
    RECOVERED = "recovered"
    FAILED = "failed"
    SKIPPED = "skipped"


class FlowStatus(StrEnum):
    """`COMPLETED` may have failed steps, when the plan's mode lets the flow go on without them."""

    COMPLETED = "completed"
    FAILED = "failed"


class StepError(msgspec.Struct, frozen=True, kw_only=True):
    """What a step raised; `kind` is `module:qualname` of its class."""

    kind: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.kind.rpartition(':')[2]}: {self.message}"


class StepResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one step.

    `error` is the last failure of the step itself, also when it was recovered. `reason` says why it was skipped. `attempts` counts how
    often it was begun, after a crash too. `duration_seconds` is None when its outcome was read from a journal. `alternative` is what came
    of the alternative flow, if one was begun; `is_abort` when a person ended the flow over it.
    """

    step_id: str
    status: StepStatus
    value: Any = None
    error: StepError | None = None
    reason: str = ""
    attempts: int = 0
    duration_seconds: float | None = None
    recovered_by: RecoveredBy = ""
    alternative: "FlowResult | None" = None
    is_abort: bool = False

    @property
    def has_value(self) -> bool:
        """Whether steps that depend on it may begin."""
        return self.status in {StepStatus.COMPLETED, StepStatus.RECOVERED}


class FlowResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a plan: `steps` in the order of the plan; `failed_by` is the step that the flow failed for, if it did."""

    flow_id: str
    status: FlowStatus
    steps: tuple[StepResult, ...]
    failed_by: str = ""

    @property
    def is_completed(self) -> bool:
        return self.status is FlowStatus.COMPLETED

    @property
    def output(self) -> Any:
        """The result of the last step listed; None when it gave none."""
        return self.steps[-1].value

    @property
    def failed_steps(self) -> tuple[str, ...]:
        return tuple(step.step_id for step in self.steps if step.status is StepStatus.FAILED)

    @property
    def error(self) -> StepError | None:
        """What the step raised that the flow failed for."""
        return self.step(self.failed_by).error if self.failed_by else None

    def step(self, step_id: str) -> StepResult:
        """Raises `KeyError` when the plan has no such step."""
        for step in self.steps:
            if step.step_id == step_id:
                return step
        raise KeyError(step_id)


DEFAULT.register(FlowResult)
