"""Two runs beside each other on a terminal: where they parted, and what their difference is made of."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reev_flow.analysis.comparison.amounts import Amounts
from reev_flow.analysis.comparison.compare import Comparison, Party
from reev_flow.analysis.comparison.steps import Change, Step
from reev_flow.analysis.findings import Finding
from reev_flow.render.comparison_columns import COST_DIGITS, column_of
from reev_flow.render.comparison_names import step_names
from reev_flow.render.operations import operation_forest
from reev_flow.render.quantities import plural
from reev_flow.render.run_status import run_status
from reev_flow.render.terminal_options import TerminalOptions
from reev_flow.render.terminal_page import heading, page, shown, without_time
from reev_flow.trace.durations import told_duration

Measure: TypeAlias = tuple[str, Callable[[Amounts], int], str]  # title, amount, kind of column

PLAIN = TerminalOptions()
DEFAULT_STEPS = 12
MOST_FINDINGS = 20
NARROW = 60  # narrower terminals get the differences only
INDENT = (0, 0, 0, 2)
SIGNS = {"missing": ("-", "red"), "added": ("+", "green"), "changed": ("~", "yellow"), "pending": ("?", "dim")}
LEGEND = "- only A   + only B   ~ changed   ? not reached yet"


def comparison_text(
    comparison: Comparison,
    options: TerminalOptions = PLAIN,
    *,
    steps: int | None = DEFAULT_STEPS,
    verdict: Sequence[str] = (),
) -> str:
    """`steps` is the most that a table tells one by one; what is left is summed in one line. The verdict is what it was judged by."""
    parts: list[RenderableType] = [*_header(comparison, options)]
    parts += [*heading("First divergence"), *_divergence(comparison, options)]
    for measure in _measures(comparison):
        parts += _section(comparison, measure, options, steps)
    if comparison.findings.appeared or comparison.findings.vanished:
        parts += [*heading("Findings"), *_findings(comparison, options)]
    if comparison.findings.missing:
        parts += [Text(""), Text(without_time(comparison.findings.missing), style="bold red")]
    if verdict:
        parts += [Text(""), *(Text(shown(line, options), style="bold red") for line in verdict)]
    return page(parts, options)


def _header(comparison: Comparison, options: TerminalOptions) -> Iterator[RenderableType]:
    names = Table.grid(padding=(0, 2, 0, 0))
    names.add_column(style="dim", no_wrap=True)
    names.add_column(overflow="fold")
    for letter, party in (("A", comparison.a), ("B", comparison.b)):
        names.add_row(letter, _named(party, options))
    yield names
    yield Text("")
    yield _facts(comparison, options)
    for letter, party in (("A", comparison.a), ("B", comparison.b)):
        if party.is_partial:
            yield Text(f"{letter} is not complete; it is compared as far as it goes", style="yellow")
        if party.unpriced_calls:
            yield Text(_unpriced(letter, party, options), style="yellow")


def _unpriced(letter: str, party: Party, options: TerminalOptions) -> str:
    models = ", ".join(shown(model, options) or "one without a name" for model in party.unpriced_models)
    return f"{plural(party.unpriced_calls, 'model call')} of {letter} without a known price: {models}"


def _named(party: Party, options: TerminalOptions) -> Text:
    status = run_status(operation_forest(party.trace))
    return Text.assemble(
        (shown(party.trace.name, options), "bold"),
        f" {shown(party.trace.trace_id, options)}, ",
        (status, "red" if status == "failed" else ""),
    )


def _facts(comparison: Comparison, options: TerminalOptions) -> Table:
    table = _empty_table("", options)
    a, b = comparison.a, comparison.b
    for name, amount, unit in (
        ("took", _duration, "time"),
        ("tokens in", _tokens_in, "tokens"),
        ("tokens out", _tokens_out, "tokens"),
        *([("cost", _cost, "cost")] if comparison.is_priced else []),
    ):
        column = column_of(unit, [amount(a.total)], [amount(b.total)])
        _add(
            table, Text(name), column.rows[0], options, unit=column.unit, share=_share(amount(a.total), amount(b.total))
        )
    counts = (
        ("failures", a.failures, b.failures),
        ("not made good", a.open_failures, b.open_failures),
        ("retries", a.retries, b.retries),
    )
    for name, before, after in counts:
        if before or after:
            _add(table, Text(name), column_of("tokens", [before], [after]).rows[0], options)
    return table


def _share(a: int, b: int) -> str:
    return "" if not a or a == b else f"{(b - a) / a:+.1%}".replace("%", " %")


def _divergence(comparison: Comparison, options: TerminalOptions) -> Iterator[RenderableType]:
    first = comparison.first_divergence
    if first is None:
        is_partial = comparison.a.is_partial or comparison.b.is_partial
        yield Text("none so far" if is_partial else "none: both did the same")
        return
    yield Text(shown(first.message, options), style="bold" if comparison.diverged else "")
    spans = (("A", first.evidence_a), ("B", first.evidence_b))
    told = " · ".join(f"{letter} {shown(', '.join(ids), options)}" for letter, ids in spans if ids)
    yield Padding(Text(f"spans {told}", style="dim"), INDENT)


def _measures(comparison: Comparison) -> Iterator[Measure]:
    yield "Time on the critical path, step by step", _duration, "time"
    yield "Tokens, step by step", _tokens, "tokens"
    if comparison.is_priced:
        yield "Cost, step by step", _cost, "cost"


def _duration(amounts: Amounts) -> int:
    return amounts.duration_ns


def _tokens(amounts: Amounts) -> int:
    return amounts.tokens.total


def _tokens_in(amounts: Amounts) -> int:
    return amounts.tokens.input


def _tokens_out(amounts: Amounts) -> int:
    return amounts.tokens.output


def _cost(amounts: Amounts) -> int:
    """In trillionths of a dollar."""
    return int(amounts.cost.scaleb(COST_DIGITS).to_integral_value())


def _section(
    comparison: Comparison, measure: Measure, options: TerminalOptions, most: int | None
) -> Iterator[RenderableType]:
    """Nothing where there is nothing to tell."""
    title, amount, kind = measure
    steps = comparison.steps
    changes = [amount(step.b_owned) - amount(step.a_owned) for step in steps]
    changed = sorted(
        (index for index, change in enumerate(changes) if change), key=lambda index: (-abs(changes[index]), index)
    )
    total_a, total_b = amount(comparison.a.total), amount(comparison.b.total)
    if not changed and total_a == total_b:
        return
    told = changed[:most]
    outside = amount(comparison.a.outside), amount(comparison.b.outside)
    before = [amount(steps[index].a_owned) for index in told]
    after = [amount(steps[index].b_owned) for index in told]
    rest = total_a - outside[0] - sum(before), total_b - outside[1] - sum(after)
    column = column_of(kind, [*before, rest[0], outside[0]], [*after, rest[1], outside[1]])
    table = _empty_table("step", options, column.unit)
    names = step_names(steps)
    for index, row in zip(told, column.rows, strict=False):
        _add(table, _step_name(steps[index], names[index], options), row, options)
    if any(rest) or len(steps) > len(told):
        _add(table, Text(f"  {plural(len(steps) - len(told), 'other step')}", style="dim"), column.rows[-2], options)
    if any(outside):
        _add(table, Text("  outside of steps", style="dim"), column.rows[-1], options)
    _add(table, Text("  total", style="bold"), column.total, options)
    yield from heading(title)
    yield table
    if any(_sign(steps[index]) for index in told):
        yield Text(LEGEND, style="dim")


def _empty_table(name: str, options: TerminalOptions, unit: str = "") -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim", show_edge=False)
    table.add_column(name, overflow="fold", min_width=min(10, options.width // 3))
    columns = ("A", "B", "difference") if options.width >= NARROW else ("B - A",)
    for column in columns:
        table.add_column(f"{column} {unit}".strip(), justify="right", no_wrap=True)
    return table


def _add(
    table: Table, name: Text, row: Sequence[str], options: TerminalOptions, *, unit: str = "", share: str = ""
) -> None:
    """The row is A's, B's and the difference."""
    cells = [f"{cell} {unit}".strip() for cell in (row if options.width >= NARROW else row[2:])]
    if share and options.width >= NARROW:
        cells[-1] += f" ({share})"
    table.add_row(name, *(Text(cell) for cell in cells))


def _step_name(step: Step, name: str, options: TerminalOptions) -> Text:
    sign, style = SIGNS.get(_sign(step), (" ", ""))
    return Text.assemble((sign, style), f" {shown(name, options)}")


def _sign(step: Step) -> str:
    if step.is_pending:
        return "pending"
    if Change.MISSING in step.changes or Change.ADDED in step.changes:
        return step.changes[0].value
    return "changed" if set(step.changes) - {Change.OTHER_WORDS} else ""


def _findings(comparison: Comparison, options: TerminalOptions) -> Iterator[RenderableType]:
    yield from _finding_lines("added", "only in B", comparison.findings.appeared, options)
    yield from _finding_lines("missing", "only in A", comparison.findings.vanished, options)


def _finding_lines(
    change: str, where: str, findings: Sequence[Finding], options: TerminalOptions
) -> Iterator[RenderableType]:
    sign, style = SIGNS[change]
    for finding in findings[:MOST_FINDINGS]:
        saving = (
            f" (up to {told_duration(finding.saving.duration_ns)})"
            if finding.saving and finding.saving.duration_ns
            else ""
        )
        yield Text.assemble(
            (f"{sign} ", style),
            (f"{finding.code} {finding.name}", "bold"),
            f" {where}: {shown(finding.message, options)}{saving}",
        )
    if len(findings) > MOST_FINDINGS:
        yield Text(f"and {len(findings) - MOST_FINDINGS:,} more {where}", style="dim")
