"""What the file system says of a store's files."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

# Of the kinds of file systems that Linux names in /proc/mounts.
NETWORK = frozenset(
    (
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "glusterfs",
        "9p",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.gcsfuse",
    )
)
MOUNTS = Path("/proc/mounts")
SUFFIXES = ("", "-wal", "-shm")


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes, and when anything was written last."""

    database_bytes: int = 0
    log_bytes: int = 0
    changed_ns: int = 0


def files_of(path: Path) -> Files:
    found = {suffix: one.stat() for suffix in SUFFIXES if (one := path.with_name(f"{path.name}{suffix}")).exists()}
    database, log = found.get(""), found.get("-wal")
    return Files(
        database_bytes=database.st_size if database else 0,
        log_bytes=log.st_size if log else 0,
        changed_ns=max((one.st_mtime_ns for one in (database, log) if one), default=0),
    )


def _all(path: Path) -> Iterator[Path]:
    candidates = (
        path.parent,
        *(path.with_name(f"{path.name}{suffix}") for suffix in SUFFIXES),
        path.with_suffix(".high-water"),
    )
    return (one for one in (*candidates, path.with_suffix(".backups")) if one.exists())


def may_make(folder: Path) -> bool:
    """Whether something can be made in it."""
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def refused_writes(path: Path) -> list[Path]:
    return [one for one in _all(path) if not os.access(one, os.W_OK)]


def open_to_others(path: Path) -> list[Path]:
    """Files that users other than the owner may read. What is in a folder that they may not enter is safe from them."""
    if os.name == "nt" or not stat.S_IMODE(path.parent.stat().st_mode) & 0o011:
        return []
    return [one for one in _all(path) if one.is_file() and stat.S_IMODE(one.stat().st_mode) & 0o044]


def on_network_drive(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system; empty for a disk of this machine, and where nobody can know."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    found, kind = Path(), ""
    for line in lines:
        _, point, its_kind, *_ = line.split(" ")
        mounted = Path(point.replace("\\040", " "))
        if folder.resolve().is_relative_to(mounted) and len(mounted.parts) >= len(found.parts):
            found, kind = mounted, its_kind
    return kind if kind in NETWORK else ""


def free_for(folder: Path) -> int:
    """Bytes that are free for this user."""
    return shutil.disk_usage(folder).free
