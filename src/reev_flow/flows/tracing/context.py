"""Which OpenTelemetry span is the current one, entered and left so that an early exit leaves nothing behind.

OpenTelemetry's own way is a token that must be given back where it was taken. A generator that is left early is closed somewhere
else, and then that fails and logs an error each time. Here the former context is put back instead, and only where it is still missing.
"""

from opentelemetry.context import Context, attach, create_key, get_current
from opentelemetry.trace import INVALID_SPAN, Span, SpanContext, get_current_span, set_span_in_context

_HELD = create_key("reev_flow_held")
(_SPAN,) = set_span_in_context(INVALID_SPAN, Context())  # where OpenTelemetry keeps the current span


class Held:
    """A span that is current until it is let go."""

    __slots__ = ("_before", "is_over")

    def __init__(self, span: Span, before: Context) -> None:
        """`before` is the living context that the span belongs into."""
        self._before = before
        self.is_over = False
        attach(Context({**before, _SPAN: span, _HELD: self}))  # both at once, since each would copy all

    def let_go(self) -> None:
        """Nothing happens to whoever has made another span current, or calls from where this one never was."""
        self.is_over = True
        if get_current().get(_HELD) is self:
            attach(living(self._before))

    @property
    def before(self) -> Context:
        return self._before


def living_context() -> Context:
    """What a new span belongs into."""
    return living(get_current())


def surrounding() -> SpanContext | None:
    """Of the span that a tracer of ours began around whoever asks, in this process."""
    if not isinstance(get_current().get(_HELD), Held):
        return None
    context = get_current_span(living_context()).get_span_context()
    return context if context.is_valid and not context.is_remote else None


def living(context: Context) -> Context:
    """The context, or the nearest one around it whose span was not let go yet: spans of generators may end in any order."""
    held = context.get(_HELD)
    while isinstance(held, Held) and held.is_over:
        context = held.before
        held = context.get(_HELD)
    return context
