"""`reev-flow worker`: takes up the sessions of flows that nobody works on, until it is stopped."""

import asyncio
from typing import Annotated, Any

from cyclopts import Parameter, validators

from reev_flow.cli.apps import NoApp, WrongApp, load_app, load_tools
from reev_flow.cli.hints import Hints
from reev_flow.cli.managed import run_managed
from reev_flow.cli.options import Store, Tools
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY, NoStore
from reev_flow.cli.stop_signals import StopSignals
from reev_flow.cli.worker_lines import Teller, begun_line
from reev_flow.flows.code import Flow
from reev_flow.flows.plans.executor import FlowExecutor
from reev_flow.runtime.manager import SessionManager
from reev_flow.sessions.store import SessionStore

LEAST_POLL_SECONDS = 0.01
MOST_POLL_SECONDS = 3_600
FAREWELL = (
    "ended before every session was put down; another worker takes them up, at the latest when their leases run out"
)

Apps = Annotated[
    list[str] | None,
    Parameter(
        name="--app",
        help="Your code, as module:name or path/to/file.py:name: a @flow, or what runs the steps of plans. May be given several times.",
    ),
]
Concurrent = Annotated[
    int,
    Parameter(
        validator=validators.Number(gte=0, lte=1_000_000),
        help="How many sessions run at once. [default: the setting sessions.max_concurrent]",
        show_default=False,
    ),
]
Poll = Annotated[
    float,
    Parameter(
        validator=validators.Number(gte=LEAST_POLL_SECONDS, lte=MOST_POLL_SECONDS),
        help="Seconds between two looks into the store, at most, while there is room.",
    ),
]
Once = Annotated[bool, Parameter(help="End when there is nothing left to take up.")]
AsJsonLines = Annotated[bool, Parameter(help="Print a line of JSON for each thing that happens.")]


def worker(  # noqa: PLR0913 - options that are all given by name
    *,
    app: Apps = None,
    tools: Tools = None,
    concurrent: Concurrent = 0,
    poll: Poll = 1.0,
    once: Once = False,
    store: Store = None,
    json: AsJsonLines = False,
) -> int:
    """Take up the sessions of your flows that nobody works on, the one that waits longest first, until Ctrl-C or SIGTERM.

    Several workers may share a store, of this machine. Sessions of other flows are left alone.
    """
    if not app:
        raise NoApp("whose sessions to take up")
    code = [_runnable(one) for one in app]
    place = place_of(store)
    if place == IN_MEMORY:
        raise NoStore(place)
    given = None if tools is None else load_tools(tools)
    teller = Teller(Hints(store=store or ""), is_json=json)

    async def start(manager: SessionManager) -> None:
        working = manager.worker(*code, tools=given, poll_seconds=poll, tell=teller.hear)
        flows = tuple(dict.fromkeys(one.name for one in code if isinstance(one, Flow)))
        teller.begin(begun_line(manager.store.location, manager.config.max_concurrent, flows))
        await (working.work_off() if once else working.work())

    async def conclude(running: "asyncio.Task[None]", _: SessionStore, signals: StopSignals) -> int:
        if running.done() and not running.cancelled():
            running.result()
        teller.end()
        return teller.exit_code if signals.received is None else signals.exit_code

    try:
        return run_managed(place, start, conclude, on_no_end=FAREWELL, is_json=json, concurrent=concurrent)
    finally:
        teller.close()


def _runnable(app: str) -> Any:
    found = load_app(app)
    if not isinstance(found, Flow | FlowExecutor) and not callable(found):
        kind = type(found).__name__
        raise WrongApp(app, f"a {kind} is no code to run", "name a @flow, or a function that runs the steps of plans")
    return found
