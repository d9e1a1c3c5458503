"""Options that several commands share."""

from typing import Annotated

from cyclopts import Parameter

AsJson = Annotated[bool, Parameter(help="Print JSON.")]
Store = Annotated[
    str | None,
    Parameter(help="Folder or URL of the session store. [default: the setting sessions.store_path]"),
]
App = Annotated[
    str | None,
    Parameter(help="Your code, as module:name or path/to/file.py:name: a @flow, or what runs the steps of a plan."),
]
Tools = Annotated[
    str | None,
    Parameter(help="The tools that a plan may require, as module:name of a mapping from names to functions."),
]
Wait = Annotated[bool, Parameter(help="Wait for answers instead of ending at a question.")]
WithTraceback = Annotated[
    bool, Parameter(name="--traceback", help="When the flow fails, also print where in the code.")
]
AdjustClocks = Annotated[
    bool, Parameter(help="Where the clock of a host or service was off, move what it timed so that it fits.")
]
SessionId = Annotated[str, Parameter(name="ID", help="Session id, or enough of its beginning to tell it.")]
