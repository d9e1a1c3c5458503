"""The application behind the HTTP port: which rooms answer at which path."""

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from reev_flow.server.guard import Guard
from reev_flow.server.health import health_routes
from reev_flow.server.intake import Intake
from reev_flow.server.otlp_http import otlp_routes
from reev_flow.server.untraced import untraced
from reev_flow.trace.store import TraceStore


def build_application(intake: Intake, store: TraceStore, *, token: str = "", is_on_loopback: bool = True) -> ASGIApp:
    app = Starlette(routes=[*otlp_routes(intake), *health_routes(intake, store)])
    app.router.redirect_slashes = False  # senders do not follow
    return _Untraced(Guard(app, token=token, is_on_loopback=is_on_loopback))


class _Untraced:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with untraced():
            await self._app(scope, receive, send)
