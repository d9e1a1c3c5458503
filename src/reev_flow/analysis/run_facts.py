"""Everything that is known of a run before judging it; each part is computed once, when first read."""

from functools import cached_property

from reev_flow.analysis.calls.agent_lines import Line, agent_lines
from reev_flow.analysis.calls.askers import askers
from reev_flow.analysis.calls.model_calls import ModelCall, model_calls
from reev_flow.analysis.calls.prices import NO_PRICES, Prices
from reev_flow.analysis.calls.questions import Questions
from reev_flow.analysis.calls.retries import Retried, retried_calls
from reev_flow.analysis.calls.tool_calls import AskedCall, ToolCall, ToolCallExtractor, match_asked
from reev_flow.analysis.calls.usage import UsageTotals, count_usage
from reev_flow.analysis.failures.failed_operations import FailedOperation, failed_operations
from reev_flow.analysis.failures.stated_output import stated_output
from reev_flow.analysis.meaning.told_failure import told_failure
from reev_flow.analysis.metrics import FlowMetrics, measure
from reev_flow.analysis.spans import SpanAnalysis
from reev_flow.analysis.time_budget import UNLIMITED, TimeBudget, paced
from reev_flow.trace.span import Status
from reev_flow.trace.trace import Trace


class RunFacts:
    """What finding rules read."""

    def __init__(self, trace: Trace, budget: TimeBudget = UNLIMITED, *, prices: Prices = NO_PRICES) -> None:
        """Anything that is read may raise `ProcessingTimedOut` when there is a limit."""
        self.trace = paced(trace, budget)
        self.prices = prices

    @cached_property
    def failed_positions(self) -> tuple[int, ...]:
        """Every span that failed, plumbing included."""
        return tuple([position for position, span in enumerate(self.trace.spans) if span.status is Status.ERROR])

    @cached_property
    def usage(self) -> UsageTotals:
        return count_usage(self.trace)

    @cached_property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCallExtractor().extract_from_trace(self.trace))

    @cached_property
    def model_calls(self) -> tuple[ModelCall, ...]:
        return model_calls(self.trace, self.usage)

    @cached_property
    def model_starts_ns(self) -> list[int]:
        """When each model call began, sorted."""
        return [call.start_ns for call in self.model_calls]

    @cached_property
    def agent_lines(self) -> tuple[Line, ...]:
        """The model calls, by the conversation they go on with."""
        return agent_lines(self.trace, self.model_calls, self.askers)

    @cached_property
    def asked_calls(self) -> tuple[AskedCall, ...]:
        return match_asked(self.model_calls, self.tool_calls)

    @cached_property
    def failed_operations(self) -> tuple[FailedOperation, ...]:
        return failed_operations(
            self.trace,
            self.failed_positions,
            self.tool_calls,
            self.model_calls,
            reported_failures=self.reported_failures,
            question_of=self.questions.of,
        )

    @cached_property
    def reported_failures(self) -> dict[int, str]:
        """What the tool calls report, by position, that went well by their status and did not."""
        went_well = (call for call in self.tool_calls if not call.failed)
        told = ((call.position, told_failure(call.name, call.result, call.arguments)) for call in went_well)
        return {position: report for position, report in told if report}

    def went_wrong(self, call: ToolCall) -> bool:
        """By its status or by its result."""
        return call.failed or call.position in self.reported_failures

    @cached_property
    def questions(self) -> Questions:
        return Questions()

    @cached_property
    def retried_calls(self) -> tuple[Retried, ...]:
        return retried_calls(self.tool_calls, self.questions.asked, self.went_wrong)

    @cached_property
    def askers(self) -> list[int]:
        """For each span the nearest flow or agent around it."""
        return askers(self.trace)

    @cached_property
    def stated_output(self) -> str | None:
        return stated_output(self.trace)

    @cached_property
    def metrics(self) -> FlowMetrics:
        return measure(self.trace, self.usage, self.tool_calls, self.model_calls, prices=self.prices)

    @cached_property
    def spans(self) -> SpanAnalysis:
        return SpanAnalysis(self.trace)
