"""What can go wrong, as one tree; every message says where it went wrong and what to do next."""


class ReevFlowError(Exception):
    """Anything this package raises on purpose."""


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


class MetricsError(TraceError):
    """Numbers of a trace that contradict each other."""


class MetricsExtractionError(TraceError):
    """The metrics of a trace could not be computed; the cause is kept behind it."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(trace_id)
        self.trace_id = trace_id

    def __str__(self) -> str:
        return f"trace {self.trace_id}: its metrics could not be computed ({self.__cause__!r})"


class MermaidGenerationFailed(TraceError):
    """A trace could not be drawn within the limits asked for."""

    def __init__(self, trace_id: str, details: str) -> None:
        super().__init__(trace_id, details)
        self.trace_id = trace_id
        self.details = details

    def __str__(self) -> str:
        return f"trace {self.trace_id}: no diagram; {self.details}"


class UnknownCode(ReevFlowError):
    """A finding code that no rule has."""

    def __init__(self, code: str, known: tuple[str, ...]) -> None:
        super().__init__(code)
        self.code = code
        self.known = known

    def __str__(self) -> str:
        return f"no rule has the code {self.code!r}; known codes: {', '.join(self.known)}"


class InvalidSetting(ReevFlowError):
    """A setting whose value cannot be used; nothing runs on a guess."""

    def __init__(self, name: str, value: str, wanted: str, *, source: str = "environment") -> None:
        super().__init__(name, value, wanted)
        self.name = name
        self.value = value
        self.wanted = wanted
        self.source = source

    def __str__(self) -> str:
        return f"{self.name}={self.value!r} ({self.source}) is not {self.wanted}; correct it or remove it"


class PartSwitchedOff(ReevFlowError):
    """A part of the insights was read that the settings switch off."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part

    def __str__(self) -> str:
        return f"the part {self.part!r} of the insights is switched off; `reev-flow config` shows by which setting"


class UnreadableSettings(ReevFlowError):
    """A settings file that is there and cannot be read; the cause is kept behind it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} cannot be read ({self.__cause__}); mend it or move it away"
