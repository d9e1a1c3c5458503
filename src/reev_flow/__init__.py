"""The flight recorder and black-box reader of agent flows: the public names, each loaded when first used."""

from importlib import import_module
from typing import TYPE_CHECKING

from reev_flow.version import __version__ as __version__

if TYPE_CHECKING:
    from reev_flow.analysis.findings import Finding as Finding
    from reev_flow.analysis.insights import FlowInsights as FlowInsights
    from reev_flow.analysis.metrics import MetricsExtractor as MetricsExtractor
    from reev_flow.analysis.spans import SpanAnalyzer as SpanAnalyzer
    from reev_flow.analysis.tool_calls import CallAnalysis as CallAnalysis
    from reev_flow.analysis.tool_calls import ToolCall as ToolCall
    from reev_flow.analysis.tool_calls import ToolCallExtractor as ToolCallExtractor
    from reev_flow.errors import InvalidFormat as InvalidFormat
    from reev_flow.errors import MermaidGenerationFailed as MermaidGenerationFailed
    from reev_flow.errors import MetricsExtractionError as MetricsExtractionError
    from reev_flow.errors import ProcessingFailed as ProcessingFailed
    from reev_flow.errors import TraceError as TraceError
    from reev_flow.pipeline import TraceProcessor as TraceProcessor
    from reev_flow.pipeline import read_traces as read_traces
    from reev_flow.render.mermaid import MermaidGenerator as MermaidGenerator
    from reev_flow.render.renderer import TraceRenderer as TraceRenderer
    from reev_flow.trace.span import Span as Span
    from reev_flow.trace.trace import Trace as Trace

_HOMES = {
    "CallAnalysis": "analysis.tool_calls",
    "Finding": "analysis.findings",
    "FlowInsights": "analysis.insights",
    "InvalidFormat": "errors",
    "MermaidGenerationFailed": "errors",
    "MermaidGenerator": "render.mermaid",
    "MetricsExtractionError": "errors",
    "MetricsExtractor": "analysis.metrics",
    "ProcessingFailed": "errors",
    "Span": "trace.span",
    "SpanAnalyzer": "analysis.spans",
    "ToolCall": "analysis.tool_calls",
    "ToolCallExtractor": "analysis.tool_calls",
    "Trace": "trace.trace",
    "TraceError": "errors",
    "TraceProcessor": "pipeline",
    "TraceRenderer": "render.renderer",
    "read_traces": "pipeline",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605 - one list of names, not two


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
