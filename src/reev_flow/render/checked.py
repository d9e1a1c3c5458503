"""A run that was checked: which findings count, and which do not and why."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from reev_flow.analysis.findings import Finding
from reev_flow.analysis.rules.ignores import Ignored, SortedOut
from reev_flow.analysis.rules.void_ignores import VoidIgnore, void_ignores
from reev_flow.collect.redaction import BUILT_IN, Redaction
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace


class CheckedRun(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is where the run was read; `missing` are the rules that the time did not suffice for; `redaction` says what is a secret:
    what is found goes into logs and to code scanners, which more people read than the trace.
    """

    trace: Trace
    source: str
    sorted_out: SortedOut
    missing: tuple[str, ...] = ()
    redaction: Redaction = BUILT_IN

    @property
    def name(self) -> str:
        """What people call the run, without secrets."""
        return self.without_secrets(self.trace.name)

    @property
    def kept(self) -> tuple[Finding, ...]:
        return tuple(self._masked(finding) for finding in self.sorted_out.kept)

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        return tuple(
            replace(one, finding=self._masked(one.finding), reason=self.without_secrets(one.reason))
            for one in self.sorted_out.ignored
        )

    @property
    def void_ignores(self) -> tuple[VoidIgnore, ...]:
        return tuple(replace(one, text=self.without_secrets(one.text)) for one in void_ignores(self.trace))

    def without_secrets(self, text: str) -> str:
        return self.redaction.text("", text)

    def _masked(self, finding: Finding) -> Finding:
        message, advice = self.without_secrets(finding.message), self.without_secrets(finding.advice)
        return (
            finding
            if (message, advice) == (finding.message, finding.advice)
            else replace(finding, message=message, advice=advice)
        )

    def proof(self, finding: Finding) -> Iterator[Span]:
        """The spans that show it, as the finding lists them; the first of those that share an id."""
        wanted = set(finding.evidence)
        known: dict[str, Span] = {}
        for span in self.trace.spans:
            if span.span_id in wanted:
                known.setdefault(span.span_id, span)
        return (known[span_id] for span_id in finding.evidence if span_id in known)


def every_ignored(runs: Iterable[CheckedRun]) -> int:
    return sum(len(run.ignored) for run in runs)
