"""The words on the boxes and nodes of a run's diagram, escaped where they come from the trace."""

from collections.abc import Sequence
from itertools import groupby

from reev_flow.render.mermaid_text import LINE_BREAK, escape_label, shorten
from reev_flow.render.node_titles import INSIDE, LONGEST_NAME, UNNAMED, title
from reev_flow.render.picture import Node, Picture
from reev_flow.render.quantities import plural, told_broken, told_operations, told_tokens
from reev_flow.trace.durations import told_duration
from reev_flow.trace.span import Operation

LONGEST_NAME_IN_PATH = 28
LONGEST_PATH = 3  # of more names, those in the middle are counted


def leaf_label(picture: Picture, stack: Sequence[int]) -> str:
    """What is innermost and its facts, under a line for what is around it."""
    inner = picture.nodes[stack[-1]]
    facts = told_duration(inner.duration_ns)
    if inner.broken:
        facts = f"{failures(inner)} · {facts}"
    if inner.usage.total:
        facts = f"{facts} · {told_tokens(inner.usage)}"
    if inner.counts and Operation.OTHER not in inner.counts:
        facts = f"{told_operations(inner.counts)}{LINE_BREAK}{facts}"
    label = f"{escape_label(title(inner))}{LINE_BREAK}{facts}"
    return label if len(stack) == 1 else f"{box_label(picture, stack[:-1])}{LINE_BREAK}{label}"


def box_label(picture: Picture, stack: Sequence[int]) -> str:
    """One line, because mermaid hides the second line of a box's title behind its nodes."""
    nodes = [picture.nodes[index] for index in stack]
    facts = [failures(nodes[0]), told_duration(nodes[0].duration_ns)]
    return escape_label(path(nodes)) + "".join([f" · {fact}" for fact in facts if fact])


def head_label(picture: Picture, stack: Sequence[int]) -> str:
    """The run as a whole, and what of it is not drawn."""
    forest = picture.forest
    nodes = [picture.nodes[index] for index in stack]
    name = path(nodes) if nodes else f"run {shorten(forest.trace.name or UNNAMED, LONGEST_NAME)}"
    drawn = plural(len(forest), "infrastructure span" if forest.is_overview else "operation")
    broken = told_broken(sum(node.failed for node in picture.nodes), sum(node.interrupted for node in picture.nodes))
    took_ns = nodes[0].duration_ns if nodes else forest.trace.duration_ns
    facts = f"{told_duration(took_ns)} · {drawn}" + (f" · {broken}" if broken else "")
    undrawn = [f"{plural(forest.undrawn, 'infrastructure span')} not drawn"] if forest.undrawn else []
    said = ["no flow operation in this trace"] if forest.is_overview else undrawn
    return LINE_BREAK.join([escape_label(name), facts, *said])


def description(picture: Picture) -> str:
    """What the diagram shows, what it leaves out, and how to read it."""
    forest = picture.forest
    counted = told_operations(forest.count_by_operation(range(len(forest))))
    told = told_duration(forest.trace.duration_ns)
    if forest.is_overview:
        shown = f"No flow operation in {told}; an overview of {plural(len(forest), 'infrastructure span')} instead."
    else:
        shown = f"{plural(len(forest), 'operation')} in {told}: {counted}."
    folded = ""
    if picture.folds:
        folded = f" {picture.folded:,} of them share {plural(picture.folds, 'place')}, marked with how many; arrows show the first of each."
    undrawn = f" {plural(forest.undrawn, 'infrastructure span')} not drawn." if forest.undrawn else ""
    arrows = " Arrows are inferred from times: each leads to what began after the other had ended."
    red = "failed or interrupted" if any(node.interrupted for node in picture.nodes) else "failed"
    return f"{shown}{folded}{undrawn}{arrows} Thick lines: the critical path. Red: {red}."


def path(nodes: Sequence[Node]) -> str:
    """Titles from the outermost to the innermost; the same one several times running is told once, and so is the operation."""
    told: list[str] = []
    runs = [list(run) for _, run in groupby(nodes, key=title)]
    for place, run in enumerate(runs):
        is_like_outer = place > 0 and runs[place - 1][0].operation is run[0].operation
        name = title(
            run[0], has_operation=not is_like_outer, longest=LONGEST_NAME if len(runs) == 1 else LONGEST_NAME_IN_PATH
        )
        told.append(f"{name}, {len(run):,} nested" if len(run) > 1 else name)
    if len(told) > LONGEST_PATH:
        hidden = sum(node.count for run in runs[1:-1] for node in run)
        told = [told[0], f"{hidden:,} more", told[-1]]
    return f" {INSIDE} ".join(told)


def failures(node: Node) -> str:
    if len(node.positions) > 1:
        return told_broken(node.failed, node.interrupted)
    return "failed" if node.failed else "interrupted" if node.interrupted else ""
