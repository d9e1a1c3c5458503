"""Who may ask this server for anything: by the name they used for it, and by their token."""

import hmac
import ipaddress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from reev_flow.server import answers
from reev_flow.server.media_types import media_type_of
from reev_flow.server.refusals import Refused, missing_token

OWN_NAMES = frozenset(
    {
        "localhost",
        "host.docker.internal",  # by these, containers ask for the machine that they run on; nobody else can own them
        "gateway.docker.internal",
        "host.containers.internal",
        "host.lima.internal",
        "host.minikube.internal",
        "host.rancher-desktop.internal",
    }
)
OPEN_PATHS = frozenset({"/health", "/ready"})  # whoever looks after a process has no token


class Guard:
    """Lets requests through that may be answered.

    A page of a foreign website can have its own name point to this machine, and so speak to a server on loopback from a visitor's browser.
    The name stands in the Host header, which is why loopback answers to names of loopback only. A token keeps such pages out too.
    """

    def __init__(self, app: ASGIApp, *, token: str, is_on_loopback: bool) -> None:
        self._app = app
        self._token = token
        self._is_on_loopback = is_on_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = self._objection(scope) if scope["type"] == "http" else None
        if why is None:
            await self._app(scope, receive, send)
        else:
            answer = answers.refused(media_type_of(Headers(scope=scope).get("content-type", "")), why)
            await answer(scope, receive, send)

    def _objection(self, scope: Scope) -> Refused | None:
        headers = Headers(scope=scope)
        if self._is_on_loopback and not self._token and not names_loopback(headers.get("host", "")):
            return Refused(HTTPStatus.FORBIDDEN, "this server does not go by that name; ask for localhost or 127.0.0.1")
        if scope["path"] in OPEN_PATHS or is_entitled(headers.get("authorization", ""), self._token):
            return None
        return missing_token()


def is_entitled(authorization: str, token: str) -> bool:
    """Whether this header has the token; without a token everybody is. The time it takes tells nothing about the token."""
    scheme, _, given = authorization.partition(" ")
    return not token or (
        scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    )


def names_loopback(host: str) -> bool:
    """Whether a Host header names this machine as itself. A request without the header is from no browser."""
    name = host_name(host).rstrip(".").lower()
    return not host or name in OWN_NAMES or name.endswith(".localhost") or is_loopback_address(name)


def host_name(host: str) -> str:
    """Without port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def is_loopback_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
