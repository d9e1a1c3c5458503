"""What a dialect cannot say, out of the table in docs/explanation/same-run-same-answer.md."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import NamedTuple

from conformance.projection import Projection

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "same-run-same-answer.md"
DIALECTS_TABLE = "| dialect | cannot say | why |"
RECORDINGS_TABLE = "| recording | cannot say | why |"

Forget = Callable[[Projection], None]


class Excuse(NamedTuple):
    who: str
    part: str
    why: str


def excuses(heading: str) -> list[Excuse]:
    """The rows of the table with that heading."""
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line == heading:
            break
    next(lines, None)  # the line below the heading
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        who, part, why = (cell.strip() for cell in line.strip("|").split("|"))
        rows.append(Excuse(who, part, why))
    return rows


def parts_of(who: str, heading: str) -> list[str]:
    return [excuse.part for excuse in excuses(heading) if excuse.who == who]


def without(projection: Projection, parts: Iterable[str]) -> Projection:
    """What is left when nobody looks at those parts."""
    left = deepcopy(projection)
    for part in parts:
        PARTS[part](left)
    return left


def _without_operation(operation: str) -> Forget:
    """What was below it is below what was around it."""

    def forget(projection: Projection) -> None:
        kept: list[Projection] = []
        removed_at: list[int] = []
        for told in projection["operations"]:
            removed_at = [depth for depth in removed_at if depth < told["depth"]]
            if told["operation"] == operation:
                removed_at.append(told["depth"])
            else:
                kept.append({**told, "depth": told["depth"] - len(removed_at)})
        projection["operations"] = kept

    return forget


def _without_field(operation: str, field: str) -> Forget:
    def forget(projection: Projection) -> None:
        for told in projection["operations"]:
            if told["operation"] == operation:
                told.pop(field, None)

    return forget


def _without_depth_of_executions(projection: Projection) -> None:
    for told in projection["operations"]:
        if told["operation"] == "tool":
            told["depth"] = None


def _without_tokens(name: str) -> Forget:
    def forget(projection: Projection) -> None:
        for told in (projection, *projection["operations"]):
            told.get("tokens", {}).pop(name, None)

    return forget


def _without_conversation(projection: Projection) -> None:
    projection["conversations"] = []


def _without_answers(projection: Projection) -> None:
    projection["answer"] = None
    _without_field("llm", "answer")(projection)


def _without_executions(projection: Projection) -> None:
    _without_operation("tool")(projection)
    for asked in _asked(projection):
        asked.pop("was_run", None)


def _without_answering_tool(projection: Projection) -> None:
    """The tool by which some agents hand in their answer; what the model said is then nothing but asking for it."""
    _without_field("llm", "answer")(projection)
    projection["operations"] = [told for told in projection["operations"] if told.get("name") != ANSWERING_TOOL]
    for told in projection["operations"]:
        if "asked" in told:
            told["asked"] = [asked for asked in told["asked"] if asked["name"] != ANSWERING_TOOL]


def _without_defaults(projection: Projection) -> None:
    """Of the arguments of an execution only those are left that a model gave to a tool of that name."""
    given: dict[str, set[str]] = {}
    for asked in _asked(projection):
        given.setdefault(asked["name"], set()).update(asked["arguments"])
    for told in projection["operations"]:
        if told["operation"] == "tool":
            told["arguments"] = {name: one for name, one in told["arguments"].items() if name in given[told["name"]]}


def _asked(projection: Projection) -> list[Projection]:
    return [asked for told in projection["operations"] for asked in told.get("asked", ())]


ANSWERING_TOOL = "final_answer"
PARTS: dict[str, Forget] = {
    "the flow": _without_operation("flow"),
    "the agent": _without_operation("agent"),
    "the name of the flow": _without_field("flow", "name"),
    "that tools are run beside the model": _without_depth_of_executions,
    "the conversation": _without_conversation,
    "the model that answered": _without_field("llm", "name"),
    "tokens read from a cache": _without_tokens("cache_read"),
    "tokens written to a cache": _without_tokens("cache_write"),
    "reasoning tokens": _without_tokens("reasoning"),
    "the call id of an execution": _without_field("tool", "call_id"),
    "the arguments of an execution": _without_field("tool", "arguments"),
    "the result of an execution": _without_field("tool", "result"),
    "the answer": _without_answers,
    "what a model asked for": _without_field("llm", "asked"),
    "executions of tools": _without_executions,
    "that the answer is no call of a tool": _without_answering_tool,
    "which arguments a model left out": _without_defaults,
}
