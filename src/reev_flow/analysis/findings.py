"""What a finding is, and what a rule that makes findings is."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeAlias

import msgspec

from reev_flow.analysis.calibration import calibrated
from reev_flow.analysis.run_facts import RunFacts

MORE_OFTEN_THAN_NOT = 0.5  # what holds less often is told only to who asks for it


class Severity(StrEnum):
    """How much a finding matters: an error made the run wrong, a warning made it slow, dear or fragile, a note is worth knowing."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """What the run would have been spared, at most."""

    duration_ns: int = 0
    tokens: int = 0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One observation about a run, with its proof.

    `message` says what was seen, `advice` what to do about it; `evidence` are the ids of the spans that show it, in the order of the
    trace; `confidence`, between 0 and 1, is how likely the observation is to be right.
    """

    code: str
    name: str
    severity: Severity
    message: str
    advice: str
    evidence: tuple[str, ...]
    saving: Saving | None = None
    confidence: float


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule saw; with the rule's code, name and severity it becomes a finding. `confidence` is how strong the evidence is."""

    message: str
    advice: str
    evidence: tuple[str, ...]
    saving: Saving | None = None
    confidence: float


Look: TypeAlias = Callable[[RunFacts], Iterable[Observation]]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A question asked of every run. Codes never change their meaning. One that is not `is_default` is only asked when it is selected by
    its whole code, or switched on by a setting: it is wrong or silent too often.
    """

    code: str
    name: str
    severity: Severity
    look: Look
    is_default: bool = True
    least_confidence: float = MORE_OFTEN_THAN_NOT


def apply(rule: Rule, facts: RunFacts, calibrate: Callable[[str, float], float] = calibrated) -> list[Finding]:
    """The findings of one rule that are sure enough for it, in the order it saw them. The rule claims how strong its evidence is, and they say
    how likely such a claim is to hold.
    """
    found = ((seen, calibrate(rule.code, seen.confidence)) for seen in rule.look(facts))
    return [
        Finding(
            code=rule.code,
            name=rule.name,
            severity=rule.severity,
            message=seen.message,
            advice=seen.advice,
            evidence=seen.evidence,
            saving=seen.saving,
            confidence=confidence,
        )
        for seen, confidence in found
        if confidence >= rule.least_confidence
    ]
