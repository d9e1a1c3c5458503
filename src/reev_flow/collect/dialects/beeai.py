"""BeeAI for TypeScript, which makes a span of each thing that happens to a piece of work: its start, its success, its finish.

One of the three counts as the work. Their times are those at which the spans were written after the run: durations are lost.
"""

from reev_flow.collect.dialects.dialect import Concept, Dialect, SpanName
from reev_flow.trace.span import Operation

SCOPE = "@arizeai/openinference-instrumentation-beeai"

BEEAI = Dialect(
    name="BeeAI",
    seen=("beeai-framework 0.1.13 for TypeScript, @arizeai/openinference-instrumentation-beeai 1.5.30",),
    unread=("history", "target", "traceId", "tool names as they were given (spans have them in camel case)"),
    span_names=(
        SpanName(operation=Operation.OTHER, pattern=r"agent\..+", scope=SCOPE, is_certain=True),
        SpanName(
            operation=Operation.OTHER,
            pattern=r".+\.(?:start|finish|update|partialUpdate)-\d+",
            scope=SCOPE,
            is_certain=True,
        ),
        SpanName(
            operation=Operation.TOOL, pattern=r"tool\.\w+\.(?P<name>.+)\.(?:success|error|retry)-\d+", scope=SCOPE
        ),
    ),
    # Elsewhere this is the schema of a tool, but there the arguments are in `input.value`, which goes before.
    attributes={Concept.INPUT: ("tool.parameters",)},
)
