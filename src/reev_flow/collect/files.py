"""Spans out of files, folders and standard input."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from reev_flow.collect.byte_stream import ByteStream, read_pieces
from reev_flow.collect.documents import read_documents
from reev_flow.collect.inputs import Input, open_inputs
from reev_flow.collect.span_ids import with_known_ids
from reev_flow.errors import InvalidFormat
from reev_flow.trace.span import Span

MOST_TOLD = 20  # problems of one input; further ones are counted
NO_SPANS = "check that the program records traces, and that it shuts its tracer down before it ends"


def read_spans(
    paths: Sequence[str], *, on_problem: Callable[[InvalidFormat], None], stdin: BinaryIO | None = None
) -> Iterator[Span]:
    """Every span of every path, as it was recorded, in the order they lie there.

    A path is a file, a folder (its trace files by name, also in folders below), or `-` for standard input. Forms are told
    apart by content: OTLP in JSON and in protobuf, the forms of other tools (see `json_forms`), each also as lines or arrays, and gzip of
    each. Everything that cannot be read is one call of `on_problem`; the rest is read all the same.
    """
    return (span for _, span in read_named_spans(paths, on_problem=on_problem, stdin=stdin))


def read_named_spans(
    paths: Sequence[str], *, on_problem: Callable[[InvalidFormat], None], stdin: BinaryIO | None = None
) -> Iterator[tuple[str, Span]]:
    """The same, each span with the name of the file it lies in."""
    for source in open_inputs(paths, on_problem, stdin):
        for span in _read_input(source, on_problem):
            yield source.name, span


def _read_input(source: Input, on_problem: Callable[[InvalidFormat], None]) -> Iterator[Span]:
    problems = _Problems(source.name, on_problem)
    count = 0
    for document in read_documents(ByteStream(read_pieces(source.stream)), problems):
        for span in document:
            count += 1
            yield with_known_ids(span)
    problems.end(has_spans=count > 0)


class _Problems:
    """Gives the problems of one input its name, and keeps a flood of them from hiding the others."""

    def __init__(self, source: str, on_problem: Callable[[InvalidFormat], None]) -> None:
        self._source = source
        self._on_problem = on_problem
        self._count = 0

    def __call__(self, details: str, advice: str, *, line: int | None = None) -> None:
        self._count += 1
        if self._count <= MOST_TOLD:
            self._on_problem(InvalidFormat(details, source=self._source, line=line, advice=advice))

    def end(self, *, has_spans: bool) -> None:
        if self._count > MOST_TOLD:
            more = f"has {self._count - MOST_TOLD} more problems like these"
            self._on_problem(InvalidFormat(more, source=self._source, advice="mend the first ones and try again"))
        elif not has_spans and not self._count:
            self._on_problem(InvalidFormat("holds no spans", source=self._source, advice=NO_SPANS))
