"""What was found in runs, as SARIF 2.1.0: the form in which code scanners hand on their results."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec

from reev_flow.analysis.findings import Finding, Rule
from reev_flow.collect.inputs import STDIN
from reev_flow.render.bounded import bounded_text
from reev_flow.render.checked import CheckedRun
from reev_flow.render.printable import printable
from reev_flow.trace.span import Span
from reev_flow.version import __version__

Json: TypeAlias = dict[str, Any]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RELATED = 20  # further spans of a finding that are named


def sarif_text(runs: Sequence[CheckedRun], rules: Sequence[Rule], problems: Iterable[str] = ()) -> str:
    """`problems` are inputs that could not be read; what does not count is there as suppressed."""
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(runs, rules, list(problems))]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _run(runs: Sequence[CheckedRun], rules: Sequence[Rule], problems: Sequence[str]) -> Json:
    index = {rule.code: number for number, rule in enumerate(rules)}
    results: list[Json] = []
    for run in runs:
        results += (_result(run, finding, index) for finding in run.kept)
        results += (
            _result(run, one.finding, index)
            | {
                "suppressions": [
                    {"kind": "inSource" if one.is_in_trace else "external", "justification": printable(one.reason)}
                ]
            }
            for one in run.ignored
        )
    driver = {"name": "reev-flow", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(runs, problems)],
        "results": results,
        "columnKind": "utf16CodeUnits",
    }


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "defaultConfiguration": {"level": rule.severity.value, "enabled": rule.is_default},
    }


def _invocation(runs: Sequence[CheckedRun], problems: Sequence[str]) -> Json:
    told = [
        *problems,
        *(f"run {run.trace.trace_id}: not checked for {', '.join(run.missing)}" for run in runs if run.missing),
    ]
    notifications = [{"level": "error", "message": {"text": printable(text)}} for text in told]
    return {"executionSuccessful": not told, "toolExecutionNotifications": notifications}


def _result(run: CheckedRun, finding: Finding, index: dict[str, int]) -> Json:
    spans = list(run.proof(finding))[: 1 + MOST_RELATED]
    return {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": finding.severity.value,
        "message": {"text": printable(bounded_text(f"{finding.message}. Do: {finding.advice}"))},
        "locations": [_location(run, span) for span in spans[:1]] or [_place(run)],
        "relatedLocations": [{"id": number, **_location(run, span)} for number, span in enumerate(spans[1:], 1)],
        "partialFingerprints": {"findingInFlow/v1": _fingerprint(run, finding, spans)},
        "rank": round(finding.confidence * 100, 1),
        "suppressions": [],
        "properties": {
            "runId": run.trace.trace_id,
            "spans": list(finding.evidence[: 1 + MOST_RELATED]),
            "confidence": finding.confidence,
        },
    }


def _location(run: CheckedRun, span: Span) -> Json:
    logical = {
        "name": printable(bounded_text(run.without_secrets(span.label))),
        "fullyQualifiedName": f"{run.trace.trace_id}/{span.span_id}",
        "kind": "function",
    }
    return {**_place(run), "logicalLocations": [logical]}


def _place(run: CheckedRun) -> Json:
    """The file as a whole: what a finding is about has no line in it."""
    if run.source == STDIN:
        return {}
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(run.source)}, "region": {"startLine": 1}}}


def _uri(source: str) -> str:
    path = source.replace("\\", "/")
    return (
        f"file://{quote(path, errors='replace')}"
        if path.startswith("/")
        else quote(path.removeprefix("./"), errors="replace")
    )


def _fingerprint(run: CheckedRun, finding: Finding, spans: Sequence[Span]) -> str:
    """The same for the same finding in another run of the same flow."""
    parts = (finding.code, run.trace.name, *sorted({span.label for span in spans}))
    return blake2b("\0".join(parts).encode(errors="replace"), digest_size=16).hexdigest()
