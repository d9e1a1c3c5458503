"""Traces made by rule, and traces made by chance."""

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reev_flow.collect.assemble import assemble_one
from reev_flow.trace.span import ModelUse, Operation, Span, Status, TokenUsage, ToolUse
from reev_flow.trace.trace import Trace

START_NS = 1_700_000_000_000_000_000
MS = 1_000_000
LABELS = ("a", "b", "c")

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
"""A busy machine is no failure; and a parser is as good for the second example as for the first."""


def made_span(number: int, parent: int | None, operation: Operation, label: str, **fields: object) -> Span:
    """From millisecond `number` on, for one millisecond, unless told otherwise."""
    known: dict[str, object] = {
        "trace_id": "t" * 32,
        "span_id": f"{number:016x}",
        "parent_id": None if parent is None else f"{parent:016x}",
        "name": label,
        "start_ns": START_NS + number * MS,
        "end_ns": START_NS + (number + 1) * MS,
        "operation": operation,
        "agent": label if operation is Operation.AGENT else None,
        "tool": ToolUse(name=label) if operation is Operation.TOOL else None,
        "model": ModelUse(name=label) if operation is Operation.LLM else None,
        "usage": TokenUsage(input=1_200, output=80) if operation is Operation.LLM else None,
    }
    return Span(**{**known, **fields})  # type: ignore[arg-type]


def a_plan_of(count: int, step: Callable[[int], str] = str, *, name: str = "plan") -> Trace:
    """One flow with so many steps, one after the other; each is a model call or a tool call named by its number."""
    flow = made_span(0, None, Operation.FLOW, name, end_ns=START_NS + (count + 1) * MS)
    steps = (made_span(n, 0, (Operation.TOOL, Operation.LLM)[n % 2], step(n)) for n in range(1, count + 1))
    return assemble_one([flow, *steps])


def a_nest_of(depth: int) -> Trace:
    """Steps within steps, each named by its depth and holding a model call before the next."""
    spans = []
    for level in range(depth):
        ends = {"end_ns": START_NS + (4 * depth - level) * MS}
        parent = 2 * level - 2 if level else None
        spans.append(made_span(2 * level, parent, Operation.STEP, f"level {level}", **ends))
        spans.append(made_span(2 * level + 1, 2 * level, Operation.LLM, "model"))
    return assemble_one(spans)


def a_fan_of(count: int, tool: Callable[[int], str] = str) -> Trace:
    """One agent that calls so many tools at once."""
    end_ns = START_NS + 10_000 * MS
    agent = made_span(0, None, Operation.AGENT, "fan", end_ns=end_ns)
    calls = (made_span(n, 0, Operation.TOOL, tool(n), end_ns=end_ns - MS) for n in range(1, count + 1))
    return assemble_one([agent, *calls])


OPERATIONS = (Operation.STEP, Operation.LLM, Operation.TOOL, Operation.AGENT, Operation.OTHER)

Piece = tuple[int, int, int, Operation, str, Status]  # how many spans back the parent is, start, length

PIECES = st.tuples(
    st.integers(0, 6),
    st.integers(0, 30),
    st.integers(0, 6),
    st.sampled_from(OPERATIONS),
    st.sampled_from(LABELS),
    st.sampled_from([Status.UNSET, Status.UNSET, Status.ERROR]),
)


def random_traces(most_spans: int = 30) -> st.SearchStrategy[Trace]:
    """Few names and few moments, so that repeats, ties and overlaps are common; infrastructure among the operations."""
    return st.lists(PIECES, min_size=1, max_size=most_spans).map(_put_together)


def _put_together(pieces: list[Piece]) -> Trace:
    spans = []
    for number, (back, start, length, operation, label, status) in enumerate(pieces):
        parent = number - back if 0 < back <= number else None
        times = {"start_ns": START_NS + start, "end_ns": START_NS + start + length}
        spans.append(made_span(number, parent, operation, label, status=status, **times))
    return assemble_one(spans)
