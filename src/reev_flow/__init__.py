"""The flight recorder and black-box reader of agent flows: the public names, each loaded when first used."""

from importlib import import_module
from typing import TYPE_CHECKING

from reev_flow.version import __version__ as __version__

if TYPE_CHECKING:
    from reev_flow.analysis.advice.flow_analysis import FlowAnalysis as FlowAnalysis
    from reev_flow.analysis.advice.patterns import Pattern as Pattern
    from reev_flow.analysis.advice.patterns import PatternDetector as PatternDetector
    from reev_flow.analysis.advice.performance import Performance as Performance
    from reev_flow.analysis.advice.performance import PerformanceAnalyzer as PerformanceAnalyzer
    from reev_flow.analysis.advice.recommendations import Recommendation as Recommendation
    from reev_flow.analysis.advice.recommendations import RecommendationEngine as RecommendationEngine
    from reev_flow.analysis.calls.prices import ModelPrice as ModelPrice
    from reev_flow.analysis.calls.prices import Prices as Prices
    from reev_flow.analysis.calls.tool_calls import CallAnalysis as CallAnalysis
    from reev_flow.analysis.calls.tool_calls import ToolCall as ToolCall
    from reev_flow.analysis.calls.tool_calls import ToolCallExtractor as ToolCallExtractor
    from reev_flow.analysis.comparison.compare import Comparison as Comparison
    from reev_flow.analysis.comparison.compare import compare_runs as compare_runs
    from reev_flow.analysis.findings import Finding as Finding
    from reev_flow.analysis.insights import FlowInsights as FlowInsights
    from reev_flow.analysis.metrics import MetricsExtractor as MetricsExtractor
    from reev_flow.analysis.replay.changes import Change as Change
    from reev_flow.analysis.replay.what_if import Prediction as Prediction
    from reev_flow.analysis.spans import SpanAnalyzer as SpanAnalyzer
    from reev_flow.errors import AlreadyAnswered as AlreadyAnswered
    from reev_flow.errors import InvalidAnswer as InvalidAnswer
    from reev_flow.errors import InvalidChange as InvalidChange
    from reev_flow.errors import InvalidFormat as InvalidFormat
    from reev_flow.errors import InvalidPlan as InvalidPlan
    from reev_flow.errors import InvalidState as InvalidState
    from reev_flow.errors import InvalidStep as InvalidStep
    from reev_flow.errors import LeaseHeld as LeaseHeld
    from reev_flow.errors import MermaidGenerationFailed as MermaidGenerationFailed
    from reev_flow.errors import MetricsExtractionError as MetricsExtractionError
    from reev_flow.errors import NoSuchOperation as NoSuchOperation
    from reev_flow.errors import NoSuchQuestion as NoSuchQuestion
    from reev_flow.errors import NoSuchStep as NoSuchStep
    from reev_flow.errors import PlanChanged as PlanChanged
    from reev_flow.errors import ProcessingFailed as ProcessingFailed
    from reev_flow.errors import ProcessingTimedOut as ProcessingTimedOut
    from reev_flow.errors import QuestionExpired as QuestionExpired
    from reev_flow.errors import SessionCancelled as SessionCancelled
    from reev_flow.errors import SessionCorruption as SessionCorruption
    from reev_flow.errors import SessionError as SessionError
    from reev_flow.errors import SessionForgotten as SessionForgotten
    from reev_flow.errors import SessionInterrupted as SessionInterrupted
    from reev_flow.errors import SessionNotFound as SessionNotFound
    from reev_flow.errors import SessionTimeout as SessionTimeout
    from reev_flow.errors import SessionWaiting as SessionWaiting
    from reev_flow.errors import StepChanged as StepChanged
    from reev_flow.errors import StepFailed as StepFailed
    from reev_flow.errors import StepInDoubt as StepInDoubt
    from reev_flow.errors import StepTimeout as StepTimeout
    from reev_flow.errors import StoreError as StoreError
    from reev_flow.errors import TooManySessions as TooManySessions
    from reev_flow.errors import TraceError as TraceError
    from reev_flow.errors import UnknownFlow as UnknownFlow
    from reev_flow.flows.code import flow as flow
    from reev_flow.flows.effects import Happened as Happened
    from reev_flow.flows.effects import NotHappened as NotHappened
    from reev_flow.flows.handle import SessionHandle as SessionHandle
    from reev_flow.flows.plans.context import StepContext as StepContext
    from reev_flow.flows.plans.executor import FlowExecutor as FlowExecutor
    from reev_flow.flows.plans.executor import execute_dynamic_flow as execute_dynamic_flow
    from reev_flow.flows.plans.files import load_plan as load_plan
    from reev_flow.flows.plans.plan import AtomicMode as AtomicMode
    from reev_flow.flows.plans.plan import DynamicFlowPlan as DynamicFlowPlan
    from reev_flow.flows.plans.plan import DynamicStep as DynamicStep
    from reev_flow.flows.plans.plan import RecoveryStrategy as RecoveryStrategy
    from reev_flow.flows.plans.results import FlowResult as FlowResult
    from reev_flow.flows.plans.results import StepResult as StepResult
    from reev_flow.flows.retry import Retry as Retry
    from reev_flow.flows.tracing.tracer import FlowTracer as FlowTracer
    from reev_flow.flows.work import current_step as current_step
    from reev_flow.pipeline import TraceProcessor as TraceProcessor
    from reev_flow.pipeline import read_traces as read_traces
    from reev_flow.render.mermaid import MermaidGenerator as MermaidGenerator
    from reev_flow.render.renderer import TraceRenderer as TraceRenderer
    from reev_flow.runtime.analyzer import FlowAnalyzer as FlowAnalyzer
    from reev_flow.runtime.collector import TraceCollector as TraceCollector
    from reev_flow.runtime.manager import SessionManager as SessionManager
    from reev_flow.runtime.processor import OtelProcessor as OtelProcessor
    from reev_flow.runtime.recovery import AlreadyCompleted as AlreadyCompleted
    from reev_flow.runtime.recovery import FlowExecution as FlowExecution
    from reev_flow.runtime.recovery import Recovered as Recovered
    from reev_flow.runtime.recovery import SessionRecovery as SessionRecovery
    from reev_flow.runtime.started import StartedFlow as StartedFlow
    from reev_flow.sessions.config import SessionConfig as SessionConfig
    from reev_flow.sessions.data import SessionData as SessionData
    from reev_flow.sessions.state import SessionState as SessionState
    from reev_flow.sessions.store import SessionStore as SessionStore
    from reev_flow.stores.urls import open_session_store as open_session_store
    from reev_flow.trace.span import Span as Span
    from reev_flow.trace.store import TraceStore as TraceStore
    from reev_flow.trace.trace import Trace as Trace
    from reev_flow.values.refusal import UnstorableValue as UnstorableValue
    from reev_flow.values.registry import Codecs as Codecs
    from reev_flow.values.registry import register_codec as register_codec

_HOMES = {
    "AlreadyAnswered": "errors",
    "AlreadyCompleted": "runtime.recovery",
    "AtomicMode": "flows.plans.plan",
    "CallAnalysis": "analysis.calls.tool_calls",
    "Change": "analysis.replay.changes",
    "Codecs": "values.registry",
    "Comparison": "analysis.comparison.compare",
    "DynamicFlowPlan": "flows.plans.plan",
    "DynamicStep": "flows.plans.plan",
    "Finding": "analysis.findings",
    "FlowAnalysis": "analysis.advice.flow_analysis",
    "FlowAnalyzer": "runtime.analyzer",
    "FlowExecution": "runtime.recovery",
    "FlowExecutor": "flows.plans.executor",
    "FlowInsights": "analysis.insights",
    "FlowResult": "flows.plans.results",
    "FlowTracer": "flows.tracing.tracer",
    "Happened": "flows.effects",
    "InvalidAnswer": "errors",
    "InvalidChange": "errors",
    "InvalidFormat": "errors",
    "InvalidPlan": "errors",
    "InvalidState": "errors",
    "InvalidStep": "errors",
    "LeaseHeld": "errors",
    "MermaidGenerationFailed": "errors",
    "MermaidGenerator": "render.mermaid",
    "MetricsExtractionError": "errors",
    "MetricsExtractor": "analysis.metrics",
    "ModelPrice": "analysis.calls.prices",
    "NoSuchOperation": "errors",
    "NoSuchQuestion": "errors",
    "NoSuchStep": "errors",
    "NotHappened": "flows.effects",
    "OtelProcessor": "runtime.processor",
    "Pattern": "analysis.advice.patterns",
    "PatternDetector": "analysis.advice.patterns",
    "Performance": "analysis.advice.performance",
    "PerformanceAnalyzer": "analysis.advice.performance",
    "PlanChanged": "errors",
    "Prediction": "analysis.replay.what_if",
    "Prices": "analysis.calls.prices",
    "ProcessingFailed": "errors",
    "ProcessingTimedOut": "errors",
    "QuestionExpired": "errors",
    "Recommendation": "analysis.advice.recommendations",
    "RecommendationEngine": "analysis.advice.recommendations",
    "Recovered": "runtime.recovery",
    "RecoveryStrategy": "flows.plans.plan",
    "Retry": "flows.retry",
    "SessionCancelled": "errors",
    "SessionConfig": "sessions.config",
    "SessionCorruption": "errors",
    "SessionData": "sessions.data",
    "SessionError": "errors",
    "SessionForgotten": "errors",
    "SessionHandle": "flows.handle",
    "SessionInterrupted": "errors",
    "SessionManager": "runtime.manager",
    "SessionNotFound": "errors",
    "SessionRecovery": "runtime.recovery",
    "SessionState": "sessions.state",
    "SessionStore": "sessions.store",
    "SessionTimeout": "errors",
    "SessionWaiting": "errors",
    "Span": "trace.span",
    "SpanAnalyzer": "analysis.spans",
    "StartedFlow": "runtime.started",
    "StepChanged": "errors",
    "StepContext": "flows.plans.context",
    "StepFailed": "errors",
    "StepInDoubt": "errors",
    "StepResult": "flows.plans.results",
    "StepTimeout": "errors",
    "StoreError": "errors",
    "TooManySessions": "errors",
    "ToolCall": "analysis.calls.tool_calls",
    "ToolCallExtractor": "analysis.calls.tool_calls",
    "Trace": "trace.trace",
    "TraceCollector": "runtime.collector",
    "TraceError": "errors",
    "TraceProcessor": "pipeline",
    "TraceRenderer": "render.renderer",
    "TraceStore": "trace.store",
    "UnknownFlow": "errors",
    "UnstorableValue": "values.refusal",
    "compare_runs": "analysis.comparison.compare",
    "current_step": "flows.work",
    "execute_dynamic_flow": "flows.plans.executor",
    "flow": "flows.code",
    "load_plan": "flows.plans.files",
    "open_session_store": "stores.urls",
    "read_traces": "pipeline",
    "register_codec": "values.registry",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one list of names, not two


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = f"{__name__}.{_HOMES[name]}"
    try:
        value = getattr(import_module(home), name)
    except AttributeError as cause:  # Python would take it for a name that is not there, and tell nothing of the cause
        raise ImportError(f"{home} failed while it was imported: {cause}", name=home) from cause
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
