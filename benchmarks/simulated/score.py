"""How far findings and truth agree: which claims were found, which findings are true, and how sure they said they were."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from reev_flow.analysis.findings import Finding
from simulated.labels import Claim, Labels

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)  # of the bins of confidence


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one run and what became of them. Debatable findings are in none of these."""

    kind: str
    right: tuple[Finding, ...]
    wrong: tuple[Finding, ...]
    found: tuple[Claim, ...]
    missed: tuple[Claim, ...]


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Of one code. The false findings are counted by the kind of run that they were made in."""

    code: str
    right: int
    wrong: dict[str, int]
    found: int
    missed: int

    @property
    def precision(self) -> float:
        return _share(self.right, sum(self.wrong.values()))

    @property
    def recall(self) -> float:
        return _share(self.found, self.missed)

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Findings that claimed to be about as sure: how sure on average, and what share of them held."""

    findings: int
    claimed: float
    held: float


def judge(kind: str, findings: Iterable[Finding], labels: Labels) -> Judged:
    right, wrong = [], []
    found: set[int] = set()
    for finding in findings:
        met = [number for number, claim in enumerate(labels.expected) if is_about(finding, claim)]
        found.update(met)
        if met:
            right.append(finding)
        elif not any(is_about(finding, claim) for claim in labels.debatable):
            wrong.append(finding)
    return Judged(
        kind=kind,
        right=tuple(right),
        wrong=tuple(wrong),
        found=tuple(claim for number, claim in enumerate(labels.expected) if number in found),
        missed=tuple(claim for number, claim in enumerate(labels.expected) if number not in found),
    )


def is_about(finding: Finding, claim: Claim) -> bool:
    return finding.code == claim.code and (not claim.spans or not set(claim.spans).isdisjoint(finding.evidence))


def score(code: str, judged: Sequence[Judged]) -> Score:
    wrong: dict[str, int] = {}
    for one in judged:
        wrong[one.kind] = wrong.get(one.kind, 0) + sum(finding.code == code for finding in one.wrong)
    return Score(
        code=code,
        right=sum(finding.code == code for one in judged for finding in one.right),
        wrong=wrong,
        found=sum(claim.code == code for one in judged for claim in one.found),
        missed=sum(claim.code == code for one in judged for claim in one.missed),
    )


def reliability(judged: Iterable[Judged], code: str = "") -> list[Bin | None]:
    """A bin for each stretch between two edges, None where nothing was claimed; of all codes unless one is given."""
    claims = [
        (finding.confidence, is_right)
        for one in judged
        for findings, is_right in ((one.right, True), (one.wrong, False))
        for finding in findings
        if not code or finding.code == code
    ]
    bins: list[Bin | None] = []
    for low, high in pairwise(EDGES):
        inside = [(confidence, is_right) for confidence, is_right in claims if low <= confidence < high]
        size = len(inside)
        claimed, held = sum(confidence for confidence, _ in inside), sum(is_right for _, is_right in inside)
        bins.append(Bin(findings=size, claimed=claimed / size, held=held / size) if size else None)
    return bins


def _share(yes: int, no: int) -> float:
    return yes / (yes + no) if yes + no else 0.0
