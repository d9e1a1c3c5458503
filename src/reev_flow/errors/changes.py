"""What can go wrong when somebody asks what would be if."""

from collections.abc import Sequence

from reev_flow.errors.traces import TraceError

MOST_TOLD = 80  # characters of a name in a message
FORMS = "search=2x (twice as fast), search=-300ms, search=+1s or search=80ms"


class InvalidChange(TraceError):
    """A change that does not say what is to change, or how."""

    def __init__(self, text: str, details: str) -> None:
        super().__init__(text, details)
        self.text = text
        self.details = details

    def __str__(self) -> str:
        return f"cannot change {_cut(self.text)!r}: {self.details}; write it like {FORMS}"


class NoSuchOperation(TraceError):
    """No span of the run is called so. `close` are names that look like it."""

    def __init__(self, name: str, close: Sequence[str] = ()) -> None:
        super().__init__(name, close)
        self.name = name
        self.close = tuple(close)

    def __str__(self) -> str:
        near = ", ".join(repr(_cut(name)) for name in self.close)
        advice = f"did you mean {near}?" if near else "`reev-flow analyze` without --what-if shows what there is"
        return f"nothing in the run is called {_cut(self.name)!r}; {advice}"


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"
