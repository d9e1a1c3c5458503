"""What a module is called that another process is to find again."""

import sys
from pathlib import Path
from types import ModuleType

MAIN = "__main__"


def place_of(module: str) -> str:
    """Its name; for a script, which has none that means anything elsewhere, the path of its file."""
    if module != MAIN:
        return module
    main = sys.modules[MAIN]
    spec = getattr(main, "__spec__", None)
    path = getattr(main, "__file__", None)
    return spec.name if spec is not None else str(Path(path).resolve()) if path else module


def loaded_module(place: str) -> ModuleType | None:
    """The module of that name or file, if it is loaded, also when it is the script that runs."""
    if place in sys.modules:
        return sys.modules[place]
    main = sys.modules[MAIN]
    path = place_of(MAIN)
    if place in {path, Path(path).stem}:
        return main
    modules = [module for module in tuple(sys.modules.values()) if isinstance(module, ModuleType)]
    return next((module for module in modules if place.endswith(".py") and vars(module).get("__file__") == place), None)
