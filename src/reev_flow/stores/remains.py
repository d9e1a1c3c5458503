"""What still tells that there was a database where there is none now."""

from pathlib import Path


def remains_of(database: Path) -> list[Path]:
    """Its high-water mark, and the folder of its backups if there is one in it. Raises `OSError` when nobody may look."""
    mark, backups = database.with_suffix(".high-water"), database.with_suffix(".backups")
    return [*([mark] if mark.exists() else []), *([backups] if _has_copies(backups, database.stem) else [])]


def _has_copies(folder: Path, stem: str) -> bool:
    return folder.is_dir() and any(one.name.startswith(f"{stem}-") and one.suffix == ".db" for one in folder.iterdir())
