"""Which rules there are, and which of them are asked."""

from collections.abc import Iterator

import msgspec
import pytest

from reev_flow.analysis.findings import Observation, Rule, Saving, Severity
from reev_flow.analysis.rules.rulebook import RULES, choose_rules, find
from reev_flow.analysis.rules.wishes import RuleWish
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.errors import UnknownCode
from support.draw import draw


def codes(*select: str, ignore: tuple[str, ...] = ()) -> list[str]:
    return [rule.code for rule in choose_rules(select, ignore)]


def test_every_rule_is_asked_when_nothing_is_selected():
    assert choose_rules() == RULES


def test_a_code_selects_its_rule():
    assert codes("RF203") == ["RF203"]


def test_the_beginning_of_a_code_selects_its_family():
    assert codes("RF1") == [rule.code for rule in RULES if rule.code.startswith("RF1")]


def test_codes_may_be_written_small():
    assert codes("rf101") == ["RF101"]


def test_what_is_ignored_is_not_asked():
    assert "RF106" not in codes(ignore=("RF106",))


def test_ignoring_wins_over_selecting():
    assert "RF101" not in codes("RF1", ignore=("RF101",))


@pytest.mark.parametrize("code", ["RF999", "XX", "", "RF1011"])
def test_a_code_that_no_rule_has_is_refused_with_the_known_ones(code: str):
    with pytest.raises(UnknownCode, match="known codes: RF101, RF102"):
        choose_rules(select=[code])


def test_an_unknown_code_cannot_be_ignored_either():
    with pytest.raises(UnknownCode):
        choose_rules(ignore=["RF999"])


def test_a_rule_can_be_switched_off():
    assert "RF101" not in [rule.code for rule in choose_rules(wishes=[RuleWish(code="RF101", enabled=False)])]


def test_a_rule_that_is_off_is_asked_when_its_whole_code_is_selected_and_not_with_its_family():
    off = [RuleWish(code="RF101", enabled=False)]
    assert [rule.code for rule in choose_rules(["RF101"], wishes=off)] == ["RF101"]
    assert "RF101" not in [rule.code for rule in choose_rules(["RF1"], wishes=off)]


def test_a_rule_can_be_given_another_severity():
    (rule,) = choose_rules(["RF101"], wishes=[RuleWish(code="rf101", severity="note")])
    assert rule.severity is Severity.NOTE


def test_a_rule_can_be_asked_to_be_surer():
    unsure, sure = seeing("A", Severity.NOTE), seeing("B", Severity.NOTE)
    unsure = msgspec.structs.replace(unsure, least_confidence=0.6)
    assert [finding.code for finding in find(RunFacts(draw("agent:planner  ####")), [unsure, sure])] == ["B"]


@pytest.mark.parametrize("code", ["RF9", "RF1", "nonsense"])
def test_wishes_are_for_whole_codes(code: str):
    with pytest.raises(UnknownCode):
        choose_rules(wishes=[RuleWish(code=code)])


def test_no_two_rules_share_a_code_or_a_name():
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def seeing(code: str, severity: Severity, saving_ns: int | None = None) -> Rule:
    def look(_: RunFacts) -> Iterator[Observation]:
        saving = None if saving_ns is None else Saving(duration_ns=saving_ns)
        yield Observation(message="m", advice="a", evidence=("1",), saving=saving, confidence=0.5)

    return Rule(code=code, name=code, severity=severity, look=look)


def test_the_most_severe_come_first_and_among_them_those_that_save_most():
    rules = [
        seeing("A", Severity.NOTE, 90),
        seeing("B", Severity.WARNING, 10),
        seeing("C", Severity.ERROR),
        seeing("D", Severity.WARNING, 20),
        seeing("E", Severity.WARNING, 10),
    ]
    found = find(RunFacts(draw("agent:planner  ####")), rules)
    assert [finding.code for finding in found] == ["C", "D", "B", "E", "A"]
