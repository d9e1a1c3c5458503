"""Which findings are looked for, so that they count, where a command is for findings as `check` and `compare` are."""

import datetime as dt
from collections.abc import Sequence

from reev_flow.analysis.findings import Rule
from reev_flow.analysis.rules.rulebook import check_codes, choose_rules, without_lost_time
from reev_flow.analysis.rules.void_ignores import VoidIgnore
from reev_flow.analysis.rules.wishes import Ignore
from reev_flow.cli.output import tell
from reev_flow.settings import Settings

MOST_TOLD = 3  # of one run; a program that writes it wrongly does so on many spans


def asked_rules(settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Those with the codes given, else with those of the settings. It is told when some are left out that nobody may have thought of."""
    selected, ignored = select or settings.codes("check.select"), ignore or settings.codes("check.ignore")
    rules = choose_rules(selected, ignored, settings.rule_wishes())
    if settings.switch("insights.bottlenecks"):
        return rules
    tell("findings about lost time (RF1) are switched off; `reev-flow config` shows by which setting")
    return without_lost_time(rules)


def ignores_in_force(settings: Settings) -> tuple[Ignore, ...]:
    """Those that have not expired; the others are told."""
    ignores = settings.ignores()
    check_codes(ignore.code for ignore in ignores)
    today = dt.datetime.now(dt.UTC).date()
    for ignore in ignores:
        if ignore.has_expired(today):
            tell(f"{ignore.code} was to be ignored until {ignore.until} ({ignore.reason}); its findings count again")
    return tuple(ignore for ignore in ignores if not ignore.has_expired(today))


def tell_void(ignores: Sequence[VoidIgnore], trace_id: str) -> None:
    """What spans of the run say in `reev.ignore` that does not count."""
    for ignore in ignores[:MOST_TOLD]:
        others = f" and {len(ignore.span_ids) - 1:,} more" if len(ignore.span_ids) > 1 else ""
        tell(
            f"run {trace_id}: reev.ignore={ignore.text!r} of span {ignore.span_ids[0]}{others} {ignore.problem} and does not count; "
            "write it like 'RF101: why it may be so'"
        )
    if len(ignores) > MOST_TOLD:
        tell(f"run {trace_id}: {len(ignores) - MOST_TOLD:,} more texts in reev.ignore do not count")
