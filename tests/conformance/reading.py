"""What was written, read in one go and by nobody else's transport."""

from conformance.arrangement import in_order
from conformance.otlp_encoding import json_document
from conformance.written import Written
from reev_flow.collect.assemble import assemble
from reev_flow.trace.trace import Trace
from support.otlp import line
from support.reading import read_bytes


def read_at_once(written: Written) -> Trace:
    (trace,) = assemble(read_bytes(b"".join(line(json_document(request)) for request in in_order(written))).spans)
    return trace
