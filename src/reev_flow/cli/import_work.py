"""One import: inputs are read, their spans go into the store, and a signal ends it where nothing is lost."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

from reev_flow.cli.import_progress import Progress
from reev_flow.cli.import_stop import ImportStop, Stopped
from reev_flow.cli.output import tell
from reev_flow.clock import SystemClock
from reev_flow.collect.byte_stream import Readable
from reev_flow.collect.files import follow_named_documents, read_named_documents
from reev_flow.collect.following import follow
from reev_flow.errors import InvalidFormat, ReevFlowError, StoreError
from reev_flow.runtime.importing import Imported, Importer
from reev_flow.runtime.ingest import Ingest
from reev_flow.settings import current_settings
from reev_flow.settings.trace_keeping import redaction_of
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.span import Span

NOTHING = Imported()
STREAMED_BYTES = 1 << 16  # of a pipe, whose reader would else wait until more has come


class Import:
    """Opens the store when there is something to put in it. Used as a context manager, and once."""

    def __init__(self, place: str) -> None:
        self.stop = ImportStop()
        self.problems: list[InvalidFormat] = []
        self.failure: ReevFlowError | None = None
        self.location = ""
        self._place = place
        self._progress = Progress(SystemClock(), sys.stderr)
        self._importer: Importer | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def imported(self) -> Imported:
        return NOTHING if self._importer is None else self._importer.imported

    def read(self, paths: Sequence[str]) -> None:
        self._take(read_named_documents(paths, on_problem=self._tell, through=self._watched))

    def follow(self, path: str) -> None:
        """Until a signal comes."""
        files = follow(path, self.stop.wait, lambda: tell(f"{path} does not exist yet; waiting for it"))
        self._take(follow_named_documents(path, on_problem=self._tell, files=files, through=self._watched))

    def _take(self, documents: Iterator[tuple[str, Iterator[Span]]]) -> None:
        """A store that cannot keep something ends it; everything given to it before is waited for in any case."""
        try:
            for _, document in documents:
                self._opened().take(document)
        except Stopped:
            pass
        except StoreError as error:
            self.failure = error
        try:
            if self._importer is not None:
                self._importer.finish()
        except StoreError as error:
            self.failure = self.failure or error
        self._progress.clear()

    def _opened(self) -> Importer:
        if self._importer is None:
            store = open_trace_store(self._place)
            self._open.callback(store.close)
            self.location = store.location
            self._importer = Importer(Ingest(store, redaction_of(current_settings())))
        return self._importer

    def _watched(self, name: str, stream: Readable, size: int | None) -> "_Watched":
        return _Watched(self, name, stream, size)

    def before_reading(self, name: str, done: int, size: int | None) -> None:
        """Reading may take long; what was read before is on its way meanwhile."""
        if self._importer is not None:
            self._importer.flush()
        self._progress.show(name, done, size, self.imported.spans)

    def _tell(self, problem: InvalidFormat) -> None:
        self.problems.append(problem)
        self._progress.clear()
        tell(str(problem))


class _Watched:
    """An input of which it is known how far it was read, and whose reading can be broken off."""

    def __init__(self, work: Import, name: str, stream: Readable, size: int | None) -> None:
        self._work = work
        self._name = name
        self._read = getattr(stream, "read1", stream.read)  # what a pipe holds now, not what it will hold some time
        self._size = size
        self._done = 0

    def read(self, size: int) -> bytes:
        self._work.before_reading(self._name, self._done, self._size)
        with self._work.stop.idle():
            data: bytes = self._read(size if self._size is not None else min(size, STREAMED_BYTES))
        self._done += len(data)
        return data
