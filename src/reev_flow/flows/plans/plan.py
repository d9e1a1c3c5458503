"""What is to be done in one run of a flow, as data."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec

from reev_flow.values import digest as values

WhenInterrupted: TypeAlias = Literal["ask", "rerun", "fail"]


class AtomicMode(StrEnum):
    """What the failure of a step does to its flow, once recovery could not cure it.

    | mode        | a critical step fails | a step that is not critical fails |
    |-------------|-----------------------|-----------------------------------|
    | strict      | the flow fails        | the flow fails                    |
    | conditional | the flow fails        | it is recorded, the flow goes on  |
    | lenient     | it is recorded, the flow goes on | it is recorded, the flow goes on |

    When the flow fails, steps that have not begun are skipped; those that have are carried through, so that none is left in doubt.
    When it goes on, every step whose dependencies gave a result still runs, and the flow completes, saying which steps failed.
    In every mode a step is skipped when a step it depends on failed or was skipped; a person asked about a failure may skip the step
    (the flow goes on without it) or abort (the flow fails).
    """

    STRICT = "strict"
    LENIENT = "lenient"
    CONDITIONAL = "conditional"


class RecoveryStrategy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What is tried when a step failed: `retry`, an `alternative_flow`, or to `ask` a person, in this order.

    A step has at most one of each kind. In a file, `kind` says which one it is.
    """

    @staticmethod
    def retry(
        *, attempts: int = 3, wait_seconds: float = 1.0, factor: float = 2.0, most_seconds: float = 60.0
    ) -> "RetryStep":
        return RetryStep(attempts=attempts, wait_seconds=wait_seconds, factor=factor, most_seconds=most_seconds)

    @staticmethod
    def alternative_flow(*steps: "DynamicStep", flow_id: str = "") -> "AlternativeFlow":
        return AlternativeFlow(steps=steps, flow_id=flow_id)

    @staticmethod
    def ask(question: str = "", *, deadline_seconds: float | None = None) -> "AskPerson":
        return AskPerson(question=question, deadline_seconds=deadline_seconds)


class RetryStep(RecoveryStrategy, frozen=True, kw_only=True, tag="retry"):
    """The step is tried up to `attempts` times, the first one included.

    The wait before the second attempt is `wait_seconds`, each later one `factor` times the one before, none above `most_seconds`.
    """

    attempts: int = 3
    wait_seconds: float = 1.0
    factor: float = 2.0
    most_seconds: float = 60.0


class AlternativeFlow(RecoveryStrategy, frozen=True, kw_only=True, tag="alternative_flow"):
    """Other steps are carried out in the step's place: those listed here, or those of the plan's alternative flow `flow_id`.

    They cure the failure when their flow completes and the last of them gave a result, which then is the step's. Steps listed here may
    name, in their templates, whatever the step in whose place they run may name; their mode is strict unless said otherwise.
    """

    steps: tuple["DynamicStep", ...] = ()
    flow_id: str = ""
    atomic_mode: AtomicMode | None = None


class AskPerson(RecoveryStrategy, frozen=True, kw_only=True, tag="ask"):
    """A person is asked what to do and answers `retry` (the step runs again), `skip` or `abort`.

    `question` is put before the account of what failed, and may have placeholders as a prompt has. Without an answer within
    `deadline_seconds` the step stays failed; None waits for ever.
    """

    question: str = ""
    deadline_seconds: float | None = None


class DynamicStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a plan. Ids begin with a letter and go on with letters, digits, `_` and `-`.

    `prompt_template` is what the step is asked to do. `{name}` in it stands for a value of the plan's context, for `user_prompt`, or for
    the result of a step this one depends on, directly or not; `{name.field}` for a field of it; `{{` and `}}` for braces.
    `depends_on` are the steps that must give a result before this one begins; steps that do not depend on each other run concurrently.
    `required_tools` must be offered to whoever runs the step. `on_interrupt` says what may be done when the step was caught in the middle
    (`ask` a person whether it happened, `rerun` it, or `fail`); without it the plan's word counts. `critical` counts in conditional mode.
    An attempt that takes longer than `timeout_seconds` has failed. `estimated_time_seconds` is for people.
    """

    step_id: str
    prompt_template: str = ""
    description: str = ""
    depends_on: tuple[str, ...] = ()
    required_tools: tuple[str, ...] = ()
    critical: bool = True
    on_interrupt: WhenInterrupted | None = None
    recovery_strategies: tuple[RetryStep | AlternativeFlow | AskPerson, ...] = ()
    timeout_seconds: float | None = None
    estimated_time_seconds: float | None = None

    @property
    def retry(self) -> RetryStep | None:
        return next((each for each in self.recovery_strategies if isinstance(each, RetryStep)), None)

    @property
    def alternative(self) -> AlternativeFlow | None:
        return next((each for each in self.recovery_strategies if isinstance(each, AlternativeFlow)), None)

    @property
    def question(self) -> AskPerson | None:
        return next((each for each in self.recovery_strategies if isinstance(each, AskPerson)), None)


class DynamicFlowPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The steps of one run of the flow `flow_id`, and what holds them together.

    `user_prompt` is what somebody wants done. `context` are JSON values that templates may name. `on_interrupt` holds for steps that
    say nothing themselves. `alternative_flows` are plans that an `AlternativeFlow` may name by their `flow_id`: they see their own context
    laid over this one, and none of this plan's steps. The result of the last step listed is the flow's. `metadata` is for people: nothing
    reads it.
    """

    flow_id: str
    user_prompt: str = ""
    steps: tuple[DynamicStep, ...]
    context: dict[str, Any] = msgspec.field(default_factory=dict)
    atomic_mode: AtomicMode = AtomicMode.STRICT
    on_interrupt: WhenInterrupted = "ask"
    alternative_flows: tuple["DynamicFlowPlan", ...] = ()
    metadata: dict[str, Any] = msgspec.field(default_factory=dict)

    def digest(self) -> bytes:
        """Of everything but `metadata`; the same whatever the file format, the order of fields, and of names in `depends_on` and `required_tools`."""
        return values.digest(_meaning(as_read(self)))

    def encoded(self) -> bytes:
        """What `decode_plan` reads."""
        return msgspec.json.encode(self)


def decode_plan(data: bytes) -> DynamicFlowPlan:
    return msgspec.json.decode(data, type=DynamicFlowPlan)


def all_steps(plan: DynamicFlowPlan) -> Iterator[DynamicStep]:
    """Those of the plan, then those of its alternative flows."""
    todo = [*plan.steps, *(step for flow in plan.alternative_flows for step in flow.steps)]
    for step in todo:
        yield step
        if step.alternative is not None:
            todo.extend(step.alternative.steps)


def as_read(plan: DynamicFlowPlan) -> DynamicFlowPlan:
    """The plan as it would come from a file: tuples where a program gave lists, floats where it gave whole numbers.

    Raises `msgspec.ValidationError` for a field of the wrong type.
    """
    return msgspec.convert(plain_fields(plan), DynamicFlowPlan)


def plain_fields(plan: DynamicFlowPlan) -> Any:
    """The plan as dicts, lists, numbers and text; what JSON does not know becomes text or a list, always the same."""
    fields = msgspec.to_builtins(plan, order="deterministic")
    return msgspec.msgpack.decode(msgspec.msgpack.encode(fields))  # which has no tuples


def _meaning(plan: DynamicFlowPlan) -> dict[str, Any]:
    """Walks what nests in a plan without recursing: alternatives are appended as they are met."""
    fields: dict[str, Any] = plain_fields(plan)
    todo = [fields]
    for part in todo:
        part.pop("metadata", None)
        for name in ("depends_on", "required_tools"):
            if name in part:
                part[name] = sorted(part[name])
        for name in ("steps", "recovery_strategies", "alternative_flows"):
            todo.extend(part.get(name, ()))
    return fields
