"""Files named on the command line become runs; what cannot be read is told and does not stop the rest."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter, validators

from reev_flow.analysis.insights import FlowInsights, Parts
from reev_flow.cli.output import tell
from reev_flow.collect.assemble import assemble
from reev_flow.collect.files import read_named_spans
from reev_flow.errors import InvalidFormat, ReevFlowError
from reev_flow.pipeline import TraceProcessor
from reev_flow.settings import Settings, load_settings
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace

Sources = Annotated[  # a hyphen is let through for `-`; unknown options are told apart in `read_runs`
    str,
    Parameter(allow_leading_hyphen=True, help="Trace files, folders of them, or - for standard input."),
]
RunPrefix = Annotated[str | None, Parameter(help="Only the run whose id starts with this.")]
AsJson = Annotated[bool, Parameter(help="Print JSON.")]
Rows = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=0), help="The most lines a tree may take before it is folded; 0 for no limit."
    ),
]


class NothingNamed(ReevFlowError):
    """A command was given no input."""

    def __str__(self) -> str:
        return "name at least one trace file, a folder of them, or - for standard input"


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
    """What came of the inputs: the runs by start, the file each was first seen in, and what could not be read."""

    traces: tuple[Trace, ...]
    source_of: dict[str, str]
    problems: tuple[InvalidFormat, ...]


def current_settings() -> Settings:
    """In a folder that was deleted there is no settings file."""
    try:
        folder = Path.cwd()
    except FileNotFoundError:
        folder = Path(os.sep)
    return load_settings(os.environ, folder)


def parts_of(settings: Settings) -> Parts:
    return Parts(
        metrics=settings.switch("insights.metrics"),
        tool_calls=settings.switch("insights.tool_calls"),
        performance=settings.switch("insights.performance"),
        bottlenecks=settings.switch("insights.bottlenecks"),
        diagram=settings.switch("insights.diagram"),
    )


def read_insights(sources: Sequence[str], run: str | None = None) -> tuple[list[FlowInsights], Reading]:
    """The runs with everything that can be told of them, as far as the settings want it."""
    processor = TraceProcessor(parts=parts_of(current_settings()))
    reading = read_runs(sources, run)
    return [processor.process_trace(trace) for trace in reading.traces], reading


def read_runs(sources: Sequence[str], run: str | None = None) -> Reading:
    """The runs of all inputs together, as a trace may be spread over files; with `run`, the one whose id starts with it.

    Problems are told on standard error as they are met.
    """
    if not sources:
        raise NothingNamed
    for source in sources:
        if source.startswith("-") and source != "-" and not Path(source).exists():
            raise UnknownOption(source)
    problems: list[InvalidFormat] = []
    source_of: dict[str, str] = {}
    spans = _spans(sources, source_of, _teller(problems))
    traces = assemble(spans)
    if run is not None and (traces or not problems):
        traces = [_choose(traces, run, sources)]
    return Reading(traces=tuple(traces), source_of=source_of, problems=tuple(problems))


def _spans(
    sources: Sequence[str], source_of: dict[str, str], on_problem: Callable[[InvalidFormat], None]
) -> Iterator[Span]:
    for source, span in read_named_spans(sources, on_problem=on_problem):
        source_of.setdefault(span.trace_id, source)
        yield span


def _teller(problems: list[InvalidFormat]) -> Callable[[InvalidFormat], None]:
    def take(problem: InvalidFormat) -> None:
        problems.append(problem)
        tell(str(problem))

    return take


def _choose(traces: Sequence[Trace], prefix: str, sources: Sequence[str]) -> Trace:
    matches = [trace for trace in traces if trace.trace_id.startswith(prefix.lower())]
    if not matches:
        raise UnknownRun(prefix, sources, len(traces))
    if len(matches) > 1:
        raise AmbiguousRun(prefix, [trace.trace_id for trace in matches])
    return matches[0]
