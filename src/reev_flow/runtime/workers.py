"""What a worker is called, such that another one on the same machine can tell whether it is still there."""

import os
import socket
import sys
from pathlib import Path

UNKNOWN = "-"
SEPARATOR = "/"


def worker_name(nonce: str) -> str:
    """The machine, the process, when the process began, and a word of its own."""
    return SEPARATOR.join((_machine(), str(os.getpid()), _began(os.getpid()) or UNKNOWN, nonce))


def told_worker(worker: str) -> str:
    """As a person would look for it: its process, where that is one of this machine."""
    parts = worker.split(SEPARATOR)
    return f"process {parts[1]} of this machine" if len(parts) == 4 and parts[0] == _machine() else worker


def is_gone(worker: str) -> bool:
    """Whether its process is surely no longer there. False for processes of other machines and containers, and when nobody can know."""
    parts = worker.split(SEPARATOR)
    if len(parts) != 4 or not parts[1].isdecimal() or parts[0] != _machine() or sys.platform == "win32":
        return False
    pid, began = int(parts[1]), parts[2]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    now = _began(pid)
    return _is_zombie(pid) or (began != UNKNOWN and now is not None and now != began)


def process_of(worker: str) -> str:
    """The part of its name that all workers of one process share."""
    return worker.rpartition(SEPARATOR)[0]


def _machine() -> str:
    """A name that two processes share only if they can see each other: a boot of one machine, and within it one space of process ids."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return socket.gethostname().replace(SEPARATOR, "_")
    return f"{boot}.{space}"


def _stat(pid: int) -> list[str]:
    """The fields after the command's name, which may hold anything; empty where there is no /proc."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _began(pid: int) -> str | None:
    """Clock ticks since boot, field 22 of proc(5)."""
    fields = _stat(pid)
    return fields[19] if len(fields) > 19 else None


def _is_zombie(pid: int) -> bool:
    return _stat(pid)[:1] == ["Z"]
