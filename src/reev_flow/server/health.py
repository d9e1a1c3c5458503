"""Whether the server lives, whether it can work, and what it has counted."""

import asyncio
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reev_flow.errors import StoreError
from reev_flow.server.intake import Intake
from reev_flow.server.prometheus import CONTENT_TYPE, exposition
from reev_flow.sessions.acknowledgement import awaited
from reev_flow.trace.store import TraceQuery, TraceStore
from reev_flow.version import __version__

PATIENCE_SECONDS = 2.0


def health_routes(intake: Intake, store: TraceStore) -> list[Route]:
    return [
        Route("/health", _health, methods=["GET"]),
        Route("/ready", partial(_ready, intake, store), methods=["GET"]),
        Route("/metrics", partial(_metrics, intake), methods=["GET"]),
    ]


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok", "version": __version__})


async def _ready(intake: Intake, store: TraceStore, _: Request) -> Response:
    """It can when its store answers, and when what came in a moment ago could be stored."""
    why = "what came in a moment ago could not be stored" if intake.is_in_doubt else await _trouble_of(store)
    if why:
        return JSONResponse({"status": "not ready", "reason": why}, status_code=HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse({"status": "ready", "version": __version__})


async def _trouble_of(store: TraceStore) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await awaited(store.find(TraceQuery(limit=1)))
    except TimeoutError:
        return "the store does not answer in time"
    except StoreError as error:
        return f"the store cannot be read ({error.details})"
    return ""


async def _metrics(intake: Intake, _: Request) -> Response:
    return Response(exposition(intake.tallies, intake.held), headers={"Content-Type": CONTENT_TYPE})
