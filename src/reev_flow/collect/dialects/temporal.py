"""Temporal's tracing interceptors, which say everything in the names of their spans.

A workflow may wait for years, so that its own span in Python is a moment, and the activities lie outside the spans that asked for them.
"""

from reev_flow.collect.dialects.dialect import Dialect, SpanName
from reev_flow.trace.span import Operation

TEMPORAL = Dialect(
    name="Temporal",
    seen=("temporalio 1.35.0 for Python",),
    unread=("temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID"),
    span_names=(
        SpanName(operation=Operation.FLOW, prefix="RunWorkflow:"),
        SpanName(operation=Operation.STEP, prefix="RunActivity:"),
        SpanName(operation=Operation.STEP, prefix="RunNexusOperation:"),
        # Asking for work takes no time of its own: the work is the span below.
        SpanName(operation=Operation.OTHER, prefix="StartWorkflow:"),
        SpanName(operation=Operation.OTHER, prefix="SignalWithStartWorkflow:"),
        SpanName(operation=Operation.OTHER, prefix="StartChildWorkflow:"),
        SpanName(operation=Operation.OTHER, prefix="StartActivity:"),
        SpanName(operation=Operation.OTHER, prefix="CompleteWorkflow:"),
    ),
)
