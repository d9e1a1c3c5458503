"""The scripted chooser of the demo, which stands where a model would choose the next tools."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

QUESTION = "Where should the next clean-up of this package begin?"
MARK = "noqa"  # what silences the linter
MODULES = 28  # to compare each with each: some seconds of work
LONGEST = 3
SLOW = "compare_modules"


class Call(msgspec.Struct, frozen=True):
    """A tool that is to be called."""

    tool: str
    arguments: dict[str, Any] = {}


class Note(msgspec.Struct, frozen=True):
    """What came of a call: its result, or why it failed."""

    call: Call
    result: Any = None
    failure: str = ""


class Choice(msgspec.Struct, frozen=True):
    """The calls to make beside each other; none, but an answer, at the end."""

    calls: tuple[Call, ...] = ()
    answer: str = ""


Notes = Sequence[Note]


def choose(notes: Notes) -> Choice:
    """What comes next, by the script, from what is known so far. It makes two mistakes, as models do: see `_survey` and `_make_good`."""
    if not notes:
        return Choice((Call("list_files"),))
    turns = (
        ("measure_lines", _survey),
        ("read_head", _make_good),
        ("write_section", _write_sizes),
        (SLOW, _look_closer),
    )
    done = {note.call.tool for note in notes}
    for tool, turn in turns:
        if tool not in done:
            return Choice(tuple(turn(notes)))
    return Choice((_likeness(notes),)) if len(_results(notes, "write_section")) < 2 else Choice(answer=_answer(notes))


def _survey(notes: Notes) -> Iterable[Call]:
    """The last of these files is no Python."""
    kinds = _result(notes, "list_files")
    yield Call("measure_lines")
    yield Call("search_text", {"wanted": MARK})
    for kind in (".py", ".sql"):
        yield Call("parse_module", {"path": kinds[kind]["largest"]})


def _make_good(notes: Notes) -> Iterable[Call]:
    """Whatever could not be parsed is read; and one thing is asked again that is known already."""
    for note in notes:
        if note.failure:
            yield Call("read_head", {"path": note.call.arguments["path"], "lines": 2})
    yield Call("search_text", {"wanted": MARK})


def _write_sizes(notes: Notes) -> Iterable[Call]:
    lines = _result(notes, "measure_lines")
    marks = _result(notes, "search_text")
    yield _section(
        "Size",
        f"{sum(lines.values()):,} lines in {len(lines)} folders, most of them in {next(iter(lines))}.",
        f"{sum(marks.values())} times {MARK}, most often in {next(iter(marks))}.",
    )


def _look_closer(_: Notes) -> Iterable[Call]:
    yield Call(SLOW, {"largest": MODULES})
    yield Call("longest_functions", {"largest": MODULES, "most": LONGEST})


def _likeness(notes: Notes) -> Call:
    found = _result(notes, SLOW)
    return _section(
        "Likeness",
        f"Of {found['pairs']} pairs of modules, {' and '.join(found['most_alike'])} are most alike ({found['alike']:.0%}).",
        *(f"{name} takes {lines} lines." for name, lines in _result(notes, "longest_functions")),
    )


def _answer(notes: Notes) -> str:
    one, other = _result(notes, SLOW)["most_alike"]
    (longest, lines), *_ = _result(notes, "longest_functions")
    failed = [str(note.call.arguments["path"]) for note in notes if note.failure]
    return (
        f"With {one} and {other}, which are most alike, or with {longest}, which takes {lines} lines. "
        f"{' and '.join(failed)} could not be parsed, as it is not Python; its head was read instead."
    )


def _section(title: str, *lines: str) -> Call:
    return Call("write_section", {"title": title, "lines": list(lines)})


def _result(notes: Notes, tool: str) -> Any:
    return _results(notes, tool)[0]


def _results(notes: Notes, tool: str) -> list[Any]:
    return [note.result for note in notes if note.call.tool == tool and not note.failure]
