"""The loopback server that plays both the model's API and the tools' API of one scenario, and logs what it served."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stub_model
import stub_tools
from scenario import Reply, Scenario, Turn

HOST = "127.0.0.1"
PORT = 18711  # fixed, because instrumentations write server.port into the spans


@dataclass(kw_only=True)
class StubWorld:
    """One scenario being played. Counts are per model and per tool; every request is logged in order of arrival."""

    scenario: Scenario
    served_turns: list[tuple[str, Turn]] = field(default_factory=list)
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_turn(self, model: str) -> tuple[int, Turn] | None:
        with self.lock:
            number = sum(1 for name, _ in self.served_turns if name == model)
            script = self.scenario.turns.get(model, ())
            if number >= len(script):
                return None
            self.served_turns.append((model, script[number]))
            return number, script[number]

    def next_reply(self, tool: str, arguments: dict[str, Any], timeout_ms: int) -> Reply:
        with self.lock:
            number = sum(1 for entry in self.tool_calls if entry["name"] == tool)
            reply = stub_tools.reply_of(self.scenario, tool, number)
            is_ok = reply.status < 400 and reply.delay_ms < timeout_ms
            self.tool_calls.append({"name": tool, "arguments": arguments, "ok": is_ok})
            return reply


@contextmanager
def serve(scenario: Scenario) -> Iterator[StubWorld]:
    """Serve until the block ends; the port is free again afterwards."""
    world = StubWorld(scenario=scenario)
    server = ThreadingHTTPServer((HOST, PORT), _handler(world))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(world: StubWorld) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # no kept connection may reach a scenario that is over

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path.startswith("/tools/"):
                self._answer(*_play_tool(world, self.path.removeprefix("/tools/"), body, self.headers["x-timeout-ms"]))
            else:
                self._answer(*_play_model(world, self.path, body))

        def _answer(self, status: int, body: str) -> None:
            payload = body.encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True  # a tool that timed out hung up: it is the scenario

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the parent's name
            """Say nothing."""

    return Handler


def _play_tool(world: StubWorld, tool: str, arguments: dict[str, Any], timeout_ms: str) -> tuple[int, str]:
    reply = world.next_reply(tool, arguments, int(timeout_ms))
    time.sleep(reply.delay_ms / 1_000)
    return reply.status, reply.body or json.dumps(stub_tools.result_of(tool, arguments))


def _play_model(world: StubWorld, path: str, request: dict[str, Any]) -> tuple[int, str]:
    played = world.next_turn(request["model"])
    if played is None:
        return 400, json.dumps(
            {"error": {"message": "the script of this model is over", "type": "invalid_request_error"}}
        )
    number, turn = played
    time.sleep(turn.delay_ms / 1_000)
    answer = stub_model.response if path.endswith("/responses") else stub_model.chat_completion
    return 200, json.dumps(answer(request, number, turn))
