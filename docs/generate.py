"""Writes the reference pages from the code; with --check, says which are out of date and writes nothing."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

import reev_flow
from reev_flow.render.document import schema
from reev_flow.settings import SETTINGS

REFERENCE = Path(__file__).parent / "reference"
COMMANDS = (
    (),
    ("analyze",),
    ("check",),
    ("diagram",),
    ("runs",),
    ("runs", "list"),
    ("runs", "show"),
    ("config",),
    ("demo",),
)


def api_page() -> str:
    parts = ["# Python names", "", "Everything that `from reev_flow import …` offers; anything else may move.", ""]
    for name in reev_flow.__all__:
        parts += _api_entry(name, getattr(reev_flow, name))
    return "\n".join(parts)


def _api_entry(name: str, value: object) -> list[str]:
    entry = [f"## `{name}`", "", inspect.getdoc(value) or "", ""]
    members = _public_members(value) if inspect.isclass(value) else []
    signature = _signature(name, value)
    if signature:
        entry += [
            "```python",
            signature,
            *(_signature(member, getattr(value, member)) for member in members),
            "```",
            "",
        ]
    for member in members:
        told = inspect.getdoc(getattr(value, member))
        if told:
            entry += [f"**`{member}`**: {told}", ""]
    return entry


def _public_members(value: type) -> list[str]:
    return [name for name, member in vars(value).items() if not name.startswith("_") and inspect.isfunction(member)]


def _signature(name: str, value: object) -> str:
    if inspect.isclass(value) and issubclass(value, BaseException):
        return ""
    return f"{name}{inspect.signature(value)}" if callable(value) else ""


def command_page() -> str:
    parts = ["# The command", "", "What `reev-flow … --help` says.", ""]
    for command in COMMANDS:
        words = " ".join(("reev-flow", *command))
        parts += [f"## `{words}`", "", "```text", _help(command), "```", ""]
    return "\n".join(parts)


def _help(command: tuple[str, ...]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "reev_flow", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "100", "NO_COLOR": "1", "PATH": "", "PYTHONIOENCODING": "utf-8"},
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def settings_page() -> str:
    parts = [
        "# Settings",
        "",
        "The environment wins over `reev-flow.toml` (searched from the current folder upwards), the file over the default.",
        "",
    ]
    parts += ["| variable | in the file | default | means |", "|---|---|---|---|"]
    for setting in SETTINGS:
        variables = ", ".join(f"`{variable}`" for variable in setting.variables) or "none"
        default = msgspec.json.encode(setting.default).decode()
        parts.append(f"| {variables} | `[{setting.table}]` `{setting.key}` | `{default}` | {setting.meaning} |")
    return "\n".join([*parts, ""])


def schema_page() -> str:
    return msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode() + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "command.md": command_page,
    "settings.md": settings_page,
    "document.schema.json": schema_page,
}


def main() -> int:
    check = "--check" in sys.argv[1:]
    stale = []
    for name, make in PAGES.items():
        path = REFERENCE / name
        text = make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    if check and stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}; `make docs` writes them again\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
