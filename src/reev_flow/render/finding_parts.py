"""What the JSON forms say about findings."""

from collections.abc import Iterable

import msgspec

from reev_flow.analysis.findings import Finding
from reev_flow.render.bounded import bounded_text


class SavingPart(msgspec.Struct, frozen=True, kw_only=True):
    duration_ns: int
    tokens: int


class FindingPart(msgspec.Struct, frozen=True, kw_only=True):
    """`evidence` are span ids."""

    code: str
    name: str
    severity: str
    message: str
    advice: str
    evidence: list[str]
    saving: SavingPart | None
    confidence: float


def finding_parts(found: Iterable[Finding]) -> list[FindingPart]:
    return [
        FindingPart(
            code=one.code,
            name=one.name,
            severity=one.severity,
            message=bounded_text(one.message),
            advice=bounded_text(one.advice),
            evidence=list(one.evidence),
            saving=SavingPart(duration_ns=one.saving.duration_ns, tokens=one.saving.tokens) if one.saving else None,
            confidence=one.confidence,
        )
        for one in found
    ]
