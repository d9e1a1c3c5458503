"""Files named on the command line become runs; what cannot be read is told and does not stop the rest."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter, validators

from reev_flow.analysis.findings import Rule
from reev_flow.analysis.insights import FlowInsights
from reev_flow.cli.masked_runs import ReadRun, asked_of_recorded, read_run
from reev_flow.cli.output import tell
from reev_flow.cli.session_place import place_of
from reev_flow.collect.assemble import assemble_one
from reev_flow.collect.files import read_named_spans
from reev_flow.collect.inputs import STDIN
from reev_flow.collect.redaction import Redaction
from reev_flow.errors import InvalidFormat, ReevFlowError
from reev_flow.runtime.processing import processor_of
from reev_flow.settings import current_settings
from reev_flow.settings.trace_keeping import redaction_of
from reev_flow.trace.span import Span
from reev_flow.trace.standing import RunState
from reev_flow.trace.trace import Trace

if TYPE_CHECKING:
    from reev_flow.runtime.run_reading import StoredRun

Sources = Annotated[  # a hyphen is let through for `-`; unknown options are told apart in `read_runs`
    str,
    Parameter(
        allow_leading_hyphen=True,
        help="Trace files, folders of them, - for standard input, or ids of sessions and runs in the store.",
    ),
]
RunPrefix = Annotated[str | None, Parameter(help="Only the run whose id starts with this.")]
Rows = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=0), help="The most lines a tree may take before it is folded; 0 for no limit."
    ),
]


class NothingNamed(ReevFlowError):
    """A command was given no input."""

    def __str__(self) -> str:
        return "name at least one trace file, a folder of them, - for standard input, or the id of a session or run"


class UnknownOption(ReevFlowError):
    """Something that looks like an option and is none."""

    def __init__(self, option: str) -> None:
        super().__init__(option)
        self.option = option

    def __str__(self) -> str:
        return f"there is no option {self.option!r}; --help after the command shows those there are"


class UnknownRun(ReevFlowError):
    """No run in the input has this id."""

    def __init__(self, prefix: str, sources: Sequence[str], count: int) -> None:
        super().__init__(prefix)
        self.prefix = prefix
        self.sources = sources
        self.count = count

    def __str__(self) -> str:
        where = ", ".join(self.sources)
        return f"no run in {where} has an id that starts with {self.prefix!r}; `reev-flow runs list` shows all {self.count}"


class AmbiguousRun(ReevFlowError):
    """More than one run has an id that starts this way."""

    def __init__(self, prefix: str, matches: Sequence[str]) -> None:
        super().__init__(prefix)
        self.prefix = prefix
        self.matches = matches

    def __str__(self) -> str:
        shown = ", ".join(self.matches[:3]) + (", …" if len(self.matches) > 3 else "")
        return f"{len(self.matches)} runs have ids that start with {self.prefix!r} ({shown}); give more of the id"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the inputs: the runs by start, the file each was first seen in, and what could not be read.

    `traces` have no secrets, `runs` have them also as they were recorded. `state_of` says of those that are in a store whether more is to
    come.
    """

    runs: tuple[ReadRun, ...]
    source_of: dict[str, str]
    problems: tuple[InvalidFormat, ...]
    state_of: dict[str, RunState] = {}

    @property
    def traces(self) -> tuple[Trace, ...]:
        return tuple(run.shown for run in self.runs)


def read_insights(
    sources: Sequence[str], run: str | None = None, *, store: str | None = None, adjust_clocks: bool = False
) -> tuple[list[FlowInsights], Reading]:
    """The runs with everything that can be told of them, as far as the settings want it."""
    processor = processor_of(current_settings())
    reading = read_runs(sources, run, store=store, adjust_clocks=adjust_clocks)
    asking = processor.asking(rules_for(processor.rules, reading))
    return [asking.process_trace(trace) for trace in reading.traces], reading


def rules_for(rules: Iterable[Rule], *readings: Reading) -> tuple[Rule, ...]:
    """To be asked of what was read, which has no secrets any more: the rule that looks for them looks at what was recorded."""
    runs = [run for reading in readings for run in reading.runs]
    return asked_of_recorded(rules, runs, redaction_of(current_settings()))


def read_runs(
    sources: Sequence[str], run: str | None = None, *, store: str | None = None, adjust_clocks: bool = False
) -> Reading:
    """The runs of all inputs together, as a trace may be spread over files; with `run`, the one whose id starts with it.

    What is no file is looked for in the store, as a session or a run. Problems are told on standard error as they are met.
    """
    if not sources:
        raise NothingNamed
    problems: list[InvalidFormat] = []
    gathered = _Gathered()
    files = [source for source in sources if _is_file(source)]
    gathered.add_files(files, _teller(problems))
    ids = [source for source in sources if source not in files]
    if ids:
        gathered.add_stored(_stored(ids, store, _teller(problems)))
    runs = gathered.runs(redaction_of(current_settings()), adjust_clocks=adjust_clocks)
    if run is not None and (runs or not problems):
        runs = [_choose(runs, run, sources)]
    return gathered.reading(runs, problems)


def latest_runs(
    limit: int, *, skip: int = 0, conversation: str = "", store: str | None = None
) -> Iterator[tuple[Trace, str, RunState]]:
    """The newest runs of the store but for those skipped, or those of a conversation, one at a time: each with where it is kept and whether
    more of it is to come.
    """
    from reev_flow.cli.stored_runs import latest_stored  # noqa: PLC0415 - see `_stored`

    for location, run in latest_stored(place_of(store), limit, skip, conversation):
        if run.records:
            yield assemble_one(run.records), location, run.state


class _Gathered:
    """Spans by run, as they were recorded: a run may be told of by several files and by the store, and is understood as a whole."""

    def __init__(self) -> None:
        self._records: dict[str, list[Span]] = {}
        self._source_of: dict[str, str] = {}
        self._state_of: dict[str, RunState] = {}

    def add_files(self, files: Sequence[str], on_problem: Callable[[InvalidFormat], None]) -> None:
        for source, span in read_named_spans(files, on_problem=on_problem):
            self._source_of.setdefault(span.trace_id, source)
            self._records.setdefault(span.trace_id, []).append(span)

    def add_stored(self, stored: Iterable[tuple[str, "StoredRun"]]) -> None:
        for location, run in stored:
            self._source_of.setdefault(run.trace_id, location)
            self._records.setdefault(run.trace_id, []).extend(run.records)
            self._state_of[run.trace_id] = run.state

    def runs(self, redaction: Redaction, *, adjust_clocks: bool = False) -> list[ReadRun]:
        found = [
            read_run(records, redaction, adjust_clocks=adjust_clocks) for records in self._records.values() if records
        ]
        return sorted(found, key=lambda run: (run.shown.start_ns, run.shown.trace_id))

    def reading(self, runs: Sequence[ReadRun], problems: Sequence[InvalidFormat]) -> Reading:
        return Reading(runs=tuple(runs), source_of=self._source_of, problems=tuple(problems), state_of=self._state_of)


def _is_file(source: str) -> bool:
    """Whether it is to be read as a file. A name that looks like an option and is none is refused."""
    if source == STDIN or os.path.lexists(source):
        return True
    if source.startswith("-"):
        raise UnknownOption(source)
    return False


def _stored(
    ids: Sequence[str], store: str | None, on_problem: Callable[[InvalidFormat], None]
) -> Iterator[tuple[str, "StoredRun"]]:
    from reev_flow.cli.stored_runs import read_stored  # noqa: PLC0415 - files are read without any store

    return read_stored(ids, place_of(store), on_problem)


def _teller(problems: list[InvalidFormat]) -> Callable[[InvalidFormat], None]:
    def take(problem: InvalidFormat) -> None:
        problems.append(problem)
        tell(str(problem))

    return take


def _choose(runs: Sequence[ReadRun], prefix: str, sources: Sequence[str]) -> ReadRun:
    matches = [run for run in runs if run.shown.trace_id.startswith(prefix.lower())]
    if not matches:
        raise UnknownRun(prefix, sources, len(runs))
    if len(matches) > 1:
        raise AmbiguousRun(prefix, [run.shown.trace_id for run in matches])
    return matches[0]
