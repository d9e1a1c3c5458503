"""A session whose steps are played by a cast."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Self

from reev_flow.chaos.between_steps import in_flow
from reev_flow.chaos.cast import Cast
from reev_flow.chaos.sights import Seen
from reev_flow.flows.code import Flow
from reev_flow.flows.effects import OnInterrupt, declared
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.step_call import facts_of, is_coroutine_function
from reev_flow.sessions.journal import Effect


class WatchedSession(SessionHandle):
    """The session that a flow was given, but for who plays its steps."""

    __slots__ = ("_cast",)

    _cast: Cast

    @classmethod
    def of(cls, session: SessionHandle, cast: Cast) -> Self:
        watched = cls(session._work, on_interrupt=session._on_interrupt)  # noqa: SLF001 - its subclass
        watched._main = session._main  # noqa: SLF001 - as above
        watched._cast = cast
        cast.sights.note(Seen.TRACE, session.trace_id)
        return watched

    def step(
        self,
        function: Callable[..., Any],
        *args: Any,
        name: str | None = None,
        on_interrupt: OnInterrupt | None = None,
        **options: Any,
    ) -> Coroutine[Any, Any, Any]:
        facts = facts_of(function)
        name = name or facts.name
        names = (facts.name, name)
        said = on_interrupt or facts.on_interrupt or self._on_interrupt
        effect = declared(name, said).effect
        player = self._cast.player(function, names, effect)
        if effect is Effect.PROBE and self._cast.has_stub(names):
            said = Effect.ASK  # the probe would look where nothing happened; the ledger knows
        return super().step(player, *args, name=name, on_interrupt=said, **options)

    def _call(self, name: str, key: object) -> str:
        identity = super()._call(name, key)
        if key is None:
            self._cast.sights.note(Seen.CALLED, identity)
        return identity


def watched_flow(flow: Flow[Any, Any], cast: Cast) -> Flow[Any, Any]:
    """The same flow to whoever looks at its name, its code and its parameters."""
    function = flow.function

    @wraps(function)
    def watched(session: Any, *args: Any, **kwargs: Any) -> Any:
        session.handle = WatchedSession.of(session.handle, cast)  # a blocking one only hands over
        in_flow.set(True)
        return function(session, *args, **kwargs)

    @wraps(function)
    async def watched_in_loop(session: SessionHandle, *args: Any, **kwargs: Any) -> Any:
        in_flow.set(True)
        return await function(WatchedSession.of(session, cast), *args, **kwargs)

    inner = watched_in_loop if is_coroutine_function(function) else watched
    return Flow(inner, name=flow.name, on_interrupt=flow.on_interrupt)
