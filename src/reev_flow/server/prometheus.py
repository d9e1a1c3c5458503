"""What the server counts, in the text format that Prometheus reads."""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path

from reev_flow.server.held import Held
from reev_flow.server.tallies import BUCKET_SECONDS, SECOND_NS, Duration, Source, Tallies
from reev_flow.version import __version__

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]


def exposition(tallies: Tallies, held: Held) -> str:
    return "\n".join([*_lines(tallies, held), ""])


def _lines(tallies: Tallies, held: Held) -> Iterator[str]:
    requests = [
        ({**_labels(source), "status": status}, number) for (source, status), number in tallies.requests.items()
    ]
    yield from _family("reev_flow_build_info", "gauge", "Which release this is.", [({"version": __version__}, 1)])
    yield from _family(
        "process_start_time_seconds", "gauge", "When it began, since 1970.", [({}, tallies.began_ns / SECOND_NS)]
    )
    yield from _family("process_resident_memory_bytes", "gauge", "Memory in use.", _resident_memory())
    yield from _family("reev_flow_requests_total", "counter", "Requests by how they were answered.", requests)
    for name, help_text, counted in (
        ("reev_flow_received_bytes_total", "Bytes of bodies, after decompression.", tallies.received_bytes),
        ("reev_flow_items_accepted_total", "Spans and log records that are on disk.", tallies.accepted),
        ("reev_flow_items_rejected_total", "Spans, log records and points that were not kept.", tallies.rejected),
    ):
        samples = [(_labels(source), number) for source, number in counted.items()]
        yield from _family(name, "counter", help_text, samples)
    for name, kind, help_text, value in (
        ("reev_flow_store_failures_total", "counter", "Requests that could not be stored.", tallies.store_failures),
        ("reev_flow_requests_in_progress", "gauge", "Requests not answered yet.", tallies.under_way),
        ("reev_flow_held_bytes", "gauge", "Bytes of bodies in hand.", held.now_bytes),
        ("reev_flow_held_bytes_limit", "gauge", "The most of them.", held.most_bytes),
    ):
        yield from _family(name, kind, help_text, [({}, value)])
    yield from _durations(tallies.seconds)


def _durations(durations: Mapping[Source, Duration]) -> Iterator[str]:
    name = "reev_flow_request_seconds"
    yield f"# HELP {name} From the first byte of a body to its answer."
    yield f"# TYPE {name} histogram"
    for source, duration in durations.items():
        limits = (*(f"{most:g}" for most in BUCKET_SECONDS), "+Inf")
        for limit, number in zip(limits, accumulate(duration.counts), strict=True):
            yield _sample(f"{name}_bucket", {**_labels(source), "le": limit}, number)
        yield _sample(f"{name}_sum", _labels(source), duration.sum_seconds)
        yield _sample(f"{name}_count", _labels(source), sum(duration.counts))


def _family(name: str, kind: str, help_text: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {name} {help_text}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield _sample(name, labels, value)


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    """Label values are our own words, in which nothing needs escaping."""
    named = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"{name}{{{named}}} {value!r}" if named else f"{name} {value!r}"


def _labels(source: Source) -> dict[str, str]:
    return {"transport": source.transport, "signal": source.signal}


def _resident_memory() -> list[Sample]:
    """Only Linux tells it cheaply."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return []
    return [({}, pages * os.sysconf("SC_PAGE_SIZE"))]
