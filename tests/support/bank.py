"""A service outside of the program that is tested: it takes payments over HTTP and remembers everything that was asked of it."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_SECONDS = 30


class Bank:
    """Takes a payment that comes again with its Idempotency-Key only once, and lists those it took.

    While it is `slow` it takes payments at once and answers later: whoever asks is left in the middle, with the money gone.
    """

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []  # every request, in order
        self.taken: list[dict[str, Any]] = []  # payments, each once
        self._numbers: dict[str, int] = {}
        self._quick = 0
        self._changed = threading.Condition()
        self._may_answer = threading.Event()
        self._may_answer.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/payments"

    def be_slow(self, *, after: int = 0) -> None:
        """From the payment on that comes after so many."""
        self._quick = after
        self._may_answer.clear()

    def be_quick(self) -> None:
        self._may_answer.set()

    def wait_until_asked(self, times: int, *, by: subprocess.Popen[str]) -> None:
        """Gives up when the process that should ask has ended."""
        with self._changed:
            for _ in range(PATIENCE_SECONDS):
                if self._changed.wait_for(lambda: len(self.asked) >= times, 1) or by.poll() is not None:
                    break
        assert len(self.asked) >= times, f"the process (exit code {by.poll()}) asked {self.asked}"

    def take(self, key: str, payment: dict[str, Any]) -> int:
        """The number of the payment."""
        with self._changed:
            self.asked.append(payment)
            if key not in self._numbers:
                self.taken.append(payment)
                self._numbers[key] = len(self.taken)
            self._changed.notify_all()
            number = self._numbers[key]
            is_quick = len(self.asked) <= self._quick
        if not is_quick:
            self._may_answer.wait(PATIENCE_SECONDS)
        return number

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bank = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payment = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = bank.take(self.headers.get("Idempotency-Key") or f"none {id(payment)}", payment)
                self._answer({"payment": number})

            def do_GET(self) -> None:
                self._answer([{**payment, "payment": number} for number, payment in enumerate(bank.taken, start=1)])

            def _answer(self, what: Any) -> None:
                answer = json.dumps(what).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    return  # whoever asked is gone

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
                return

        return Handler

    @contextmanager
    def open(self) -> Iterator["Bank"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.be_quick()
            self._server.shutdown()
            thread.join()
            self._server.server_close()
