"""What to do about a run, on a terminal: the few things that pay most."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from reev_flow.analysis.advice.recommendations import Recommendation
from reev_flow.analysis.findings import Finding
from reev_flow.render.terminal_findings import STYLES
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import shown

MOST_RECOMMENDED = 5


def recommendations(made: Sequence[Recommendation], options: TerminalOptions) -> Iterator[RenderableType]:
    """Numbered, so that findings can refer to them."""
    if not made:
        return
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, one in enumerate(made[:MOST_RECOMMENDED], start=1):
        message = shown(one.message[:1].upper() + one.message[1:], options)
        proof = f" ({', '.join(one.codes)}, confidence {one.confidence:.2f})"
        table.add_row(Text(str(number), style=STYLES[one.severity]), Text.assemble(message, (proof, "dim")))
    yield table
    if len(made) > MOST_RECOMMENDED:
        yield Text(f"and {len(made) - MOST_RECOMMENDED:,} more; `reev-flow analyze --json` has every one", style="dim")


def numbers_of(findings: Sequence[Finding], made: Sequence[Recommendation]) -> Mapping[int, int]:
    """By the place of a finding, the number of the recommendation shown that is its cure."""
    number_of = {
        (code, span_id): number
        for number, one in reversed(list(enumerate(made[:MOST_RECOMMENDED], start=1)))
        for code in one.codes
        for span_id in one.evidence
    }
    keys = ((place, (finding.code, finding.evidence[0])) for place, finding in enumerate(findings) if finding.evidence)
    return {place: number_of[key] for place, key in keys if key in number_of}
