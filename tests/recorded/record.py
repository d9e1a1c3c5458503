"""Records traces of this folder again: `python tests/recorded/record.py [ENVIRONMENT] [--out DIR]`."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Those of `requirements.txt`. Each in a process of its own: an instrumentation patches its framework for good, and one must not see another's spans.
PROGRAMS = (
    "program_pydantic_ai.py",
    "program_openai_agents.py",
    "program_langgraph.py",
    "program_genai_openai.py",
    "program_openinference_openai.py",
    "program_smolagents.py",
    "program_demo.py",
)

IN_EVERY_FORM = "pydantic_ai_clean"  # this run is also kept as protobuf, and gzipped both ways
FOREIGN_SETTINGS = (
    "OTEL_",
    "OPENAI_",
    "OPENINFERENCE_",
    "LANGCHAIN_",
    "LANGSMITH_",
    "LANGFUSE_",
    "LOGFIRE_",
    "MLFLOW_",
    "TRACELOOP_",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "environment", nargs="?", help="a name in requirements.toml (default: that of requirements.txt)"
    )
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default: this one)")
    arguments = parser.parse_args()
    folder: Path = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for program in _programs(arguments.environment):
            _run(program, Path(scratch))
        _keep(Path(scratch), folder)


def _programs(environment: str | None) -> tuple[str, ...]:
    if environment is None:
        return PROGRAMS
    environments = tomllib.loads((HERE / "requirements.toml").read_text(encoding="utf-8"))
    return tuple(environments[environment]["programs"])


def _run(program: str, scratch: Path) -> None:
    print(f"recording {program}", flush=True)  # noqa: T201 - a script tells how far it is
    subprocess.run([sys.executable, "-B", str(HERE / program), str(scratch)], check=True, env=_quiet_environment())


def _quiet_environment() -> dict[str, str]:
    """Only what a fresh machine would have: no settings of this one, and no proxy between the program and its stub."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN_SETTINGS)}
    return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def _keep(scratch: Path, folder: Path) -> None:
    """The truth of what was not recorded now stays."""
    known = folder / "truth.json"
    truth = json.loads(known.read_text(encoding="utf-8")) if known.exists() else {}
    for lines in sorted(scratch.glob("*.otlp.jsonl")):
        name = lines.name.removesuffix(".otlp.jsonl")
        (folder / lines.name).write_bytes(lines.read_bytes())
        truth[name] = json.loads((scratch / f"{name}.truth.json").read_text(encoding="utf-8"))
    known.write_text(
        json.dumps(dict(sorted(truth.items())), indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    if IN_EVERY_FORM in truth and (scratch / f"{IN_EVERY_FORM}.otlp.pb").exists():
        _keep_other_forms(scratch, folder)


def _keep_other_forms(scratch: Path, folder: Path) -> None:
    protobuf = (scratch / f"{IN_EVERY_FORM}.otlp.pb").read_bytes()
    lines = (scratch / f"{IN_EVERY_FORM}.otlp.jsonl").read_bytes()
    (folder / f"{IN_EVERY_FORM}.otlp.pb").write_bytes(protobuf)
    (folder / f"{IN_EVERY_FORM}.otlp.pb.gz").write_bytes(gzip.compress(protobuf, mtime=0))
    (folder / f"{IN_EVERY_FORM}.otlp.jsonl.gz").write_bytes(gzip.compress(lines, mtime=0))


if __name__ == "__main__":
    main()
