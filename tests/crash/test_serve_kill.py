"""A server that is killed, and one whose disk fills up: what was acknowledged is there, what was not can be sent again."""

import signal
import sys
from pathlib import Path

import pytest

from support.otlp_server import request_of
from support.serve_command import ServeCommand

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a test limit another process")


@pytest.mark.parametrize("requests", [1, 5, 40])
def test_what_was_acknowledged_is_there_after_a_kill(requests: int, tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        codes = [server.post(request_of(20, first=1 + 20 * number)).status_code for number in range(requests)]
        server.end(signal.SIGKILL)
    with ServeCommand(tmp_path) as server:
        assert codes == [200] * requests
        assert len(server.spans()) == 20 * requests
        assert server.post(request_of(1, first=5_000)).status_code == 200


@linux_only
def test_a_full_disk_is_no_end(tmp_path: Path):
    with ServeCommand(tmp_path) as server:
        first = server.post(request_of(20)).status_code
        server.limit_file_bytes(1_000_000)
        full = [server.post(request_of(100, first=100 * turn, text_bytes=20_000)).status_code for turn in range(1, 6)]
        is_ready = server.client.get("/ready").status_code
        server.limit_file_bytes(1_000_000_000)
        again = [server.post(request_of(100, first=100 * turn, text_bytes=20_000)).status_code for turn in range(1, 6)]

        assert (first, again) == (200, [200] * 5)
        assert set(full) <= {200, 503}
        assert full[-1] == 503
        assert is_ready == 503
        assert len(server.spans()) == 520
        assert server.errors.count("\n") == 2, "it failed, and it works again"
