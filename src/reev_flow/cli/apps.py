"""The user's own code, as `--app` and `--tools` name it."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reev_flow.errors import ReevFlowError, UnknownFlow
from reev_flow.flows.code import find_flow
from reev_flow.settings.surroundings import current_folder


class NoApp(ReevFlowError):
    """Nothing says what code is to be run."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted

    def __str__(self) -> str:
        return f"nothing says {self.wanted}; name it with --app module:name, or --app path/to/file.py:name"


class WrongApp(ReevFlowError):
    """Code of another kind than wanted."""

    def __init__(self, app: str, details: str, advice: str) -> None:
        super().__init__(app, details, advice)
        self.app = app
        self.details = details
        self.advice = advice

    def __str__(self) -> str:
        return f"--app {self.app}: {self.details}; {self.advice}"


def load_app(app: str) -> Any:
    """What `module:name` or `path/to/file.py:name` stands for. Modules of the current folder, and of the file's own, are found."""
    search_current_folder()
    place, _, _ = app.rpartition(":")
    if place.endswith(".py"):
        _search(Path(place).absolute().parent)
    try:
        return find_flow(app)
    except SystemExit as ended:
        details = f"importing it ended the program (exit code {ended.code})"
        raise UnknownFlow(app, f'{details}, what it runs belongs below `if __name__ == "__main__":`') from ended


def load_tools(tools: str) -> Mapping[str, Any]:
    found = load_app(tools)
    if not isinstance(found, Mapping):
        raise WrongApp(tools, f"a {type(found).__name__}", "--tools wants a mapping from names to functions")
    return found


def search_current_folder() -> None:
    """A script finds the modules beside it, and so does what is run from their folder."""
    folder = current_folder()
    if folder is not None:
        _search(folder)


def _search(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
