"""What is said about the place where sessions are kept."""

import shutil
import sys
from pathlib import Path

import pytest

from reev_flow.clock import SystemClock
from reev_flow.errors import InvalidSetting
from reev_flow.runtime import checkup
from reev_flow.runtime.checkup import Check, Level, check_place, check_settings
from reev_flow.runtime.file_checkup import on_network_drive
from reev_flow.runtime.workers import worker_name
from reev_flow.sessions.config import SessionConfig
from reev_flow.stores.sqlite.restoring import restore_store
from support.backed_up import made, names_in, open_store
from support.processes import pid_of_nobody
from support.session_stores import DAMAGES, change
from support.sessions import Run, new_session

NO_BACKUPS = SessionConfig(backup_enabled=False)
CLOCK = SystemClock()


def checked(folder: Path, config: SessionConfig | None = None) -> list[Check]:
    return list(check_place(str(folder), config or SessionConfig(), CLOCK))


def told(checks: list[Check], level: Level) -> str:
    return "\n".join(f"{one.subject}: {one.told}; {one.advice}" for one in checks if one.level is level)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a closed store with a session and a backup of it."""
    store = open_store(tmp_path / "store")
    Run(store).end()
    store.back_up().result()
    store.close()
    return tmp_path / "store"


def test_all_is_well_with_a_store_that_is_well(folder):
    checks = checked(folder)
    assert {one.level for one in checks} == {Level.OK}
    assert {one.subject for one in checks} == {"store", "disk", "sessions", "workers", "backups"}


def test_nothing_is_made_where_there_is_nothing(tmp_path):
    checks = checked(tmp_path / "nowhere")
    assert "nothing was kept" in told(checks, Level.OK)
    assert not (tmp_path / "nowhere").exists()


def test_looking_changes_nothing(folder):
    before = names_in(folder), (folder / "sessions.db").read_bytes()
    checked(folder)
    assert (names_in(folder), (folder / "sessions.db").read_bytes()) == before


def test_a_store_that_is_gone_is_a_problem(folder):
    (folder / "sessions.db").unlink()
    assert "is gone, and what is kept beside it says that it was there; `reev-flow sessions restore --latest`" in told(
        checked(folder), Level.PROBLEM
    )


def test_a_store_of_which_only_backups_are_left_is_gone_too(folder):
    (folder / "sessions.db").unlink()
    (folder / "sessions.high-water").unlink()
    assert "is gone, and what is kept beside it says that it was there" in told(checked(folder), Level.PROBLEM)


def test_a_mark_that_is_gone_is_worth_a_warning(folder):
    (folder / "sessions.high-water").unlink()
    assert "its high-water mark is gone" in told(checked(folder), Level.WARNING)


def test_a_store_that_cannot_be_read_has_no_sum(folder):
    (folder / "sessions.db").write_bytes(b"nonsense" * 1_000)
    assert told(checked(folder), Level.PROBLEM).count("\n") == 0


def test_where_nothing_can_be_made_is_a_problem(tmp_path):
    (tmp_path / "file").touch()
    problems = told(list(check_place(f"sqlite:///{tmp_path}/file/sessions.db", SessionConfig(), CLOCK)), Level.PROBLEM)
    assert f"nothing can be made in {tmp_path / 'file'}" in problems


def test_a_name_that_no_file_can_have_is_a_problem(tmp_path):
    assert "may not be looked at" in told(checked(tmp_path / ("x" * 300)), Level.PROBLEM)


def test_a_folder_of_backups_that_is_none_is_a_problem(folder):
    shutil.rmtree(folder / "sessions.backups")
    (folder / "sessions.backups").touch()
    checks = checked(folder)
    assert "Not a directory" in told(checks, Level.PROBLEM)
    assert "1 sessions with" in told(checks, Level.OK)


def test_backups_that_may_not_be_listed_are_one_problem_among_the_rest(folder, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("reev_flow.stores.sqlite.backup_files.BackupFolder._numbered", refuse)
    monkeypatch.setattr(checkup, "remains_of", refuse)
    checks = checked(folder)
    assert "Permission denied" in told(checks, Level.PROBLEM)
    assert "1 sessions with" in told(checks, Level.OK)


def test_what_may_not_be_listed_is_a_problem_and_the_rest_is_told(folder, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checkup, "open_to_others", refuse)
    checks = checked(folder)
    assert "store: may not be looked at" in told(checks, Level.PROBLEM)
    assert "1 sessions with" in told(checks, Level.OK)


def test_a_backup_of_nothing_is_a_problem(folder):
    (backup,) = (folder / "sessions.backups").glob("*.db")
    backup.write_bytes(b"")
    assert "backups: the newest is not sound" in told(checked(folder), Level.PROBLEM)


def test_what_a_killed_copy_left_is_told(folder):
    (folder / "sessions.backups" / "sessions-000009.db.part").write_bytes(b"half")
    assert "1 files of a copy or a restore" in told(checked(folder), Level.OK)


def test_a_large_store_is_at_least_looked_at(folder, monkeypatch):
    monkeypatch.setattr(checkup, "MOST_BYTES_READ_WHOLE", 0)
    with (folder / "sessions.db").open("r+b") as file:
        file.truncate(40_000)
    assert "the file is damaged" in told(checked(folder), Level.PROBLEM)


def test_a_damaged_session_is_a_problem_and_says_where_it_can_be_had(folder):
    change(folder / "sessions.db", DAMAGES["its contents"], "s-1")
    problems = told(checked(folder), Level.PROBLEM)
    assert "`reev-flow sessions restore --latest s-1` brings it back" in problems
    assert "1 damaged; `reev-flow sessions verify` names them all" in problems


def test_commits_that_are_gone_are_a_problem(folder):
    copy = made(open_and_back_up(folder))
    store = open_store(folder)
    store.free("nobody").result()
    Run(store, new_session("s-9"))
    store.close()
    (folder / "sessions.db").write_bytes(copy.read_bytes())
    assert "acknowledged commits are gone" in told(checked(folder), Level.PROBLEM)


def open_and_back_up(folder: Path):
    store = open_store(folder)
    Run(store, new_session("s-8"))
    copy = store.back_up().result()
    store.close()
    return copy


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
def test_files_that_others_may_read_are_worth_a_warning(folder):
    folder.chmod(0o755)
    (folder / "sessions.db").chmod(0o644)
    assert "others may read" in told(checked(folder), Level.WARNING)
    folder.chmod(0o700)
    assert "others may read" not in told(checked(folder), Level.WARNING)


def test_files_that_may_not_be_written_are_a_problem(folder, monkeypatch):
    monkeypatch.setattr("reev_flow.runtime.file_checkup.os.access", lambda path, _: path.name != "sessions.db")
    assert "sessions.db may not be written; chmod or chown it" in told(checked(folder), Level.PROBLEM)


def test_a_worker_that_is_gone_is_worth_a_warning(folder):
    store = open_store(folder)
    Run(store, new_session("left"))
    store.claim("left", gone_worker(), 600).result()
    store.close()
    assert "the worker of left is gone; `reev-flow worker" in told(checked(folder), Level.WARNING)


def gone_worker() -> str:
    machine, _, began, nonce = worker_name("nonce").split("/")
    return f"{machine}/{pid_of_nobody()}/{began}/{nonce}"


def test_no_backup_is_worth_a_warning(tmp_path):
    store = open_store(tmp_path)
    Run(store)
    store.close()
    assert "backups: there is none" in told(checked(tmp_path), Level.WARNING)


def test_backups_that_are_switched_off_are_worth_a_warning(folder):
    assert "backups: are switched off" in told(checked(folder, NO_BACKUPS), Level.WARNING)


def test_a_backup_that_is_behind_is_worth_a_warning(folder):
    store = open_store(folder)
    Run(store, new_session("later")).end()
    store.close()
    assert "much was written since" in told(checked(folder, SessionConfig(backup_interval_seconds=1e-6)), Level.WARNING)


def test_a_damaged_backup_is_a_problem(folder):
    (backup,) = (folder / "sessions.backups").glob("*.db")
    backup.write_bytes(b"nonsense" * 100)
    assert "the newest is not sound" in told(checked(folder), Level.PROBLEM)


def test_a_backup_with_a_damaged_session_is_a_problem(folder):
    (backup,) = (folder / "sessions.backups").glob("*.db")
    change(backup, DAMAGES["its contents"], "s-1")
    assert "1 sessions in" in told(checked(folder), Level.PROBLEM)


def test_what_a_restore_put_aside_is_told(folder):
    (backup,) = (folder / "sessions.backups").glob("*.db")
    restore_store(backup, folder / "sessions.db", CLOCK)
    assert "before-restore" in told(checked(folder), Level.OK)


def test_a_large_store_is_not_read_whole(folder, monkeypatch):
    monkeypatch.setattr(checkup, "MOST_BYTES_READ_WHOLE", 10)
    assert "`reev-flow sessions verify` reads all of it" in told(checked(folder), Level.OK)


def test_a_disk_that_is_nearly_full_is_worth_a_warning(folder, monkeypatch):
    monkeypatch.setattr(checkup, "LEAST_FREE_BYTES", 2**62)
    assert "make room" in told(checked(folder), Level.WARNING)


def test_a_log_that_nobody_merges_is_worth_a_warning(folder, monkeypatch):
    monkeypatch.setattr(checkup, "LONG_LOG_BYTES", -1)
    assert "somebody reads" in told(checked(folder), Level.WARNING)


def test_a_network_drive_is_a_problem(folder, monkeypatch):
    monkeypatch.setattr(checkup, "on_network_drive", lambda _: "nfs4")
    assert "is on a network drive (nfs4)" in told(checked(folder), Level.PROBLEM)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/home/ann/store", "nfs4"), ("/home/local/store", ""), ("/mnt/my drive/x", "cifs"), ("/x", "")],
)
def test_the_drive_of_a_folder_is_the_one_that_is_mounted_closest_to_it(folder, kind, tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/vdb /home/local xfs rw 0 0\n"
        "//server/x /mnt/my\\040drive cifs rw 0 0\n"
    )
    assert on_network_drive(Path(folder), mounts) == kind


def test_where_nobody_knows_what_is_mounted_nothing_is_said(tmp_path):
    assert on_network_drive(Path("/x"), tmp_path / "nowhere") == ""


def test_settings_that_cannot_be_read_are_a_problem():
    wrong = InvalidSetting("REEV_X", "x", "a number", source="environment")
    assert "is not a number" in told(list(check_settings({}, wrong)), Level.PROBLEM)


def test_a_variable_that_is_no_setting_is_worth_a_warning():
    variables = {"REEV_SESION_STORE_PATH": "x", "REEV_SESSION_STORE_PATH": "y", "PATH": "z"}
    assert told(list(check_settings(variables, SessionConfig())), Level.WARNING).count("is no setting") == 1
