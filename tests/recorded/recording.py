"""One program's runs, played one after the other and written as trace files with their truth."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import otlp_file
import stub_server
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from scenario import AskedCall, Fault, Scenario, Turn

ANSWERING_TOOL = "final_answer"
Program = Callable[[Scenario], None]


class Recorder:
    """Owns the tracer provider that an instrumentation is given, and writes what each run left in it."""

    def __init__(self, service: str, *, longest_value: int | None = None) -> None:
        self.keeper = otlp_file.SpanKeeper()
        resource = Resource({"service.name": service, "service.version": "1.0.0", "telemetry.sdk.language": "python"})
        self.provider = TracerProvider(
            resource=resource, span_limits=SpanLimits(max_attributes=4_096, max_attribute_length=longest_value)
        )
        self.provider.add_span_processor(SimpleSpanProcessor(self.keeper))

    def record_all(self, runs: Mapping[str, tuple[Scenario, Program]]) -> None:
        """Record each run into the folder the command line names; the key is the file's name."""
        folder = folder_from_command_line()
        for name, (scenario, program) in runs.items():
            truth = self._record(folder, name, scenario, program)
            write_truth(folder, name, truth)

    def _record(self, folder: Path, name: str, scenario: Scenario, program: Program) -> dict[str, Any]:
        with stub_server.serve(scenario) as world:
            program(scenario)
        self.provider.force_flush()
        spans = self.keeper.take()
        (folder / f"{name}.otlp.jsonl").write_text(otlp_file.as_json_lines(spans), encoding="utf-8", newline="\n")
        (folder / f"{name}.otlp.pb").write_bytes(otlp_file.as_protobuf(spans))
        return truth_of(world, len(spans), len({span.context.trace_id for span in spans if span.context}))


def write_truth(folder: Path, name: str, truth: dict[str, Any]) -> None:
    (folder / f"{name}.truth.json").write_text(json.dumps(truth), encoding="utf-8")


def truth_of(world: stub_server.StubWorld, spans: int, traces: int) -> dict[str, Any]:
    turns = [turn for _, turn in world.served_turns]
    return {
        "scenario": world.scenario.name,
        "spans": spans,
        "traces": traces,
        "llm_calls": len(turns),
        "input_tokens": sum(turn.input_tokens for turn in turns),
        "output_tokens": sum(turn.output_tokens for turn in turns),
        "cached_tokens": sum(turn.cached_tokens for turn in turns),
        "reasoning_tokens": sum(turn.reasoning_tokens for turn in turns),
        "models": {model: _turns_of(world, model) for model in sorted({name for name, _ in world.served_turns})},
        "tool_calls": _in_asked_order(world),
        "has_answer": _has_answer(turns),
        "tools_are_traced": world.scenario.are_tools_traced,
        "model_calls_are_traced": world.scenario.are_model_calls_traced,
        "faults": [_fault_truth(fault) for fault in world.scenario.faults],
    }


def _fault_truth(fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "tool": fault.tool,
        "told_in_answer": fault.is_told,
        "cause_visible_in_trace": fault.is_visible,
    }


def _has_answer(turns: list[Turn]) -> bool:
    """Some frameworks answer by a text, some by a tool of their own that needs no server."""
    return bool(turns) and (bool(turns[-1].text) or any(call.tool == ANSWERING_TOOL for call in turns[-1].calls))


def _in_asked_order(world: stub_server.StubWorld) -> list[dict[str, Any]]:
    """Calls of one turn race to the server, so the order in which the model asked for them is the steady one."""
    asked = [call for _, turn in world.served_turns for call in turn.calls]
    waiting = list(world.tool_calls)
    ordered = []
    for call in asked:
        if call.tool == ANSWERING_TOOL:
            ordered.append({"name": call.tool, "arguments": dict(call.arguments), "ok": True})
        entry = next((entry for entry in waiting if _is_the_call(entry, call)), None)
        if entry is not None:
            waiting.remove(entry)
            ordered.append(entry)
    return ordered + waiting


def _is_the_call(entry: dict[str, Any], call: AskedCall) -> bool:
    """The tools fill in arguments that the model left to their defaults."""
    return bool(entry["name"] == call.tool and call.arguments.items() <= entry["arguments"].items())


def _turns_of(world: stub_server.StubWorld, model: str) -> int:
    return sum(1 for name, _ in world.served_turns if name == model)


def folder_from_command_line() -> Path:
    parser = argparse.ArgumentParser(description="Record the runs of this program.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    return folder
