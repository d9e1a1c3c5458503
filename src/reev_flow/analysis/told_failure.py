"""A tool that went well by its status, but whose result is nothing but the report of a failure."""

import re
from collections.abc import Iterator

from reev_flow.analysis import tool_names
from reev_flow.trace.span import Value

LONGEST_REPORT = 600  # characters; longer texts are documents

SAYS_ERROR = re.compile(
    r"^\W*(?:(?:an )?(?!the )(?:\w+ )?(?:error|exception)|[A-Za-z.]+(?:Error|Exception))\s*"
    r"(?::|\(|(?:while|when|executing|calling|running|occurred)\b)",
    re.IGNORECASE,
)

# What may stand around an error without being a result.
ENVELOPE = tool_names.vocabulary(
    "error errors code status status_code statusCode message detail details reason type success ok isError is_error retry_after "
    "retryAfter content request_id requestId timestamp"
)
FAILED_STATES = ("error", "failed", "failure")


def told_failure(tool: str, result: Value) -> str | None:
    """The report, None when the result is anything else. Silent about tools that hand on what others wrote or that watch something:
    with them, an error is what was asked for.
    """
    if isinstance(result, str):
        is_report = len(result) <= LONGEST_REPORT and SAYS_ERROR.search(result)
        report = result if is_report else ""
    else:
        report = ", ".join(_lines(result)) if isinstance(result, dict) and _is_failed(result) else ""
    if not report or tool_names.watches(tool) or tool_names.hands_on_texts(tool):
        return None
    return report[:LONGEST_REPORT]


def _is_failed(result: dict[str, Value]) -> bool:
    if result.get("isError") is True or result.get("is_error") is True:
        return True
    if not result.keys() <= ENVELOPE or result.get("success") is True or result.get("ok") is True:
        return False
    return bool(result.get("error")) or result.get("status") in FAILED_STATES


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
