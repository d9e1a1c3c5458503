"""The newest runs of a store, as commands read them."""

from contextlib import closing
from pathlib import Path

from reev_flow.cli.inputs import latest_runs
from reev_flow.runtime.ingest import Ingest
from reev_flow.stores.urls import open_trace_store
from support.otlp_server import request_of

FIRST, SECOND = f"{1:032x}", f"{2:032x}"


def test_one_is_read_after_the_other(tmp_path: Path):
    """All of them together may be more than memory holds."""
    with closing(open_trace_store(tmp_path)) as store:
        for trace_id in (FIRST, SECOND):
            Ingest(store).traces(request_of(3, trace_id=trace_id), is_json=False).result()
        latest = latest_runs(2, store=str(tmp_path))
        trace, _, _ = next(latest)
        store.forget(SECOND).result()

        assert trace.trace_id == FIRST
        assert list(latest) == []
