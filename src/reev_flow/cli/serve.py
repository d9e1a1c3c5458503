"""`reev-flow serve`: takes in the spans that programs send, and keeps them."""

import asyncio
import os
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, validators

from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.serving_text import Told, serving_document, serving_text, stopped_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY
from reev_flow.cli.stop_signals import StopSignals
from reev_flow.clock import SystemClock
from reev_flow.errors import ReevFlowError
from reev_flow.server.limits import MIB, Limits
from reev_flow.server.options import GRPC_PORT, HTTP_PORT, LOOPBACK, ServerOptions
from reev_flow.settings import current_settings
from reev_flow.stores.urls import open_trace_store

TOKEN_VARIABLE = "REEV_SERVER_TOKEN"  # noqa: S105 - the name of one
FAREWELL = "stopped before everything that was under way was over; senders send again what was not acknowledged"
HIGHEST_PORT = 65_535

Port = validators.Number(gte=0, lte=HIGHEST_PORT)
Host = Annotated[str, Parameter(help="Address to listen on. One that others can reach needs a token.")]
HttpPort = Annotated[int, Parameter(validator=Port, help="Port for OTLP over HTTP; 0 takes a free one.")]
GrpcPort = Annotated[
    int | None,
    Parameter(validator=Port, help=f"Port for OTLP over gRPC; 0 takes a free one. [default: {GRPC_PORT}]"),
]
WithoutGrpc = Annotated[bool, Parameter(help="Do not listen for gRPC.")]
Token = Annotated[
    str | None, Parameter(help=f"What senders must show. [default: the variable {TOKEN_VARIABLE}, else nothing]")
]
MaxBodyMib = Annotated[
    int, Parameter(validator=validators.Number(gte=1, lte=1_024), help="The largest request, decompressed, in MiB.")
]


class MissingExtra(ReevFlowError):
    """A part of the package that was not installed."""

    def __init__(self, extra: str) -> None:
        super().__init__(extra)
        self.extra = extra

    def __str__(self) -> str:
        return f"this needs packages that are not installed; pip install 'reev-flow[{self.extra}]'"


def serve(  # noqa: PLR0913 - options that are all given by name
    *,
    host: Host = LOOPBACK,
    port: HttpPort = HTTP_PORT,
    grpc_port: GrpcPort = None,
    without_grpc: WithoutGrpc = False,
    token: Token = None,
    max_body_mib: MaxBodyMib = 64,
    store: Store = None,
    json: AsJson = False,
) -> int:
    """Take in spans and log records over OTLP, HTTP and gRPC, and keep them, until Ctrl-C or SIGTERM."""
    body_bytes = max_body_mib * MIB
    options = ServerOptions(
        host=host,
        http_port=port,
        grpc_port=None if without_grpc else _grpc_port(grpc_port),
        token=os.environ.get(TOKEN_VARIABLE, "") if token is None else token,
        limits=Limits(body_bytes=body_bytes, held_bytes=2 * body_bytes),
    )
    _require("server", "starlette", "uvicorn")
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it would tell of a taken port in a form of its own, beside ours
    with StopSignals(FAREWELL) as signals, _new_runner() as runner:
        return runner.run(_serve(options, _from_anywhere(place_of(store)), signals, is_json=json))


async def _serve(options: ServerOptions, place: str, signals: StopSignals, *, is_json: bool) -> int:
    from reev_flow.runtime.ingest import Ingest  # noqa: PLC0415 - what only this command needs is loaded by it alone
    from reev_flow.runtime.trace_retention import keep_within_for_ever  # noqa: PLC0415
    from reev_flow.server.intake import Intake  # noqa: PLC0415
    from reev_flow.server.running import Server  # noqa: PLC0415
    from reev_flow.server.sockets import listen  # noqa: PLC0415
    from reev_flow.settings.trace_keeping import redaction_of, trace_limits  # noqa: PLC0415

    listening = listen(options.host, options.http_port, options.token)
    waits = options.limits.store_seconds
    with closing(listening), closing(open_trace_store(place, busy_seconds=waits)) as traces:
        settings = current_settings()
        intake = Intake(Ingest(traces, redaction_of(settings)), options.limits, tell)
        server = Server(options, listening, intake, traces)
        forgetting = asyncio.create_task(
            keep_within_for_ever(traces, trace_limits(settings), SystemClock(), tell), name="retention"
        )
        try:
            whereabouts = await server.start()
            if not listening.is_on_loopback:
                tell("the token and everything else crosses the network readable to all; put TLS in front of it")
            _say(Told(options=options, whereabouts=whereabouts, store=place, location=traces.location), is_json=is_json)
            await signals.wait()
        finally:
            forgetting.cancel()
            await server.stop()
    tell(stopped_text(intake.tallies.accepted.total(), intake.tallies.rejected.total()))
    signals.farewell = ""
    return signals.exit_code


def _say(told: Told, *, is_json: bool) -> None:
    if is_json:
        write_document(**serving_document(told))
    else:
        write_text(serving_text(told))
    sys.stdout.flush()


def _from_anywhere(place: str) -> str:
    """The same place, named so that whoever reads from it may be in another folder."""
    is_folder = place != IN_MEMORY and "://" not in place
    return str(Path(place).expanduser().absolute()) if is_folder and place.strip() else place


def _grpc_port(asked_for: int | None) -> int | None:
    if find_spec("grpc") is not None:
        return GRPC_PORT if asked_for is None else asked_for
    if asked_for is not None:
        raise MissingExtra("grpc")
    return None


def _require(extra: str, *modules: str) -> None:
    if any(find_spec(module) is None for module in modules):
        raise MissingExtra(extra)


def _new_runner() -> "asyncio.Runner":
    """With the faster event loop where there is one."""
    if find_spec("uvloop") is None:
        return asyncio.Runner()
    uvloop: Any = __import__("uvloop")
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
