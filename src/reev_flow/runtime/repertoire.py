"""Which code a worker has for which session."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reev_flow.errors import SessionError
from reev_flow.flows.code import Flow, entry_point_of
from reev_flow.flows.plans.executor import FlowExecutor
from reev_flow.sessions.data import SessionData


class Repertoire:
    """Flows by the name that people use, so that a session is found whose code has moved; what runs the steps of plans by where it is."""

    def __init__(self, code: Iterable[Any], tools: Mapping[str, Callable[..., Any]] | None = None) -> None:
        """Each of `code` is a `@flow`, a function that runs the steps of plans, or an executor that has one. Raises `SessionError` when two
        flows have one name.
        """
        self.tools = tools
        self._flows: dict[str, Flow[..., Any]] = {}
        self._runners: dict[str, Any] = {}
        for one in code:
            if isinstance(one, Flow):
                self._add(one)
            else:
                self._runners[entry_point_of(one.run_step if isinstance(one, FlowExecutor) else one)] = one

    def _add(self, flow: Flow[..., Any]) -> None:
        other = self._flows.setdefault(flow.name, flow)
        if other is not flow:
            places = f"{other.entry_point} and {flow.entry_point}"
            raise SessionError(
                f"two flows are called {flow.name!r} ({places}); rename one, or give it a worker of its own"
            )

    @property
    def flows(self) -> tuple[str, ...]:
        return tuple(self._flows)

    def code_for(self, session: SessionData) -> Any:
        """None when it has none. A single function that runs steps does so for every plan."""
        if not session.definition:
            return self._flows.get(session.flow)
        if session.entry_point in self._runners:
            return self._runners[session.entry_point]
        return next(iter(self._runners.values())) if len(self._runners) == 1 else None
