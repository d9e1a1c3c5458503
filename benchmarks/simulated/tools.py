"""The tools of a simulated agent: what they are called, what they are asked, what they tell and how long they take."""

from random import Random
from typing import Any

import msgspec

from simulated.vocabulary import Words

STYLES = ("snake", "snake", "snake", "camel", "dotted", "kebab", "mcp")
VERBS = {
    "lookup": ("get", "fetch", "lookup", "read", "load", "retrieve", "find", "describe", "show"),
    "batch": ("get", "fetch", "load", "batch_get", "bulk_fetch", "retrieve"),
    "list": ("list", "browse", "list_all", "enumerate", "index"),
    "search": ("search", "query", "find", "search_for", "lookup"),
    "act": (
        "create",
        "send",
        "book",
        "cancel",
        "update",
        "submit",
        "charge",
        "order",
        "delete",
        "publish",
        "register",
        "transfer",
        "post",
    ),
    "watch": ("check", "poll", "get", "watch"),
    "wait": ("wait_for", "sleep", "pause_until", "delay"),
    "ask": ("ask_human", "request_approval", "confirm_with_user"),
    "compute": ("compute", "render", "convert", "summarize", "analyze", "export", "generate"),
}
WELL_KNOWN = {
    "lookup": ("read_file", "fetch_page", "get_weather", "http_get", "open_url", "cat", "get_user", "describe_table"),
    "search": ("web_search", "search_docs", "vector_search", "grep", "google"),
    "act": (
        "send_email",
        "book_flight",
        "charge_card",
        "write_file",
        "post_message",
        "create_payment",
        "place_order",
        "edit_file",
        "apply_patch",
        "create_ticket",
        "merge_branch",
    ),
    "watch": ("get_status", "check_job", "poll_build"),
    "wait": ("sleep", "wait"),
    "compute": ("run_query", "execute_sql", "run_notebook", "python", "bash", "shell", "run_tests"),
}
SECONDS = {"lookup": (0.08, 0.9), "batch": (0.2, 1.2), "list": (0.1, 0.8), "search": (0.2, 1.5), "act": (0.2, 1.4), "watch": (0.05, 0.3),
           "wait": (2.0, 6.0), "ask": (4.0, 30.0), "compute": (0.3, 2.0)}  # fmt: skip


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` is what it takes as a rule."""

    name: str
    kind: str
    noun: str
    seconds: float
    field: str


class Toolbox:
    """Hands out tools of one run, no name twice."""

    def __init__(self, dice: Random) -> None:
        self._dice = dice
        self._words = Words(dice)
        self._style = dice.choice(STYLES)
        self._taken: set[str] = set()

    def pick(self, kind: str, *, noun: str | None = None, plural: bool = False) -> Tool:
        dice = self._dice
        low, high = SECONDS[kind]
        while True:
            topic = noun or self._words.noun()
            known = WELL_KNOWN.get(kind, ())
            name = (
                dice.choice(known)
                if known and noun is None and dice.random() < 0.25
                else self._name(kind, f"{topic}s" if plural else topic)
            )
            if name not in self._taken:
                self._taken.add(name)
                break
            noun = noun and f"{noun}_{self._words.made_up()}"
        return Tool(name=name, kind=kind, noun=topic, seconds=dice.uniform(low, high), field=self._field(kind, topic))

    def _field(self, kind: str, topic: str) -> str:
        asks_in_words = ("query", "q", "text", "search")
        return self._dice.choice(
            asks_in_words if kind == "search" else (f"{topic}_id", "id", "key", "ref", f"{topic}Id")
        )

    def _name(self, kind: str, topic: str) -> str:
        verb = self._dice.choice(VERBS[kind])
        words = [*verb.split("_"), *topic.split("_")]
        match self._style:
            case "camel":
                return words[0] + "".join(word.capitalize() for word in words[1:])
            case "dotted":
                return f"{words[-1]}.{'_'.join(words[:-1])}"
            case "kebab":
                return "-".join(words)
            case "mcp":
                return f"mcp__{self._words.made_up()}__{'_'.join(words)}"
        return "_".join(words)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call that a model asks for, or that a program makes by itself."""

    tool: Tool
    arguments: dict[str, Any]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The exception that a tool raises, and how long it takes to come to it if not as long as an answer."""

    kind: str
    text: str
    module: str = "builtins"
    seconds: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How the world answers a call."""

    result: Any = None
    failure: Failure | None = None
    seconds: float = 0.0
