"""The application behind the HTTP port: which rooms answer at which path."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reev_flow.server import answers
from reev_flow.server.guard import Guard
from reev_flow.server.health import health_routes
from reev_flow.server.intake import Intake
from reev_flow.server.media_types import media_type_of
from reev_flow.server.otlp_http import otlp_routes
from reev_flow.server.refusals import Refused
from reev_flow.server.untraced import untraced
from reev_flow.trace.store import TraceStore

ADVICE = {
    HTTPStatus.NOT_FOUND: "nothing is here; spans go to /v1/traces, which OTEL_EXPORTER_OTLP_ENDPOINT has added to it",
    HTTPStatus.METHOD_NOT_ALLOWED: "this is not asked for in that way; send spans with POST",
}


def build_application(intake: Intake, store: TraceStore, *, token: str = "", is_on_loopback: bool = True) -> ASGIApp:
    routes = [*otlp_routes(intake), *health_routes(intake, store)]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _refuse})
    app.router.redirect_slashes = False  # senders do not follow
    return _Untraced(Guard(app, token=token, is_on_loopback=is_on_loopback))


async def _refuse(request: Request, error: Exception) -> Response:
    """In the encoding of the sender, and with what to do instead."""
    status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = error.headers if isinstance(error, HTTPException) else None
    why = Refused(status, ADVICE.get(status, status.phrase))
    answer = answers.refused(media_type_of(request.headers.get("content-type", "")), why)
    answer.headers.update(headers or {})
    return answer


class _Untraced:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with untraced():
            await self._app(scope, receive, send)
