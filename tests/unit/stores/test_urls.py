"""Which store a path or URL means."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from reev_flow.errors import StoreError
from reev_flow.stores.urls import open_session_store, open_trace_store, session_file


def test_a_folder_means_the_file_inside_it(tmp_path: Path):
    store = open_session_store(tmp_path / "logs" / "sessions")
    store.close()
    assert store.location == str(tmp_path / "logs" / "sessions" / "sessions.db")


def test_memory_means_a_new_store_each_time():
    one, other = open_session_store("memory:"), open_session_store("memory:")
    assert one is not other
    assert one.location == "memory:"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("sqlite:///kept/here.db", Path("kept/here.db")),
        ("sqlite:////var/lib/flows.db", Path("/var/lib/flows.db")),
        ("sqlite:///~/flows.db", Path.home() / "flows.db"),
        ("logs/sessions", Path("logs/sessions/sessions.db")),
        ("~/flows", Path.home() / "flows" / "sessions.db"),
        (".", Path("sessions.db")),
        ("C:/flows", Path("C:/flows/sessions.db")),
    ],
)
def test_a_place_means_a_file(place, expected):
    assert session_file(place) == expected


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://ann:secret@host/db",
        "mysql://h/d",
        "sqlite://x.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///x.db?mode=ro",
        "",
        " ",
    ],
)
def test_what_is_no_place_is_refused_with_the_ones_there_are(place):
    with pytest.raises(StoreError, match=r"use a folder, sqlite:///PATH .* or memory:"):
        open_session_store(place)


def test_a_refused_url_does_not_show_its_password():
    with pytest.raises(StoreError) as caught:
        open_session_store("postgresql://ann:secret@host/db")
    assert "secret" not in str(caught.value)


def test_a_file_where_a_folder_is_meant_is_refused_with_the_url_for_it(tmp_path: Path):
    file = tmp_path / "flows.db"
    file.touch()
    with pytest.raises(StoreError, match=f"sqlite:///{file}"):
        open_session_store(file)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("{folder}", "traces.db"),
        ("sqlite:///{folder}/sessions.db", "traces.db"),
        ("sqlite:///{folder}/shop.db", "shop.traces.db"),
        ("sqlite:///{folder}/shop", "shop.traces.db"),
    ],
)
def test_the_traces_of_a_place_stand_beside_its_sessions(place, expected, tmp_path):
    store = open_trace_store(place.format(folder=tmp_path))
    store.close()
    assert store.location == str(tmp_path / expected)


def test_two_places_in_one_folder_do_not_share_their_traces(tmp_path):
    stores = [open_trace_store(f"sqlite:///{tmp_path}/{name}.db") for name in ("shop", "bank")]
    for store in stores:
        store.close()
    assert len({store.location for store in stores}) == 2


def test_memory_means_new_traces_each_time():
    assert open_trace_store("memory:") is not open_trace_store("memory:")


def test_what_is_no_place_has_no_traces():
    with pytest.raises(StoreError, match=r"use a folder, sqlite:///PATH .* or memory:"):
        open_trace_store("mysql://h/d")


def test_another_process_is_waited_for_as_long_as_is_said(tmp_path):
    store = open_trace_store(tmp_path, busy_seconds=0.01)
    with closing(store), closing(apsw.Connection(str(tmp_path / "traces.db"))) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked" in str(store.forget("0af7651916cd43dd8448eb211c80319c").exception())
        other.execute("ROLLBACK")
