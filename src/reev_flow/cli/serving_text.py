"""What `reev-flow serve` says: where it listens, where it keeps things, and how to send to it."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from reev_flow.cli.session_store import IN_MEMORY
from reev_flow.render.printable import printable
from reev_flow.server.options import ServerOptions, Whereabouts

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - said to people, not bound to
LABEL_WIDTH = 7


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of a server that has begun. `store` is how it was named, `location` where it is."""

    options: ServerOptions
    whereabouts: Whereabouts
    store: str
    location: str


def serving_text(told: Told) -> str:
    return "".join(f"{label:<{LABEL_WIDTH}}{printable(line)}\n" for label, line in _lines(told))


def serving_document(told: Told) -> dict[str, Any]:
    return {
        "http": _http_url(told),
        "grpc": _grpc_url(told),
        "store": told.location,
        "environment": _environment(told, is_token_shown=False),
    }


def stopped_text(accepted: int, rejected: int) -> str:
    lost = f", {rejected:,} not kept" if rejected else ""
    return f"stopped; {accepted:,} spans and log records taken in{lost}"


def _lines(told: Told) -> Iterator[tuple[str, str]]:
    yield "http", f"{_http_url(told)}  (/v1/traces, /v1/logs; /health, /ready, /metrics)"
    yield "grpc", _grpc_url(told) or "off"
    yield "store", "in memory; it is gone when this ends" if told.store == IN_MEMORY else told.location
    for number, (name, value) in enumerate(_environment(told, is_token_shown=True).items()):
        yield "" if number else "send", f"export {name}={shlex.quote(value)}"
    yield "read", f"reev-flow runs list --store {shlex.quote(told.store)}"
    yield "stop", "Ctrl-C"


def _environment(told: Told, *, is_token_shown: bool) -> Mapping[str, str]:
    """For programs that send."""
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": _http_url(told), "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    if told.options.token:
        token = quote(told.options.token) if is_token_shown else "TOKEN"
        settings["OTEL_EXPORTER_OTLP_HEADERS"] = f"authorization=Bearer%20{token}"
    return settings


def _http_url(told: Told) -> str:
    return f"http://{_reachable(told)}:{told.whereabouts.http_port}"


def _grpc_url(told: Told) -> str | None:
    port = told.whereabouts.grpc_port
    return None if port is None else f"http://{_reachable(told)}:{port}"


def _reachable(told: Told) -> str:
    """From the same machine."""
    address = ANY_ADDRESS.get(told.whereabouts.address, told.whereabouts.address)
    return f"[{address}]" if ":" in address else address
