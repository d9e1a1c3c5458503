"""smolagents, where it goes beyond OpenInference, by which it is traced."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, SpanName
from reev_flow.trace.span import Operation

SCOPE = "openinference.instrumentation.smolagents"

SMOLAGENTS = Dialect(
    name="smolagents",
    seen=("smolagents 1.26.0, openinference-instrumentation-smolagents 0.1.43",),
    unread=("smolagents.max_steps", "smolagents.tools_names", "smolagents.managed_agents.*"),
    span_names=(SpanName(operation=Operation.AGENT, suffix=".run", scope=SCOPE),),
    attributes={Concept.INPUT: ("smolagents.task",)},
)
