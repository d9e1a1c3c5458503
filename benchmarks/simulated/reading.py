"""A simulated run as a trace: encoded as OTLP, read back and understood like anybody's."""

from reev_flow.collect.assemble import assemble
from reev_flow.trace.trace import Trace
from simulated.runs import SimulatedRun
from support.otel import understood_spans


def as_trace(run: SimulatedRun) -> Trace:
    (trace,) = assemble(understood_spans(run.spans))
    return trace
