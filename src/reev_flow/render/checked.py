"""A run that was checked: which findings count, and which do not and why."""

from collections.abc import Iterable, Iterator

import msgspec

from reev_flow.analysis.findings import Finding
from reev_flow.analysis.ignores import Ignored, SortedOut
from reev_flow.trace.span import Span
from reev_flow.trace.trace import Trace


class CheckedRun(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is where the run was read; `missing` are the rules that the time did not suffice for."""

    trace: Trace
    source: str
    sorted_out: SortedOut
    missing: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[Finding, ...]:
        return self.sorted_out.kept

    @property
    def ignored(self) -> tuple[Ignored, ...]:
        return self.sorted_out.ignored

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
