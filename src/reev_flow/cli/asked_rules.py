"""Which rules are asked where a command is for findings, as `check` and `compare` are."""

from collections.abc import Sequence

from reev_flow.analysis.findings import Rule
from reev_flow.analysis.rules.rulebook import choose_rules, without_lost_time
from reev_flow.cli.output import tell
from reev_flow.settings import Settings


def asked_rules(settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Rule, ...]:
    """Those with the codes given, else with those of the settings. It is told when some are left out that nobody may have thought of."""
    selected, ignored = select or settings.codes("check.select"), ignore or settings.codes("check.ignore")
    rules = choose_rules(selected, ignored, settings.rule_wishes())
    if settings.switch("insights.bottlenecks"):
        return rules
    tell("findings about lost time (RF1) are switched off; `reev-flow config` shows by which setting")
    return without_lost_time(rules)
