"""Spans out of files, folders and standard input."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from reev_flow.collect.byte_stream import ByteStream, Readable, read_pieces, read_raw_pieces
from reev_flow.collect.documents import follow_documents, read_documents
from reev_flow.collect.following import FollowedFile
from reev_flow.collect.inputs import OnProblem, cannot_open, open_inputs, shown
from reev_flow.collect.span_ids import with_known_ids
from reev_flow.errors import InvalidFormat
from reev_flow.trace.span import Span

MOST_TOLD = 20  # problems of one input; further ones are counted
Through = Callable[[str, Readable, int | None], Readable]
NO_SPANS = "check that the program records traces, and that it shuts its tracer down before it ends"


def read_spans(paths: Sequence[str], *, on_problem: OnProblem, stdin: BinaryIO | None = None) -> Iterator[Span]:
    """Every span of every path, as it was recorded, in the order they lie there.

    A path is a file, a folder (its trace files by name, also in folders below), or `-` for standard input. Forms are told
    apart by content: OTLP in JSON and in protobuf, the forms of other tools (see `json_forms`), each also as lines or arrays, and gzip of
    each. Everything that cannot be read is one call of `on_problem`; the rest is read all the same.
    """
    return (span for _, span in read_named_spans(paths, on_problem=on_problem, stdin=stdin))


def read_named_spans(
    paths: Sequence[str], *, on_problem: OnProblem, stdin: BinaryIO | None = None
) -> Iterator[tuple[str, Span]]:
    """The same, each span with the name of the file it lies in."""
    for name, document in read_named_documents(paths, on_problem=on_problem, stdin=stdin):
        for span in document:
            yield name, span


def read_named_documents(
    paths: Sequence[str],
    *,
    on_problem: OnProblem,
    stdin: BinaryIO | None = None,
    through: Through = lambda _, stream, __: stream,
) -> Iterator[tuple[str, Iterator[Span]]]:
    """The same, document by document: a line, or a file that is one. Each is to be used up before the next is asked for.

    `through` may put something between an input and its reader: it is given its name, its bytes and, if known, their number.
    """
    for source in open_inputs(paths, on_problem, stdin):
        told = _Told(source.name, on_problem)
        for document in read_documents(ByteStream(read_pieces(through(*source))), told):
            yield source.name, told.counted(document)
        told.end()


def follow_named_documents(
    path: str, *, on_problem: OnProblem, files: Iterator[FollowedFile], through: Through
) -> Iterator[tuple[str, Iterator[Span]]]:
    """The same of files that follow one another under a path while they are written."""
    try:
        for stream in files:
            told = _Told(shown(path), on_problem)
            pieces = read_raw_pieces(through(shown(path), stream, None))
            for document in follow_documents(ByteStream(pieces), told):
                yield shown(path), told.counted(document)
            told.end(is_growing=True)
    except OSError as error:
        on_problem(cannot_open(path, error))


class _Told:
    """Gives the problems of one input its name, and keeps a flood of them from hiding the others."""

    def __init__(self, source: str, on_problem: OnProblem) -> None:
        self._source = source
        self._on_problem = on_problem
        self._problems = 0
        self._has_spans = False

    def __call__(self, details: str, advice: str, *, line: int | None = None) -> None:
        self._problems += 1
        if self._problems <= MOST_TOLD:
            self._on_problem(InvalidFormat(details, source=self._source, line=line, advice=advice))

    def counted(self, document: Iterator[Span]) -> Iterator[Span]:
        """The spans of a document, by the ids they are known by."""
        for span in document:
            self._has_spans = True
            yield with_known_ids(span)

    def end(self, *, is_growing: bool = False) -> None:
        if self._problems > MOST_TOLD:
            more = f"has {self._problems - MOST_TOLD} more problems like these"
            self._on_problem(InvalidFormat(more, source=self._source, advice="mend the first ones and try again"))
        elif not self._has_spans and not self._problems and not is_growing:
            self._on_problem(InvalidFormat("holds no spans", source=self._source, advice=NO_SPANS))
