"""What can go wrong with plans and with carrying them out."""

from reev_flow.errors.root import ReevFlowError


class FlowError(ReevFlowError):
    """A plan could not be understood or carried out."""


class PlanRefused(FlowError):
    """A plan that was not begun, or not gone on with: nothing of it ran, and another plan or other options may be given."""


class InvalidPlan(PlanRefused):
    """A plan that would not do what it says, found before any of its steps ran.

    `field` is the path of what is wrong (`steps[2].depends_on[0]`); `source` and `line` are where it stands when it was read from a file.
    """

    def __init__(
        self, details: str, *, field: str = "", source: str = "", line: int | None = None, advice: str = ""
    ) -> None:
        super().__init__(details)
        self.details = details
        self.field = field
        self.source = source
        self.line = line
        self.advice = advice

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source}:{self.line}"
        told = ": ".join(part for part in (place, self.field, self.details) if part)
        return f"{told}; {self.advice}" if self.advice else told


class PlanChanged(PlanRefused):
    """A plan that differs, in what a session has already begun, from the one the session was started with."""

    def __init__(self, flow_id: str, step_id: str, details: str) -> None:
        super().__init__(flow_id, step_id, details)
        self.flow_id = flow_id
        self.step_id = step_id
        self.details = details

    def __str__(self) -> str:
        what = f"step {self.step_id!r}" if self.step_id else "its frame"
        return (
            f"plan {self.flow_id!r} changed since its session began: {what} {self.details}; nothing ran, "
            "resume with the former plan or start a new session"
        )


class MissingTool(PlanRefused):
    """A step needs a tool that the executor was not given."""

    def __init__(self, step_id: str, tool: str, given: tuple[str, ...]) -> None:
        super().__init__(step_id, tool, given)
        self.step_id = step_id
        self.tool = tool
        self.given = given

    def __str__(self) -> str:
        given = ", ".join(self.given) or "none"
        return f"step {self.step_id!r} requires the tool {self.tool!r}, which was not given (given: {given}); add it to `tools`, nothing ran"


class UnfillableTemplate(FlowError):
    """A placeholder whose value is not there once the steps before have run."""

    def __init__(self, placeholder: str, details: str) -> None:
        super().__init__(placeholder, details)
        self.placeholder = placeholder
        self.details = details

    def __str__(self) -> str:
        return f"{{{self.placeholder}}} cannot be filled: {self.details}; correct the template or what the step before returns"
