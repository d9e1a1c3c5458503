"""The facts of a run, before anything else on the terminal."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from rich.table import Table
from rich.text import Text

from reev_flow.analysis.calls.usage import count_usage
from reev_flow.render.operations import OperationForest, operation_forest
from reev_flow.render.quantities import told_count, told_operations
from reev_flow.render.run_status import run_status
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import shown
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import TokenUsage
from reev_flow.trace.trace import Trace

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_NAMED = 3


def header(trace: Trace, options: TerminalOptions) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value, style in _facts(trace, options):
        table.add_row(name, Text(value, style=style))
    return table


def told_moment(time_ns: int, zone: tzinfo | None) -> str:
    """To the millisecond, with the offset of the zone, or of the machine's own zone then."""
    moment = EPOCH + timedelta(microseconds=time_ns // 1_000)
    with suppress(OSError, OverflowError):  # a machine may not know its zone so long ago; UTC is right everywhere
        moment = moment.astimezone(zone)
    told = moment.isoformat(sep=" ", timespec="milliseconds")
    return f"{told[:-6]} {told[-6:]}"


def _facts(trace: Trace, options: TerminalOptions) -> Iterator[tuple[str, str, str]]:
    """Name, value and style of each."""
    forest = operation_forest(trace)
    status = run_status(forest)
    services = tuple(dict.fromkeys(span.source.service for span in trace.spans if span.source.service))
    usage = count_usage(trace).total
    yield "run", shown(trace.name, options), "bold"
    yield "id", shown(trace.trace_id, options), ""
    yield "started", told_moment(trace.start_ns, options.zone), ""
    yield "took", f"{told_duration(trace.duration_ns)}, {status}", "red" if status == "failed" else ""
    yield "spans", f"{len(trace):,}: {_told_spans(forest)}", ""
    if usage.total:
        yield "tokens", _told_usage(usage), ""
    if services:
        yield "services", _some(services, options), ""
    if trace.conversation_ids:
        yield "conversation", _some(trace.conversation_ids, options), ""


def _told_spans(forest: OperationForest) -> str:
    if forest.is_overview:
        return "infrastructure only"
    undrawn = f", {forest.undrawn:,} infrastructure" if forest.undrawn else ""
    return told_operations(forest.count_by_operation(range(len(forest)))) + undrawn


def _told_usage(usage: TokenUsage) -> str:
    parts = (
        (usage.cache_read, "read from cache"),
        (usage.cache_write, "written to cache"),
        (usage.reasoning, "reasoning"),
    )
    told = ", ".join(f"{told_count(count)} {words}" for count, words in parts if count)
    return f"{usage.input:,} in, {usage.output:,} out" + (f" ({told})" if told else "")


def _some(names: tuple[str, ...], options: TerminalOptions) -> str:
    told = ", ".join(shown(name, options) for name in names[:MOST_NAMED])
    return f"{told} and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else told
