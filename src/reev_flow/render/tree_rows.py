"""A run as the rows of a tree, one for each node of its picture."""

from collections.abc import Iterator, Sequence

import msgspec

from reev_flow.analysis.calls.usage import UsageTotals
from reev_flow.analysis.meaning.failure import failure_text, was_interrupted
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.render.operations import OperationForest, operation_forest
from reev_flow.render.picture import Node, NodeKind, Picture
from reev_flow.render.simplify import FOLDS, NO_FOLD, draw_picture, draw_within
from reev_flow.trace.intervals import clip, covered_ns
from reev_flow.trace.semantics import REEV_SETTLED
from reev_flow.trace.span import NO_TOKENS, Span, TokenUsage
from reev_flow.trace.trace import NO_PARENT, Trace


class TreeRow(msgspec.Struct, frozen=True, kw_only=True):
    """`guides` tell of the row and of the rows around it, outermost first, whether each is the last of its siblings; of deep rows only
    the innermost are told. `start_ns` and `end_ns` count from the start of the trace; `self_ns` is the time in which no operation
    directly below ran, infrastructure included. `critical_ns` is None when the critical path is not known.
    """

    node: Node
    depth: int
    guides: Sequence[bool]
    reason: str
    start_ns: int
    end_ns: int
    self_ns: int
    critical_ns: int | None
    usage: TokenUsage


def fitting_picture(trace: Trace, most_rows: int | None) -> Picture:
    """The least folded picture that has no more rows; when none has, the strongest fold there is."""
    forest = operation_forest(trace)
    pictures = (draw_within(forest, fold, most_nodes=most_rows) for fold in (NO_FOLD, *FOLDS))
    return next((picture for picture in pictures if picture is not None), None) or draw_picture(forest, FOLDS[-1])


def tree_rows(
    picture: Picture, analysis: SpanAnalysis | None, usage: UsageTotals, *, most_guides: int
) -> Iterator[TreeRow]:
    """Parents before children, siblings by start."""
    trace = picture.forest.trace
    depths: list[int] = []
    is_last: list[bool] = []  # by depth, of the row that was last told there
    for index, node in enumerate(picture.nodes):
        siblings = picture.roots if node.parent == NO_PARENT else picture.children[node.parent]
        depth = 0 if node.parent == NO_PARENT else depths[node.parent] + 1
        depths.append(depth)
        del is_last[depth:]
        is_last.append(siblings[-1] == index)
        spans = [trace.spans[position] for position in node.positions]
        yield TreeRow(
            node=node,
            depth=depth,
            guides=is_last[max(1, len(is_last) - most_guides) :],
            reason=next((text for span in spans if (text := _reason(span))), ""),
            start_ns=min([span.start_ns for span in spans], default=node.start_ns) - trace.start_ns,
            end_ns=max([span.end_ns for span in spans], default=node.end_ns) - trace.start_ns,
            self_ns=sum(_own_ns(picture.forest, position) for position in node.positions),
            critical_ns=sum(analysis.operation_critical_ns[position] for position in node.positions)
            if analysis
            else None,
            usage=_usage(node, usage),
        )


def _reason(span: Span) -> str:
    if span.failed:
        return failure_text(span) or ""
    return f"interrupted; it {span.attributes.get(REEV_SETTLED)!s}" if was_interrupted(span) else ""


def _usage(node: Node, usage: UsageTotals) -> TokenUsage:
    """A rest holds spans and what is below them, so that adding up would count twice."""
    if node.kind is not NodeKind.OPERATION:
        return NO_TOKENS
    return sum((usage.of(position) for position in node.positions), NO_TOKENS)


def _own_ns(forest: OperationForest, position: int) -> int:
    span = forest.trace.spans[position]
    below = (forest.trace.spans[forest.positions[child]] for child in forest.children[forest.index_of(position)])
    stretches = (clip((child.start_ns, child.end_ns), (span.start_ns, span.end_ns)) for child in below)
    return span.duration_ns - covered_ns(stretch for stretch in stretches if stretch is not None)
