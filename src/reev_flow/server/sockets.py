"""Where the server listens: addresses that are free, and safe to listen on."""

import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack

import msgspec

from reev_flow.errors import ReevFlowError
from reev_flow.server.guard import is_loopback_address


class CannotListen(ReevFlowError):
    """An address that the server cannot have."""

    def __init__(self, address: str, details: str, advice: str) -> None:
        super().__init__(address, details, advice)
        self.address = address
        self.details = details
        self.advice = advice

    def __str__(self) -> str:
        return f"cannot listen on {self.address}: {self.details}; {self.advice}"


def addresses_of(host: str, token: str) -> tuple[str, ...]:
    """The addresses that a name stands for. Raises `CannotListen` for one that others can reach, unless there is a token."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a name"
        raise CannotListen(host or "''", f"no address has that name ({why})", "give --host an address") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not token and not are_loopback(addresses):
        advice = "give a token with --token or REEV_SERVER_TOKEN, or stay on 127.0.0.1"
        raise CannotListen(host, "others can reach it and nothing would keep them out", advice)
    return addresses


def are_loopback(addresses: Iterable[str]) -> bool:
    return all(is_loopback_address(address) for address in addresses)


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """Sockets that connections already come to; they are answered once somebody serves them."""

    addresses: tuple[str, ...]
    sockets: tuple[socket.socket, ...]

    @property
    def port(self) -> int:
        return port_of(self.sockets[0])

    @property
    def is_on_loopback(self) -> bool:
        return are_loopback(self.addresses)

    def close(self) -> None:
        for listening in self.sockets:
            listening.close()


def listen(host: str, port: int, token: str) -> Listening:
    """One socket for each address of the host, all of the same port; 0 takes a free one. Raises `CannotListen`."""
    addresses = addresses_of(host, token)
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in addresses:
            sockets.append(opened.enter_context(_listening(address, port)))
            port = port_of(sockets[0])
        opened.pop_all()
    return Listening(addresses=addresses, sockets=tuple(sockets))


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers have the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((address, port))
        listening.listen(2_048)
    except OSError as error:
        listening.close()
        raise CannotListen(shown(address, port), str(error.strerror), "name another with --port") from error
    return listening


def shown(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
