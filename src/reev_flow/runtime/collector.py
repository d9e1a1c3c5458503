"""Collects the spans of a program into a store of traces, beside whatever else happens to them."""

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from opentelemetry.trace import ProxyTracerProvider, TracerProvider, get_tracer_provider

from reev_flow.clock import SystemClock
from reev_flow.collect.redaction import Redaction
from reev_flow.errors import InvalidSetting, ProviderRefused
from reev_flow.runtime.joined import Joined, joined_to, processors_of
from reev_flow.runtime.trace_retention import ask_to_forget
from reev_flow.sessions.config import SessionConfig
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config
from reev_flow.settings.trace_keeping import redaction_of, trace_limits
from reev_flow.stores.urls import open_trace_store
from reev_flow.trace.semantics import SERVICE_NAME
from reev_flow.trace.store import TraceStore

if TYPE_CHECKING:
    from reev_flow.runtime.intake import Intake
    from reev_flow.runtime.stand_in import StandIn
    from reev_flow.runtime.trace_choice import Wish

SAMPLER_VARIABLE = "OTEL_TRACES_SAMPLER"
DISABLED_VARIABLE = "OTEL_SDK_DISABLED"


class TraceCollector:
    """Makes a tracer provider, or joins those that are there; either way the spans are kept in a store of traces.

    What is not given comes from the settings: the share of traces that is kept (`sample_rate`), whether those with an error and those that
    take more than so many seconds are kept beyond it, the batch size, an OTLP endpoint that spans are sent on to, what is masked in them
    as secret, whether anything is collected at all, and the place of the store. `store` is an open store of traces, a folder or a URL. A store that the collector opens is
    closed by `shutdown`, which comes by itself at the end of the process.

    The program never waits for the store or the endpoint, and never hears of their troubles: `dropped` and `not_forwarded` count what was
    lost, `last_error` says why, and a line in the log does, once a minute at most. `left_out` counts what nobody wanted.
    """

    def __init__(  # noqa: PLR0913 - options that are all given by name
        self,
        service_name: str = "",
        sample_rate: float | None = None,
        *,
        batch_size: int | None = None,
        keep_errors: bool | None = None,
        keep_slower_than: float | None = None,
        forward_to: str | None = None,
        store: TraceStore | str | Path | None = None,
        config: SessionConfig | None = None,
        redaction: Redaction | None = None,
    ) -> None:
        """Without a service name OTEL_SERVICE_NAME counts."""
        given = {
            "trace_sample_rate": sample_rate,
            "trace_batch_size": batch_size,
            "trace_keep_errors": keep_errors,
            "trace_keep_slower_than": keep_slower_than,
            "trace_forward_to": forward_to,
        }
        _refuse("sample_rate", sample_rate, "from 0 to 1", is_right=sample_rate is None or 0 <= sample_rate <= 1)
        _refuse("batch_size", batch_size, "1 or more", is_right=batch_size is None or batch_size >= 1)
        settings = current_settings()
        known = config or session_config(settings)
        self.config = replace(known, **{name: value for name, value in given.items() if value is not None})
        self.service_name = service_name
        self._leaves_sampler = sample_rate is None and bool(os.environ.get(SAMPLER_VARIABLE))
        self._redaction = redaction or redaction_of(settings)
        self._limits = trace_limits(settings)
        self._place = store if store is not None else self.config.store_path
        self._opened: TraceStore | None = None
        self._lock = threading.RLock()
        self._provider: StandIn | None = None
        self._intake: Intake | None = None
        self._joined: list[Joined] = []
        self._refused: TracerProvider | None = None
        self._join_error: Exception | None = None
        self._in_use: TracerProvider | None = None
        self._is_over = False

    @property
    def sample_rate(self) -> float:
        return self.config.trace_sample_rate

    @property
    def batch_size(self) -> int:
        return self.config.trace_batch_size

    @property
    def is_enabled(self) -> bool:
        """Whether the settings let anything be collected."""
        return self.config.otel_enabled and os.environ.get(DISABLED_VARIABLE, "").strip().lower() != "true"

    @property
    def dropped(self) -> int:
        """How many spans were lost before they were kept."""
        return 0 if self._intake is None else self._intake.queue.dropped

    @property
    def not_forwarded(self) -> int:
        """How many spans did not reach the endpoint that they are sent on to."""
        return 0 if self._intake is None else self._intake.not_forwarded

    @property
    def left_out(self) -> int:
        """How many spans of traces that ended were of no interest: neither in the share nor with an error nor slow."""
        return 0 if self._intake is None else self._intake.left_out

    @property
    def last_error(self) -> Exception | None:
        return (None if self._intake is None else self._intake.last_error) or self._join_error

    @property
    def store(self) -> TraceStore:
        """Opened when first needed; then what is too old or too much in it is forgotten. Raises `StoreError`."""
        if self._opened is None:
            place = self._place
            self._opened = open_trace_store(place) if isinstance(place, str | Path) else place
            if self._opened is not place:
                ask_to_forget(self._opened, self._limits, SystemClock())
        return self._opened

    def create_provider(self) -> TracerProvider:
        """An SDK provider whose spans are collected, the same each time. Whole traces are left out by the ratio, unless their parent in
        another process was sampled.
        """
        with self._lock:
            return self._create()

    def install(self) -> TracerProvider:
        """Joins the global provider, however often it is called. Where there is none yet, that of `create_provider` stands in until the
        program sets one: then the collector joins that, and what began with the stand-in goes on with the new one.

        Of a provider that was there the sampler stays, and of what that lets through the ratio is kept here. Raises `ProviderRefused` for a
        provider that takes no span processors.
        """
        with self._lock:
            provider = get_tracer_provider()
            if not self.is_enabled:
                return provider
            if isinstance(provider, ProxyTracerProvider):
                self._create().become_global()
                provider = get_tracer_provider()  # somebody may have been quicker
            self._join(provider)
            return provider

    def join(self, provider: TracerProvider) -> None:
        """A provider that is not the global one, beside those that were joined before. Raises `ProviderRefused`."""
        if self.is_enabled:
            with self._lock:
                self._join(provider)

    def provider_in_use(self) -> TracerProvider:
        """The global provider, joined, or one's own as long as there is none that can be joined. Never raises."""
        provider = get_tracer_provider()
        if provider is self._in_use:
            return provider
        if isinstance(provider, ProxyTracerProvider) or not self.follows(provider):
            return self._provider or self.create_provider()
        self._in_use = provider
        return provider

    @property
    def has_joined(self) -> bool:
        """Whether there is a provider of the program's; its own hears nothing that the store does not have."""
        return self.provider_in_use() is not self._provider

    def follows(self, provider: TracerProvider) -> bool:
        """Whether its spans are heard, from now on at the latest. Never raises."""
        if any(joined.provider is provider and joined.is_heard for joined in self._joined):
            return True
        return provider is not self._refused and self._follow(provider)

    def flush(self, timeout_seconds: float = 10.0) -> bool:
        """Whether every span that has ended is in the store, or counted as dropped; traces that are not yet decided about wait on."""
        for joined in tuple(self._joined):
            self.follows(joined.provider)
        return self._intake is None or self._intake.flush(timeout_seconds)

    def shutdown(self) -> None:
        """What has ended is stored first, within a bound. Providers that were joined go on without the collector."""
        with self._lock:
            self._is_over = True
            for joined in self._joined:
                joined.leave()
            if self._intake is not None:
                self._intake.shutdown()
            if self._opened is not None and isinstance(self._place, str | Path):
                self._opened.close()
                self._opened = None
            self._end_provider()

    def _end_provider(self) -> None:
        """Its own, unless others use it still: the SDK keeps what was not shut down until the process ends."""
        provider = self._provider
        if provider is not None and provider is not get_tracer_provider() and not processors_of(provider):
            provider.shutdown()

    def _create(self) -> "StandIn":
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - the SDK is loaded by who makes a provider

        from reev_flow.runtime.own_sampler import sampler_for  # noqa: PLC0415 - see above
        from reev_flow.runtime.stand_in import StandIn  # noqa: PLC0415 - see above

        if self._provider is None:
            self._provider = StandIn(
                sampler=None if self._leaves_sampler else sampler_for(self._wish),
                resource=Resource.create({SERVICE_NAME: self.service_name} if self.service_name else {}),
            )
            if self.is_enabled:
                self._join(self._provider)
        return self._provider

    @property
    def _wish(self) -> "Wish":
        from reev_flow.runtime.trace_choice import Wish  # noqa: PLC0415 - it loads the SDK

        config = self.config
        return Wish(
            share=config.trace_sample_rate,
            keeps_errors=config.trace_keep_errors,
            keeps_slower_than=config.trace_keep_slower_than,
        )

    def _follow(self, provider: TracerProvider) -> bool:
        try:
            with self._lock:
                self._join(provider)
        except Exception as error:  # noqa: BLE001 - the program sets a provider and has nothing to do with it
            self._refused, self._join_error = provider, error
            return False
        return True

    def _join(self, provider: TracerProvider) -> None:
        if self._is_over:
            return
        for joined in self._joined:
            if joined.provider is provider:
                joined.listen()
                return
        if getattr(provider, "add_span_processor", None) is None:
            raise ProviderRefused(type(provider).__qualname__)
        joined = joined_to(
            provider, self._intake_for_all(), self._wish, self._follow, is_own=provider is self._provider
        )
        joined.listen()
        self._joined.append(joined)

    def _intake_for_all(self) -> "Intake":
        from reev_flow.runtime.intake import Intake  # noqa: PLC0415 - it loads the SDK

        if self._intake is None:
            self.store  # noqa: B018 - a store that cannot be opened is an error now, not when spans end
            self._intake = Intake(lambda: self.store, self.config, self._wish, self._redaction)
        return self._intake


def _refuse(name: str, value: float | None, wanted: str, *, is_right: bool) -> None:
    if not is_right:
        raise InvalidSetting(name, str(value), wanted, source="TraceCollector")
