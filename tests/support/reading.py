"""Reading bytes the way files are read, with everything that was told about them."""

import io
from pathlib import Path
from typing import NamedTuple

from reev_flow.collect.files import read_spans
from reev_flow.collect.normalize import normalize
from reev_flow.errors import InvalidFormat
from reev_flow.trace.span import Span


class Read(NamedTuple):
    """`spans` as they are understood by themselves."""

    spans: list[Span]
    problems: list[InvalidFormat]

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    @property
    def told(self) -> list[str]:
        """Each problem in one line, without its source and its advice."""
        return [f"{problem.line or ''}: {problem.details}".removeprefix(": ") for problem in self.problems]


def read_paths(*paths: str | Path) -> Read:
    problems: list[InvalidFormat] = []
    spans = [normalize(span) for span in read_spans([str(path) for path in paths], on_problem=problems.append)]
    return Read(spans, problems)


def read_bytes(data: bytes) -> Read:
    """As if it came in through a pipe."""
    problems: list[InvalidFormat] = []
    spans = [normalize(span) for span in read_spans(["-"], on_problem=problems.append, stdin=io.BytesIO(data))]
    return Read(spans, problems)
