"""Runs the steps of plan.yaml: a fixed choice of tools stands where a model would choose them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reev_flow import DynamicStep

Results = Mapping[str, Any]


def list_files(folder: str, _: Results) -> list[str]:
    return sorted(path.as_posix() for path in Path(folder).rglob("*.md"))


def count_words(_: str, results: Results) -> int:
    return sum(len(Path(file).read_text(encoding="utf-8").split()) for file in results["files"])


def count_headings(_: str, results: Results) -> int:
    lines = [line for file in results["files"] for line in Path(file).read_text(encoding="utf-8").splitlines()]
    return sum(line.startswith("#") for line in lines)


def write_report(file: str, results: Results) -> str:
    text = f"{len(results['files'])} files, {results['words']:,} words below {results['headings']:,} headings"
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n", encoding="utf-8")
    return text


TOOLS: dict[str, Callable[[str, Results], Any]] = {
    "list_files": list_files,
    "count_words": count_words,
    "count_headings": count_headings,
    "write_report": write_report,
}


def run_step(step: DynamicStep, context: Any) -> Any:
    """`context.prompt` is what the step is asked to do, `context.results` what the steps before it gave."""
    (tool,) = step.required_tools
    return TOOLS[tool](context.prompt, context.results)
