"""Every contract test is run with every kind of store that is not excused from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reev_flow.sessions.store import SessionStore
from reev_flow.trace.store import TraceStore
from support.excuses import kinds_for
from support.session_stores import BACKENDS, Backend
from support.trace_stores import TRACE_BACKENDS, TraceBackend


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture, kinds in {"backend": list(BACKENDS), "trace_backend": list(TRACE_BACKENDS)}.items():
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, kinds_for(metafunc.function.__name__, kinds), indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return BACKENDS[request.param](tmp_path)


@pytest.fixture
def store(backend: Backend) -> Iterator[SessionStore]:
    opened = backend.open()
    yield opened
    opened.close()


@pytest.fixture
def trace_backend(request: pytest.FixtureRequest, tmp_path: Path) -> TraceBackend:
    return TRACE_BACKENDS[request.param](tmp_path)


@pytest.fixture
def traces(trace_backend: TraceBackend) -> Iterator[TraceStore]:
    opened = trace_backend.open()
    yield opened
    opened.close()
