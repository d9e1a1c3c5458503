"""The tools of the demo: what they look at are the files of this very package."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
PYTHON = ".py"
HEADING = "## "
WORD = re.compile(r"\w+")


def list_files() -> dict[str, dict[str, Any]]:
    """By kind of file, how many there are and which is the largest."""
    kinds: dict[str, list[Path]] = {}
    for path in _files():
        kinds.setdefault(path.suffix, []).append(path)
    return {kind: {"files": len(paths), "largest": _named(max(paths, key=_size))} for kind, paths in kinds.items()}


def measure_lines() -> dict[str, int]:
    """Lines that are not empty, by folder, the longest first."""
    lines: Counter[str] = Counter()
    for path in _files(PYTHON):
        lines[_named(path.parent)] += sum(bool(line.strip()) for line in _text(path).splitlines())
    return dict(lines.most_common())


def search_text(wanted: str) -> dict[str, int]:
    """How often a text stands in each file that has it, the most first."""
    found = {_named(path): _text(path).count(wanted) for path in _files()}
    return {name: count for name, count in sorted(found.items(), key=lambda item: (-item[1], item[0])) if count}


def parse_module(path: str) -> dict[str, int]:
    """How many lines each of its functions takes. Raises `SyntaxError` for what is not Python."""
    tree = ast.parse(_text(PACKAGE / path), path)
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}


def read_head(path: str, lines: int) -> list[str]:
    """The first lines that are not empty."""
    return [line for line in _text(PACKAGE / path).splitlines() if line.strip()][:lines]


def longest_functions(largest: int, most: int) -> list[tuple[str, int]]:
    """Of the largest modules, each with its lines."""
    measured = [
        (f"{_named(path)}:{name}", lines)
        for path in _largest(largest)
        for name, lines in parse_module(_named(path)).items()
    ]
    return sorted(measured, key=lambda function: (-function[1], function[0]))[:most]


def compare_modules(largest: int) -> dict[str, Any]:
    """Each of the largest modules with each other, word by word: which two are most alike, from 0 to 1."""
    paths = _largest(largest)
    words = {path: WORD.findall(_text(path)) for path in paths}
    pairs = {
        pair: SequenceMatcher(None, words[pair[0]], words[pair[1]], autojunk=False).ratio()
        for pair in combinations(paths, 2)
    }
    most_alike = max(pairs, key=lambda pair: pairs[pair])
    return {"pairs": len(pairs), "most_alike": [_named(path) for path in most_alike], "alike": pairs[most_alike]}


class Report:
    """A file outside of the session that grows with each section; what is written twice stands in it twice."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write_section(self, title: str, lines: list[str]) -> int:
        """The size of the report, in bytes, with it."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n".join([f"{HEADING}{title}", "", *lines, "", ""]))
            return file.tell()

    def sections(self) -> tuple[str, ...]:
        """The titles of what stands in it."""
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        return tuple(line.removeprefix(HEADING) for line in lines if line.startswith(HEADING))


def tools_of(report: Report) -> Mapping[str, Callable[..., Any]]:
    tools = (
        list_files,
        measure_lines,
        search_text,
        parse_module,
        read_head,
        longest_functions,
        compare_modules,
        report.write_section,
    )
    return {tool.__name__: tool for tool in tools}


def _files(kind: str = "") -> Iterator[Path]:
    """In an order that does not depend on the disk, without what Python leaves beside its modules."""
    paths = (path for path in PACKAGE.rglob(f"*{kind}") if "__pycache__" not in path.parts)
    yield from sorted(path for path in paths if path.is_file() and path.suffix)


def _largest(count: int) -> list[Path]:
    return sorted(_files(PYTHON), key=lambda path: (-_size(path), path))[:count]


def _named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _size(path: Path) -> int:
    return path.stat().st_size
