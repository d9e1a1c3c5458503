"""Writes the reference pages from the code; with --check, says which are out of date and writes nothing."""

import ast
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import msgspec
from cyclopts import App
from dialects_page import dialects_page

import reev_flow
from reev_flow.cli import app, run
from reev_flow.render.comparison_document import comparison_schema
from reev_flow.render.document import schema
from reev_flow.render.what_if_document import what_if_schema
from reev_flow.settings import SETTINGS

REFERENCE = Path(__file__).parent / "reference"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def api_page() -> str:
    parts = ["# Python names", "", "Everything that `from reev_flow import …` offers; anything else may move.", ""]
    for name in reev_flow.__all__:
        parts += _api_entry(name, getattr(reev_flow, name))
    return "\n".join(parts)


def _api_entry(name: str, value: object) -> list[str]:
    node = ast.parse(inspect.getsource(value)).body[0]  # type: ignore[arg-type]
    entry = [f"## `{name}`", "", inspect.getdoc(value) or "", ""]
    if isinstance(node, Function):
        return [*entry, *_as_code([_signature(node)])]
    if not isinstance(node, ast.ClassDef) or issubclass(value, BaseException):  # type: ignore[arg-type]
        return entry
    methods = [member for member in node.body if isinstance(member, Function) and _is_shown(member)]
    fields = [ast.unparse(member) for member in node.body if isinstance(member, ast.AnnAssign)]
    entry += _as_code([*fields, *map(_signature, methods)])
    for method in methods:
        told = ast.get_docstring(method)
        if told:
            entry += [f"**`{method.name}`**: {told}", ""]
    return entry


def _is_shown(method: Function) -> bool:
    return method.name == "__init__" or not method.name.startswith("_")


def _signature(function: Function) -> str:
    """As it stands in the source, on one line, without `self`; `async` where it is to be awaited."""
    is_property = any("property" in ast.unparse(decorator) for decorator in function.decorator_list)
    arguments = re.sub(r"^(self|cls)(, )?", "", ast.unparse(function.args))
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    if is_property:
        return f"{function.name}{returned.replace(' -> ', ': ')}"
    awaited = "async " if isinstance(function, ast.AsyncFunctionDef) else ""
    return f"{awaited}{function.name}({arguments}){returned}"


def _as_code(lines: list[str]) -> list[str]:
    return ["```python", *lines, "```", ""] if lines else []


def command_page() -> str:
    parts = ["# The command", "", "What `reev-flow … --help` says.", ""]
    for command in _commands(app):
        words = " ".join(("reev-flow", *command))
        parts += [f"## `{words}`", "", "```text", _help(command), "```", ""]
    return "\n".join(parts)


def _commands(group: App, *words: str) -> Iterator[tuple[str, ...]]:
    """The command itself, and all that belong to it as they were added."""
    yield words
    for name in group:
        if not name.startswith("-"):
            yield from _commands(group[name], *words, name)


def _help(command: tuple[str, ...]) -> str:
    with redirect_stdout(StringIO()) as printed:
        run([*command, "--help"])
    return "\n".join(line.rstrip() for line in printed.getvalue().strip().splitlines())


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
    return _as_json(schema())


def comparison_schema_page() -> str:
    return _as_json(comparison_schema())


def what_if_schema_page() -> str:
    return _as_json(what_if_schema())


def _as_json(told: object) -> str:
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "api.md": api_page,
    "command.md": command_page,
    "settings.md": settings_page,
    "dialects.md": dialects_page,
    "document.schema.json": schema_page,
    "comparison.schema.json": comparison_schema_page,
    "what-if.schema.json": what_if_schema_page,
}


def main() -> int:
    check = "--check" in sys.argv[1:]
    os.environ |= {"COLUMNS": "100", "NO_COLOR": "1"}  # as wide and plain as the pages are
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
