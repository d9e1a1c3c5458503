"""`reev-flow runs prune`: forgets runs that are old, or too many for their room."""

from typing import Annotated

from cyclopts import Parameter, validators

from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY, is_there
from reev_flow.clock import SystemClock
from reev_flow.runtime.room import give_back_all
from reev_flow.runtime.trace_retention import Forgotten, keep_within
from reev_flow.settings import current_settings
from reev_flow.settings.trace_keeping import DAY_NS, MIB, TraceLimits, trace_limits
from reev_flow.stores.urls import open_trace_store, session_file, trace_file
from reev_flow.trace.store import TraceStore

Days = Annotated[
    float | None,
    Parameter(
        validator=validators.Number(gte=0),
        help="Forget runs to which nothing was added for so many days. [default: the setting traces.retention_days]",
    ),
]
MaxSizeMib = Annotated[
    float | None,
    Parameter(
        validator=validators.Number(gte=0),
        help="Forget runs, the least recently added first, until the rest takes no more room. [default: the setting traces.max_size_mib]",
    ),
]


def prune(
    *, older_than: Days = None, max_size_mib: MaxSizeMib = None, store: Store = None, json: AsJson = False
) -> int:
    """Forget what was kept of runs, but not their sessions, and give the disk its room back. Prints the ids of those it forgot."""
    place = place_of(store)
    forgotten, size_bytes, location = Forgotten(), 0, place
    if place != IN_MEMORY and is_there(trace_file(session_file(place))):
        traces = open_trace_store(place)
        try:
            location = traces.location
            forgotten, size_bytes = _pruned(traces, _limits(older_than, max_size_mib))
        finally:
            traces.close()
    names = (*forgotten.for_age, *forgotten.for_room)
    if json:
        write_document(store=location, forgotten=list(names), size_bytes=size_bytes)
    else:
        write_text("".join(f"{name}\n" for name in names))
    tell(f"{len(names):,} run{'' if len(names) == 1 else 's'} forgotten; {location} keeps {size_bytes / MIB:,.1f} MiB")
    return 0


def _limits(older_than: float | None, max_size_mib: float | None) -> TraceLimits:
    limits = trace_limits(current_settings())
    return TraceLimits(
        oldest_ns=limits.oldest_ns if older_than is None else int(older_than * DAY_NS),
        most_bytes=limits.most_bytes if max_size_mib is None else int(max_size_mib * MIB),
    )


def _pruned(traces: TraceStore, limits: TraceLimits) -> tuple[Forgotten, int]:
    forgotten = keep_within(traces, limits, SystemClock())
    give_back_all(traces)  # also what others forgot before
    return forgotten, traces.size_bytes().result()
