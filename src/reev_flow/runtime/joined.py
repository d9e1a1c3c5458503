"""A provider that a collector listens to, and whether it still does: wrappers change what is inside of them."""

from typing import TYPE_CHECKING, Any

from opentelemetry.trace import TracerProvider

if TYPE_CHECKING:
    from collections.abc import Callable

    from reev_flow.runtime.intake import Intake
    from reev_flow.runtime.spans_out import SpansOut
    from reev_flow.runtime.trace_choice import Wish

DEEPEST = 8


class Joined:
    """One provider, and the span processor that hears it."""

    def __init__(
        self, provider: TracerProvider, processor: "SpansOut", on_successor: "Callable[[TracerProvider], bool]"
    ) -> None:
        self.provider = provider
        self._processor = processor
        self._on_successor = on_successor
        self._has_listened = False

    @property
    def is_heard(self) -> bool:
        """As far as can be told: nobody promises that a provider shows its processors."""
        processors = processors_of(self.provider)
        return self._has_listened if processors is None else self._processor in processors

    def listen(self) -> None:
        """Once more, if what is inside of a wrapper was exchanged."""
        if self.is_heard:
            return
        provider: Any = self.provider
        self._processor.is_closed = False  # the former inside may have ended
        if _is_stand_in(provider):
            provider.add_listener(self._processor, self._on_successor)
        else:
            provider.add_span_processor(self._processor)
        self._has_listened = True

    def leave(self) -> None:
        """The SDK has no way to take a processor off again; one that is closed would otherwise be called for ever."""
        self._processor.is_closed = True
        provider: Any = self.provider
        if _is_stand_in(provider):
            provider.remove_listener(self._on_successor)
        holder = _holder_of(self.provider)
        if holder is not None and hasattr(holder, "_lock"):
            with holder._lock:  # noqa: SLF001 - see above
                others = tuple(one for one in holder._span_processors if one is not self._processor)  # noqa: SLF001 - see above
                holder._span_processors = others  # noqa: SLF001 - see above


def _is_stand_in(provider: object) -> bool:
    from reev_flow.runtime.stand_in import StandIn  # noqa: PLC0415 - it loads the SDK

    return isinstance(provider, StandIn)


def joined_to(
    provider: TracerProvider,
    intake: "Intake",
    wish: "Wish",
    on_successor: "Callable[[TracerProvider], bool]",
    *,
    is_own: bool,
) -> Joined:
    """Its own provider samples by the wish itself; of others the share is kept here, if no trace needs to be looked at."""
    from reev_flow.runtime.spans_out import SpansOut, keep_all  # noqa: PLC0415 - it loads the SDK

    keeps = keep_all if is_own or wish.share >= 1 or wish.looks_at_traces else wish.has_in_share
    processor = SpansOut(intake.queue, keeps=keeps, wants_unsampled=is_own and wish.looks_at_traces)
    return Joined(provider, processor, on_successor)


def processors_of(provider: object) -> tuple[object, ...] | None:
    """None when it does not show them."""
    holder = _holder_of(provider)
    return None if holder is None else tuple(holder._span_processors)  # noqa: SLF001 - see `leave`


def _holder_of(provider: object) -> Any:
    """What the SDK keeps span processors in, below wrappers of the provider and of its processors."""
    found: Any = provider
    for _ in range(DEEPEST):
        if isinstance(getattr(found, "_span_processors", None), tuple):
            return found
        names = ("_active_span_processor", "provider", "processor")
        found = next((inner for name in names if (inner := getattr(found, name, None)) is not None), None)
    return None
