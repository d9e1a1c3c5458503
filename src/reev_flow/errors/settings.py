"""What can go wrong with what a user sets."""

from reev_flow.errors.root import ReevFlowError

MOST_TOLD = 80  # characters of a value in a message


class UnknownCode(ReevFlowError):
    """A finding code that no rule has."""

    def __init__(self, code: str, known: tuple[str, ...]) -> None:
        super().__init__(code)
        self.code = code
        self.known = known

    def __str__(self) -> str:
        return f"no rule has the code {self.code!r}; known codes: {', '.join(self.known)}"


class InvalidSetting(ReevFlowError):
    """A setting whose value cannot be used; nothing runs on a guess. `value` is None where it would not fit into a line."""

    def __init__(self, name: str, value: str | None, wanted: str, *, source: str = "environment") -> None:
        super().__init__(name, value, wanted)
        self.name = name
        self.value = value
        self.wanted = wanted
        self.source = source

    def __str__(self) -> str:
        return f"{self.name}{self._told_value()} ({self.source}) is not {self.wanted}; correct it or remove it"

    def _told_value(self) -> str:
        if self.value is None:
            return ""
        cut = self.value if len(self.value) <= MOST_TOLD else f"{self.value[:MOST_TOLD]}…"
        return f"={cut!r}"


class UnreadableSettings(ReevFlowError):
    """A settings file that is there and cannot be read; the cause is kept behind it."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} cannot be read ({self.__cause__}); mend it or move it away"
