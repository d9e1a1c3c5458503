"""The processor that the settings ask for: which parts of the insights, how long they may take, and what tokens cost."""

from reev_flow.analysis.insights import Parts
from reev_flow.pipeline import TraceProcessor
from reev_flow.settings import Settings, current_settings


def processor_of(settings: Settings) -> TraceProcessor:
    return TraceProcessor(
        parts=_parts(settings),
        prices=settings.prices(),
        timeout_ms=settings.number("traces.processing_timeout_ms"),
    )


def current_processor() -> TraceProcessor:
    """Of the environment, and of the settings file of the current folder."""
    return processor_of(current_settings())


def _parts(settings: Settings) -> Parts:
    return Parts(
        metrics=settings.switch("insights.metrics"),
        tool_calls=settings.switch("insights.tool_calls"),
        performance=settings.switch("insights.performance"),
        bottlenecks=settings.switch("insights.bottlenecks"),
        diagram=settings.switch("insights.diagram"),
    )
