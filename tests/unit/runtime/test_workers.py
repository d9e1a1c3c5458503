"""Whether a worker of the same machine is still there."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from reev_flow.runtime import workers
from reev_flow.runtime.workers import is_gone, told_worker, worker_name
from support.processes import pid_of_nobody

only_with_proc = pytest.mark.skipif(not Path("/proc/self/ns").is_dir(), reason="there is no /proc")


def named(**parts: str) -> str:
    """The name of the worker here, with other parts."""
    machine, pid, began, nonce = worker_name("x").split("/")
    return "/".join(({"machine": machine, "pid": pid, "began": began, "nonce": nonce} | parts).values())


def test_a_worker_that_is_there_is_not_gone():
    assert not is_gone(worker_name("x"))


def test_a_worker_of_this_machine_is_told_by_its_process():
    assert told_worker(worker_name("x")) == f"process {os.getpid()} of this machine"


@pytest.mark.parametrize("name", ["", "worker-1", "elsewhere/17/23/x", "a/b"])
def test_other_workers_are_told_as_they_are_called(name: str):
    assert told_worker(name) == name


def test_two_workers_of_one_process_have_different_names():
    assert worker_name("x") != worker_name("y")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no asking for a process")
def test_a_worker_whose_process_ended_is_gone():
    assert is_gone(named(pid=pid_of_nobody()))


@only_with_proc
def test_a_worker_whose_process_id_was_given_to_another_is_gone():
    assert is_gone(named(began="1"))


@only_with_proc
def test_a_process_that_ended_and_was_not_waited_for_is_gone():
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert child.stdout is not None
    name = named(pid=str(child.pid), began=workers._began(child.pid) or "")
    child.stdout.read()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    gone = is_gone(name)
    child.stdout.close()
    child.wait()
    assert gone


def test_a_worker_of_another_machine_is_never_known_to_be_gone():
    assert not is_gone(named(machine="elsewhere", pid="1", began="1"))


def test_a_worker_that_did_not_know_when_it_began_is_not_gone_while_its_process_id_is_taken():
    assert not is_gone(named(began="-"))


@pytest.mark.parametrize("name", ["", "worker", "a/b/c/d", "a/1/2", "a/b/c/d/e"])
def test_a_name_of_another_kind_says_nothing(name):
    assert not is_gone(name)


@pytest.mark.parametrize("pid", ["", "-1", "one", "1.5"])
def test_a_process_id_that_is_none_says_nothing(pid):
    assert not is_gone(named(pid=pid))


@pytest.mark.parametrize("pid", ["0", str(2**31), str(2**63), str(10**30)])
def test_a_process_id_that_no_machine_gives_stops_nobody(pid):
    assert is_gone(named(pid=pid)) in {True, False}


def test_where_nothing_is_known_of_processes_names_still_differ(monkeypatch):
    monkeypatch.setattr(workers, "_stat", lambda _: [])
    name = worker_name("x")
    assert name.split("/")[2] == "-"
    assert not is_gone(name)


def test_without_proc_the_machine_is_its_name(monkeypatch):
    monkeypatch.setattr(Path, "read_text", no_such_file)
    assert worker_name("x").split("/")[0] == socket.gethostname().replace("/", "_")


def no_such_file(*_: object, **__: object) -> str:
    raise FileNotFoundError


def test_on_windows_nobody_is_known_to_be_gone(monkeypatch):
    name = named(pid=pid_of_nobody())
    monkeypatch.setattr(sys, "platform", "win32")
    assert not is_gone(name)


def test_a_process_of_somebody_else_is_there(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert not is_gone(worker_name("x"))
