"""The spans of the A2A SDK: one for each of its own methods, named after them, and nothing about agents in them."""

from reev_flow.collect.dialects.dialect import Dialect, SpanName
from reev_flow.trace.span import Operation

A2A = Dialect(
    name="A2A SDK",
    seen=("a2a-sdk 1.3.0",),
    span_names=(SpanName(operation=Operation.OTHER, prefix="a2a.", scope="a2a-python-sdk"),),
)
