"""The exact commands that go on with a session."""

import shlex
from collections.abc import Mapping

import msgspec

from reev_flow.runtime.inbox import Asked
from reev_flow.values.shown import shown

# What an answer is said with: its values, and its options.
PLAIN = ((("VALUE",), ()),)
IN_DOUBT = (((), ("--happened", "--result", "JSON")), ((), ("--not-happened",)))


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """What a command was told that the next one must be told too; empty where nothing was said."""

    store: str = ""
    app: str = ""
    tools: str = ""

    def resume(self, session_id: str) -> str:
        return self._command(("resume",), session_id, app=self.app, tools=self.tools)

    def show(self, session_id: str) -> str:
        return self._command(("sessions", "show"), session_id)

    def recover(self) -> str:
        return self._command(("sessions", "recover"), app=self.app, tools=self.tools)

    def answers(self, session_id: str, questions: Mapping[str, Asked]) -> list[str]:
        """A command for each question, two where a step is in doubt; VALUE and JSON stand for what only a person knows."""
        return [
            self._command(
                ("sessions", "answer"), session_id, *value, flags=flags, question=step if len(questions) > 1 else ""
            )
            for step, asked in questions.items()
            for value, flags in (IN_DOUBT if asked.question.in_doubt else PLAIN)
        ]

    def _command(self, words: tuple[str, ...], *values: str, flags: tuple[str, ...] = (), **options: str) -> str:
        """What begins like an option is read as a value only behind `--`, and what is behind that is never an option."""
        given = [f"--{name} {shlex.quote(value)}" for name, value in options.items() if value]
        store = [f"--store {shlex.quote(self.store)}"] if self.store else []
        quoted = [shlex.quote(value) for value in values]
        is_like_option = any(value.startswith("-") for value in values)
        parts = (*flags, *given, *store, "--", *quoted) if is_like_option else (*quoted, *flags, *given, *store)
        return " ".join(("reev-flow", *words, *parts))


def told_schema(schema: bytes) -> str:
    """What kind of answer a JSON Schema wants, in a few words; empty when any will do."""
    wanted = shown(schema)
    if not isinstance(wanted, dict):
        return ""
    if isinstance(wanted.get("$ref"), str):
        name = wanted["$ref"].rpartition("/")[2]
        known = wanted.get("$defs")
        wanted = known.get(name, wanted) if isinstance(known, dict) else wanted
    if isinstance(wanted.get("enum"), list):
        return "one of " + ", ".join(msgspec.json.encode(value).decode() for value in wanted["enum"])
    if isinstance(wanted.get("properties"), dict):
        return "a JSON object with " + ", ".join(wanted["properties"])
    return KINDS.get(wanted.get("type", ""), "JSON") if isinstance(wanted.get("type"), str) else "JSON"


KINDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "array": "a JSON list",
    "object": "a JSON object",
    "null": "null",
}
