"""What frameworks put around the arguments and the result of a tool call, and what is inside.

Wrappers carry ids, tags and positions that differ from call to call; without them, equal calls are equal.
"""

from functools import cached_property

import msgspec

from reev_flow.collect.dialects.dialect import Path

ONLY = "[]"  # a step into a list that has one entry


class Wrapper(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An object or a list in which every mark is found, and nothing in what is `empty`, has its content at `content`, and perhaps the id of
    the call at `call_id`. With `is_alone` nothing may stand beside the content; with `is_of_call` that id has to be the span's.
    """

    marks: tuple[Path, ...]
    empty: tuple[Path, ...] = ()
    content: Path
    call_id: Path | None = None
    is_alone: bool = False
    is_of_call: bool = False

    @cached_property
    def first_steps(self) -> frozenset[str]:
        """What lacks one of them cannot be such a wrapper, and nearly everything lacks one."""
        return frozenset(path[0] for path in (*self.marks, self.content))


ARGUMENT_WRAPPERS = (
    # smolagents
    Wrapper(marks=(("args",), ("kwargs",), ("sanitize_inputs_outputs",)), content=("kwargs",)),
    # a Python function as the decorators of Traceloop, AGNTCY and Langfuse record it, when it was called by names
    Wrapper(marks=(("args",), ("kwargs",)), empty=(("args",),), content=("kwargs",)),
    # LangChain's callbacks, recorded by OpenLLMetry
    Wrapper(marks=(("input_str",), ("inputs",), ("metadata",)), content=("inputs",)),
    Wrapper(marks=(("input_str",), ("tags",), ("metadata",)), content=("input_str",)),
    # messages of OpenTelemetry's conventions, which Strands Agents writes about tools too: with parts, and before there were parts
    Wrapper(
        marks=((ONLY, "role"),),
        content=(ONLY, "parts", ONLY, "arguments"),
        call_id=(ONLY, "parts", ONLY, "id"),
        is_of_call=True,
    ),
    Wrapper(marks=((ONLY, "role"),), content=(ONLY, "content"), call_id=(ONLY, "id"), is_of_call=True),
)

RESULT_WRAPPERS = (
    # LangChain's callbacks, recorded by OpenLLMetry
    Wrapper(marks=(("output",), ("kwargs",)), content=("output",)),
    # LangChain's callbacks, recorded by LangSmith
    Wrapper(marks=(("output", "tool_call_id"),), content=("output",)),
    # a LangChain tool message: as OpenInference records it, as LangChain serialises it, and plain
    Wrapper(marks=(("data", "tool_call_id"),), content=("data", "content"), call_id=("data", "tool_call_id")),
    Wrapper(
        marks=(("lc",), ("kwargs", "tool_call_id")), content=("kwargs", "content"), call_id=("kwargs", "tool_call_id")
    ),
    Wrapper(marks=(("type",), ("tool_call_id",)), content=("content",), call_id=("tool_call_id",)),
    # a function response of Google's API, recorded by OpenInference
    Wrapper(marks=(("id",), ("name",), ("response",)), content=("response",), call_id=("id",)),
    # messages of OpenTelemetry's conventions, as above
    Wrapper(
        marks=((ONLY, "role"),),
        content=(ONLY, "parts", ONLY, "response"),
        call_id=(ONLY, "parts", ONLY, "id"),
        is_of_call=True,
    ),
    Wrapper(marks=(), content=(ONLY, "message"), call_id=(ONLY, "id"), is_of_call=True),
    # the only block of a result in the form of Amazon's Converse API
    Wrapper(marks=(), content=(ONLY, "json"), is_alone=True),
    Wrapper(marks=(), content=(ONLY, "text"), is_alone=True),
)
