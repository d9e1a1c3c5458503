"""The collector's own provider, which is the global one only until the program sets one of its own."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from opentelemetry import trace as api
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace import TracerProvider as SdkProvider
from opentelemetry.trace import Tracer, TracerProvider
from opentelemetry.util._once import Once

from reev_flow.runtime.following import FollowingTracer

OnSuccessor = Callable[[TracerProvider], bool]
"""Told of the provider that the program set, and says whether its spans are heard."""


class StandIn(SdkProvider):
    """A provider of the SDK that can be global without being in the way: `set_tracer_provider` works once more, as if there were none.

    From then on tracers that were made before make their spans with the new provider, so that its exporters get them. If somebody adds a
    span processor to the stand-in, then it is what the program wants, and stays.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.successor: TracerProvider | None = None
        self._own = _Own(self)
        self._is_standing_in = False
        self._listeners: list[OnSuccessor] = []

    def get_tracer(self, *args: Any, **options: Any) -> Tracer:
        if self._is_standing_in:
            return FollowingTracer(self._now, args, options)
        return super().get_tracer(*args, **options)

    def _now(self) -> TracerProvider:
        return self.successor or self._own

    def add_span_processor(self, span_processor: SpanProcessor) -> None:
        if self._is_standing_in:
            api._TRACER_PROVIDER_SET_ONCE.do_once(lambda: None)  # noqa: SLF001 - what `become_global` says
        super().add_span_processor(span_processor)

    def add_listener(self, span_processor: SpanProcessor, on_successor: OnSuccessor) -> None:
        """Another collector, which will follow too, is no reason to stay."""
        super().add_span_processor(span_processor)
        self._listeners.append(on_successor)

    def remove_listener(self, on_successor: OnSuccessor) -> None:
        """Of a collector that is over."""
        with suppress(ValueError):
            self._listeners.remove(on_successor)

    def become_global(self) -> bool:
        """False when there is a global provider already.

        The API has no way to set a provider for the time being: its variable is set without saying so to the thing that remembers that
        it was set, and that thing is exchanged for one that tells when it happens. An API that is built differently gets the provider in
        the usual way, and keeps it.
        """
        once: Any = getattr(api, "_TRACER_PROVIDER_SET_ONCE", None)
        if not isinstance(once, Once) or not hasattr(api, "_TRACER_PROVIDER") or not hasattr(once, "_lock"):
            api.set_tracer_provider(self)
            return api.get_tracer_provider() is self
        with once._lock:  # noqa: SLF001 - see above
            if api._TRACER_PROVIDER is not None or once._done:  # noqa: SLF001 - see above
                return False
            self._is_standing_in = True
            api._TRACER_PROVIDER = self  # noqa: SLF001 - see above
            api._TRACER_PROVIDER_SET_ONCE = _Succession(self)  # noqa: SLF001 - see above
        return True

    def give_way(self) -> None:
        """To whatever is global now, unless that is the stand-in itself, or nobody hears it."""
        provider = api.get_tracer_provider()
        if provider is self or not self._is_standing_in:
            return
        self._is_standing_in = False
        heard = [listener(provider) for listener in self._listeners]
        if all(heard):
            self.successor = provider


class _Succession(Once):
    """Remembers that a provider was set, as the API's own does, and says so."""

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__()
        self._stand_in = stand_in

    def do_once(self, func: Callable[[], None]) -> bool:
        did = super().do_once(func)
        if did:
            self._stand_in.give_way()
        return did


class _Own(TracerProvider):
    """The stand-in without those who follow it."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in

    def get_tracer(self, *args: Any, **options: Any) -> Tracer:
        return SdkProvider.get_tracer(self._stand_in, *args, **options)
