"""What the steps of a comparison are called, so that a person finds them again."""

from collections import Counter
from collections.abc import Sequence

from reev_flow.analysis.comparison.steps import Step
from reev_flow.render.mermaid_text import shorten
from reev_flow.render.node_titles import LONGEST_NAME, UNNAMED
from reev_flow.trace.span import Operation
from reev_flow.trace.trace import NO_PARENT


def step_names(steps: Sequence[Step]) -> list[str]:
    """The name, its number among those of the same name in the same place if there are several, and the same of what it was in."""
    titles = [_title(step) for step in steps]
    counts = Counter(zip((step.parent for step in steps), titles, strict=True))
    seen: Counter[tuple[int, str]] = Counter()
    numbered: list[str] = []
    for step, title in zip(steps, titles, strict=True):
        place = (step.parent, title)
        seen[place] += 1
        numbered.append(f"{title} #{seen[place]}" if counts[place] > 1 else title)
    return [
        name if step.parent == NO_PARENT else f"{name} in {numbered[step.parent]}"
        for step, name in zip(steps, numbered, strict=True)
    ]


def _title(step: Step) -> str:
    name = shorten(step.name or UNNAMED, LONGEST_NAME)
    return (
        name
        if step.operation is Operation.OTHER or name.startswith(f"{step.operation} ")
        else f"{step.operation} {name}"
    )
