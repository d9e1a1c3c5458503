"""Collects the spans of a program into a store of traces, beside whatever else happens to them."""

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import ProxyTracerProvider, TracerProvider, get_tracer_provider, set_tracer_provider

from reev_flow.errors import InvalidSetting, ProviderRefused
from reev_flow.sessions.config import SessionConfig
from reev_flow.settings import load_settings
from reev_flow.settings.session_config import session_config
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.store import TraceStore

if TYPE_CHECKING:
    from reev_flow.runtime.spans_out import SpansOut

SAMPLER_VARIABLE = "OTEL_TRACES_SAMPLER"
RATIO_BITS = 64  # of a trace id; OpenTelemetry's ratio sampler looks at the same


class TraceCollector:
    """Makes a tracer provider, or joins the one that is there; either way the spans are kept in a store of traces.

    What is not given comes from the settings: the share of traces that is kept, the batch size, whether anything is collected at all,
    and the place of the store. `store` is an open store of traces, a folder or a URL. A store that the collector opens is closed by
    `shutdown`. The program never waits for the store, and never hears of its troubles: `dropped` counts what was lost, `last_error` says
    why.
    """

    def __init__(
        self,
        service_name: str = "",
        sample_rate: float | None = None,
        *,
        batch_size: int | None = None,
        store: TraceStore | str | Path | None = None,
        config: SessionConfig | None = None,
    ) -> None:
        """Without a service name OTEL_SERVICE_NAME counts."""
        self.config = config or session_config(load_settings(os.environ, Path.cwd()))
        self.service_name = service_name
        self.sample_rate = self.config.trace_sample_rate if sample_rate is None else sample_rate
        self.batch_size = self.config.trace_batch_size if batch_size is None else batch_size
        _refuse("sample_rate", self.sample_rate, "from 0 to 1", is_right=0 <= self.sample_rate <= 1)
        _refuse("batch_size", self.batch_size, "1 or more", is_right=self.batch_size >= 1)
        self._leaves_sampler = sample_rate is None and bool(os.environ.get(SAMPLER_VARIABLE))
        self._place = store if store is not None else self.config.store_path
        self._opened: TraceStore | None = None
        self._lock = threading.Lock()
        self._provider: Any = None
        self._joined: list[tuple[Any, SpansOut]] = []

    @property
    def is_enabled(self) -> bool:
        """Whether the settings let anything be collected."""
        return self.config.otel_enabled

    @property
    def dropped(self) -> int:
        """How many spans were lost."""
        return sum(out.dropped for _, out in self._joined)

    @property
    def last_error(self) -> Exception | None:
        return next((out.last_error for _, out in reversed(self._joined) if out.last_error is not None), None)

    @property
    def store(self) -> TraceStore:
        """Opened when first needed. Raises `StoreError`."""
        if self._opened is None:
            place = self._place
            self._opened = open_trace_store(place) if isinstance(place, str | Path) else place
        return self._opened

    def create_provider(self) -> TracerProvider:
        """An SDK provider whose spans are collected, the same each time. Whole traces are left out by the ratio, unless their parent in
        another process was sampled.
        """
        with self._lock:
            provider: TracerProvider = self._create()
            return provider

    def install(self) -> TracerProvider:
        """Joins the global provider, however often it is called; where there is none yet, that of `create_provider` becomes it.

        Of a provider that was there the sampler stays, and of what that lets through the ratio is kept here. Raises `ProviderRefused` for a
        provider that takes no span processors.
        """
        with self._lock:
            provider = get_tracer_provider()
            if self.is_enabled and isinstance(provider, ProxyTracerProvider):
                set_tracer_provider(self._create())
                provider = get_tracer_provider()  # somebody may have been quicker
            if self.is_enabled:
                self._join(provider, keeps_all=False)
            return provider

    def flush(self, timeout_seconds: float = 10.0) -> bool:
        """Whether every span that has ended is in the store, or counted as dropped."""
        in_time = [out.flush(timeout_seconds) for _, out in self._joined]
        return all(in_time)

    def shutdown(self) -> None:
        """What has ended is stored first, within a bound. Providers that were joined go on without the collector."""
        with self._lock:
            for provider, out in self._joined:
                out.shutdown()
                _detach(provider, out)
            if self._opened is not None and isinstance(self._place, str | Path):
                self._opened.close()
                self._opened = None

    def _create(self) -> Any:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the SDK is loaded by who makes a provider
        from opentelemetry.sdk.trace import TracerProvider as SdkProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415

        if self._provider is None:
            self._provider = SdkProvider(
                sampler=None if self._leaves_sampler else ParentBased(TraceIdRatioBased(self.sample_rate)),
                resource=Resource.create({SERVICE_NAME: self.service_name} if self.service_name else {}),
            )
            if self.is_enabled:
                self._join(self._provider, keeps_all=True)
        return self._provider

    def _join(self, provider: Any, *, keeps_all: bool) -> None:
        from reev_flow.runtime.spans_out import SpansOut, keep_all  # noqa: PLC0415 - it loads the SDK

        if any(joined is provider for joined, _ in self._joined):
            return
        add = getattr(provider, "add_span_processor", None)
        if add is None:
            raise ProviderRefused(type(provider).__qualname__)
        keeps = keep_all if keeps_all or self.sample_rate >= 1 else self._is_within_ratio
        out = SpansOut(self.store, batch_size=self.batch_size, keeps=keeps)
        add(out)
        self._joined.append((provider, out))

    def _is_within_ratio(self, trace_id: int) -> bool:
        return trace_id % (1 << RATIO_BITS) < round(self.sample_rate * (1 << RATIO_BITS))


def _detach(provider: Any, out: "SpansOut") -> None:
    """The SDK has no way to take a processor off again; one that is closed would otherwise be called for ever."""
    processors: Any = getattr(provider, "_active_span_processor", None)
    if isinstance(getattr(processors, "_span_processors", None), tuple) and hasattr(processors, "_lock"):
        with processors._lock:  # noqa: SLF001 - see above
            processors._span_processors = tuple(one for one in processors._span_processors if one is not out)  # noqa: SLF001


def _refuse(name: str, value: float, wanted: str, *, is_right: bool) -> None:
    if not is_right:
        raise InvalidSetting(name, str(value), wanted, source="TraceCollector")
