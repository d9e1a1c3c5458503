"""Tracers that make their spans with whichever provider is the right one at that moment."""

from collections.abc import Callable
from typing import Any

from opentelemetry.trace import Span, Tracer, TracerProvider

Now = Callable[[], TracerProvider]


class FollowingTracer(Tracer):
    """Asked for once, and then that of the provider that `now` gives whenever a span begins."""

    def __init__(self, now: Now, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        self._now = now
        self._asked_for = args, options
        self._known: tuple[TracerProvider, Tracer] | None = None

    @property
    def _current(self) -> Any:
        provider, known = self._now(), self._known
        if known is None or known[0] is not provider:
            args, options = self._asked_for
            known = provider, provider.get_tracer(*args, **options)
            self._known = known
        return known[1]

    def start_span(self, *args: Any, **options: Any) -> Span:
        span: Span = self._current.start_span(*args, **options)
        return span

    def start_as_current_span(self, *args: Any, **options: Any) -> Any:
        return self._current.start_as_current_span(*args, **options)

    def __getattr__(self, name: str) -> Any:
        """What a tracer of the SDK has beyond the API."""
        return getattr(self._current, name)


class FollowingProvider(TracerProvider):
    """A provider that is always the one that `now` gives."""

    def __init__(self, now: Now) -> None:
        self._now = now

    def get_tracer(self, *args: Any, **options: Any) -> Tracer:
        return FollowingTracer(self._now, args, options)

    @property
    def sampler(self) -> Any:
        return getattr(self._now(), "sampler", None)
