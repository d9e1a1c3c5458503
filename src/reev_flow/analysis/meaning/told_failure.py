"""A tool that went well by its status, but whose result is nothing but the report of a failure."""

import ast
from collections.abc import Iterator

import msgspec

from reev_flow.analysis.meaning import tool_names
from reev_flow.analysis.meaning.asked_for_errors import may_be_a_result, tells_of_errors, was_checked
from reev_flow.analysis.meaning.report_fields import Fields
from reev_flow.analysis.meaning.report_words import LONGEST_REPORT, reported_words
from reev_flow.trace.span import Value

LONGEST_WRAPPED = 5_000  # characters of JSON in a text that are looked into
MOST_WRAPPINGS = 5
NAMED_EARLY = 200  # characters in which a tool names itself

# Around the only thing that a result holds.
WRAPPERS = frozenset(
    {"content", "result", "output", "response", "data", "text", "tool_result", "return_value", "value"}
)
# Around what a tool said, in protocols and as message types are written down. `content` holds it.
MESSAGE = tool_names.vocabulary(
    "content isError is_error structuredContent structured_content meta _meta artifact type role name tool_call_id tool_use_id toolUseId call_id id status additional_kwargs response_metadata"
)
ANSWERS = tool_names.vocabulary("final answer respond reply say tell")
YES_OR_NO = tool_names.vocabulary(
    "is are was has have can may should does do did exists exist contains check checks test tests verify verified validate valid compare equals equal "
    "match matches ask allowed allow permitted available ping evaluate judge classify detect decide guess vote"
)
SAID_NO = "success: false"
OPENINGS = ("{", "[{")
SPOKEN = ("tool", "tool_result", "function_call_output")


def told_failure(tool: str, result: Value, arguments: Value = None) -> str | None:
    """The report, None when the result is anything else. Silent about tools that hand on what others wrote or that watch or check something:
    with them, an error may be what was asked for, unless the result is marked as a failure beside what it says, or names the tool itself.
    """
    result = _unwrapped(result)
    if isinstance(result, str):
        return _told_in_words(tool, result, arguments)
    if isinstance(result, dict):
        return _told_in_fields(tool, result, arguments)
    return None


def is_text(result: Value) -> bool:
    """Whether there are words rather than fields in it, whatever they are wrapped in."""
    return isinstance(_unwrapped(result), str)


def _told_in_words(tool: str, text: str, arguments: Value) -> str | None:
    names_itself = _is_named(tool, text[:NAMED_EARLY])
    is_answer = not ANSWERS.isdisjoint(tool_names.words(tool))
    report = reported_words(text, names_itself=names_itself, is_answer=is_answer)
    if not report:
        return None
    is_line = "\n" not in text.strip()
    if not names_itself and (tool_names.watches(tool) or may_be_a_result(tool, arguments, report, is_line=is_line)):
        return None
    return report[:LONGEST_REPORT]


def _is_named(tool: str, said: str) -> bool:
    """As a whole: `cat` is not in `concatenate`."""
    at = said.find(tool)
    around = said[max(at - 1, 0) : at] + said[at + len(tool) : at + len(tool) + 1]
    return at >= 0 and tool != "" and not any(letter.isalnum() or letter == "_" for letter in around)


def _told_in_fields(tool: str, result: dict[str, Value], arguments: Value) -> str | None:
    fields = Fields(result, arguments)
    if not fields.may_tell():
        return None
    if fields.only_says_no():
        return None if _may_be_answered_no(tool) else SAID_NO
    if not (fields.is_marked() or fields.is_report()):
        return None
    report = ", ".join(_lines(result))
    if not report or (not fields.is_marked() and _was_asked_for(tool, fields)):
        return None
    if was_checked(tool, report) and not fields.is_marked_by_a_protocol():
        return None
    return report[:LONGEST_REPORT]


def _may_be_answered_no(tool: str) -> bool:
    """Whether it asks for a yes or a no, of something or of somebody."""
    is_asked = not YES_OR_NO.isdisjoint(tool_names.words(tool))
    return is_asked or tool_names.watches(tool) or tool_names.waits(tool)


def _was_asked_for(tool: str, fields: Fields) -> bool:
    """Whether errors are among the things that the tool tells of. A record of anything else has more in it than an error."""
    if tool_names.watches(tool) or tells_of_errors(tool):
        return True
    return tool_names.hands_on_texts(tool) and not fields.is_bare()


def _unwrapped(result: Value) -> Value:
    """What is said in JSON, in the only part of a message in parts, and in a dictionary that holds nothing else."""
    for _ in range(MOST_WRAPPINGS):
        inner = _inner(result)
        if inner is result:
            break
        result = inner
    return result


def _inner(result: Value) -> Value:
    """One wrapping less; the same when there is none."""
    if isinstance(result, list):
        only = result[0] if len(result) == 1 else None
        is_words = isinstance(only, dict) and (only.get("type") == "text" or only.keys() == {"text"})
        return only["text"] if is_words and isinstance(only, dict) and "text" in only else None
    if isinstance(result, str):
        return _decoded(result) if result.startswith(OPENINGS) and len(result) <= LONGEST_WRAPPED else result
    if isinstance(result, dict) and len(result) == 1:
        ((key, value),) = result.items()
        return value if key in WRAPPERS and isinstance(value, str | dict | list) else result
    if isinstance(result, dict) and _is_message(result):
        return result["content"]
    return result


def _is_message(result: dict[str, Value]) -> bool:
    if "content" not in result or not result.keys() <= MESSAGE or Fields(result).is_marked():
        return False
    if "isError" in result or "is_error" in result or result.get("status") == "success":
        return True
    return result.get("type", result.get("role")) in SPOKEN


def _decoded(text: str) -> Value:
    """From JSON, or as Python writes a dictionary; else as it is."""
    try:
        found: Value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        if text[1:2] not in {"'", "{"}:
            return text
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
    return found if not isinstance(found, dict) or all(isinstance(key, str) for key in found) else text


def _lines(result: dict[str, Value]) -> Iterator[str]:
    """`key: words` for each scalar, at any depth, in order."""
    pending: list[tuple[str, Value]] = list(result.items())[::-1]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(list(value.items())[::-1])
        elif isinstance(value, list):
            pending.extend((key, item) for item in reversed(value))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            yield f"{key}: {value}"
