"""What can go wrong with traces and what is made of them."""

from reev_flow.errors.root import ReevFlowError


class TraceError(ReevFlowError):
    """A trace could not be read, understood or drawn."""


class InvalidFormat(TraceError):
    """Input that is not a trace, or a part of it that is broken."""

    def __init__(self, details: str, *, source: str = "", line: int | None = None, advice: str = "") -> None:
        super().__init__(details)
        self.details = details
        self.source = source
        self.line = line
        self.advice = advice

    def __str__(self) -> str:
        place = self.source if self.line is None else f"{self.source} line {self.line}"
        told = f"{place}: {self.details}" if place else self.details
        return f"{told}; {self.advice}" if self.advice else told


class ProcessingFailed(TraceError):
    """A trace was read, but a part of its insights could not be computed."""

    def __init__(self, trace_id: str, part: str) -> None:
        super().__init__(trace_id, part)
        self.trace_id = trace_id
        self.part = part

    def __str__(self) -> str:
        return f"trace {self.trace_id}: {self.part} failed ({self.__cause__!r}); the other parts can still be read"


class ProcessingTimedOut(TraceError):
    """A run took longer to be understood than it may; what was ready by then can be read."""

    def __init__(self, trace_id: str, milliseconds: float) -> None:
        super().__init__(trace_id, milliseconds)
        self.trace_id = trace_id
        self.milliseconds = milliseconds

    def __str__(self) -> str:
        return (
            f"trace {self.trace_id}: not worked out within {self.milliseconds:g} ms; "
            "REEV_TRACE_PROCESSING_TIMEOUT_MS sets how long it may take"
        )


class MetricsError(TraceError):
    """Numbers of a trace that cannot be added up; the cause is kept behind it."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(trace_id)
        self.trace_id = trace_id

    def __str__(self) -> str:
        return f"trace {self.trace_id}: its numbers do not add up ({self.__cause__!r})"


class MetricsExtractionError(TraceError):
    """The metrics of a trace could not be computed; the `MetricsError` that says why is kept behind it."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(trace_id)
        self.trace_id = trace_id

    def __str__(self) -> str:
        return f"trace {self.trace_id}: its metrics could not be computed ({self.__cause__})"


class MermaidGenerationFailed(TraceError):
    """A trace could not be drawn within the limits asked for."""

    def __init__(self, trace_id: str, details: str) -> None:
        super().__init__(trace_id, details)
        self.trace_id = trace_id
        self.details = details

    def __str__(self) -> str:
        return f"trace {self.trace_id}: no diagram; {self.details}"


class PartSwitchedOff(ReevFlowError):
    """A part of the insights was read that the settings switch off."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part

    def __str__(self) -> str:
        return f"the part {self.part!r} of the insights is switched off; `reev-flow config` shows by which setting"


class TraceNotFound(TraceError):
    """No trace has this id."""

    def __init__(self, trace_id: str, location: str) -> None:
        super().__init__(trace_id, location)
        self.trace_id = trace_id
        self.location = location

    def __str__(self) -> str:
        return f"no trace {self.trace_id!r} in {self.location}; `reev-flow runs list` shows the known ones"


class ProviderRefused(TraceError):
    """A tracer provider whose spans cannot be collected."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider)
        self.provider = provider

    def __str__(self) -> str:
        return (
            f"the tracer provider {self.provider} takes no span processors; install the collector before it is set, or use an "
            "opentelemetry.sdk.trace.TracerProvider"
        )


class ForwardingRefused(TraceError):
    """A place that spans cannot be forwarded to."""

    def __init__(self, endpoint: str, problem: str) -> None:
        super().__init__(endpoint, problem)
        self.endpoint = endpoint
        self.problem = problem

    def __str__(self) -> str:
        return f"forwarding spans to {self.endpoint!r}: {self.problem}"
