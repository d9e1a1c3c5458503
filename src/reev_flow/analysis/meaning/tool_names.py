"""What the name of a tool says about it.

English words only: a name in another language says nothing, and rules then treat the tool as one that answers questions.
"""

import re
from functools import lru_cache


def vocabulary(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

READING = vocabulary(
    "get list read search find fetch lookup look query show describe load view count check is has retrieve select calculate compute "
    "convert compare analyze analyse summarize explain grep cat head tail download extract parse inspect"
)
ACTING = vocabulary(
    "click press type fill scroll tap drag hover navigate goto open close send post write save create add insert update upsert edit patch "
    "replace delete remove move rename set put submit book buy pay order transfer deploy install uninstall commit push merge apply start "
    "stop restart cancel approve reject upload publish schedule assign register increment append charge refund reserve notify dispatch enable disable grant revoke"
)
RUNNING = vocabulary(
    "run execute exec eval bash shell terminal console command cmd powershell python code script sql notebook invoke"
)
OPENING = vocabulary("open")
READABLE = vocabulary(
    "page pages url urls link links site website webpage web article articles file files document documents doc docs pdf image attachment"
)
CALLING = vocabulary(
    "run execute exec invoke call perform use dispatch do tool tools action actions function functions method mcp api"
)
WAITING = vocabulary("wait sleep pause delay")
ASKING_A_PERSON = vocabulary("human approval approve confirm confirmation consent feedback")
ASKING = vocabulary("ask prompt input await")
WATCHING = vocabulary(
    "status state progress poll health heartbeat monitor watch ready time now clock inbox queue random next latest screenshot observe"
)
MEASURING = vocabulary(
    "sensor sensors temperature humidity pressure moisture altitude voltage power energy speed wind weather thermometer gauge meter level "
    "location position gps traffic price prices quote quotes rate rates ticker market stock balance odds availability current live realtime reading readings"
)
HANDING_ON = vocabulary(
    "log logs error errors trace traces read file files document documents doc docs page cat tail grep issue issues ticket tickets mail email "
    "message messages commit diff incident incidents alert alerts"
)
ENDING = vocabulary(
    "final finish answer respond response reply submit done complete result output return terminate handoff transfer"
)
NAMES_NOTHING = (
    READING | ACTING | RUNNING | vocabulary("tool api call the by for from with of and to in on all data info a")
)


@lru_cache(maxsize=4_096)
def words(name: str) -> tuple[str, ...]:
    """`getWeather_v2` is (`get`, `weather`, `v`); a server before two underscores, as in `mcp__github__get_issue`, is left out."""
    return tuple(word.lower() for word in WORD.findall(name.rpartition("__")[2] or name))


def reads(name: str) -> bool:
    """Whether it begins by saying that it only looks."""
    return words(name)[:1] != () and words(name)[0] in READING


def acts(name: str) -> bool:
    """Whether it changes something, or lets time pass. Opening what can be read only looks."""
    said = frozenset(words(name)) - (OPENING if opens(name) else frozenset())
    return not reads(name) and not (ACTING | WAITING).isdisjoint(said)


def opens(name: str) -> bool:
    """Whether it opens something to read it, which may be what is looked at from then on."""
    said = words(name)
    return not OPENING.isdisjoint(said) and not READABLE.isdisjoint(said)


def may_act(name: str) -> bool:
    """Whether it acts or runs whatever it is given."""
    return acts(name) or runs(name)


def runs(name: str) -> bool:
    """Whether it runs whatever it is given."""
    return not reads(name) and not RUNNING.isdisjoint(words(name))


def says_nothing(name: str) -> bool:
    """Whether it says only that something is called: what, the arguments may tell."""
    said = words(name)
    return said != () and CALLING.issuperset(said)


def watches(name: str) -> bool:
    """Whether it asks for something that changes by itself."""
    return not WATCHING.isdisjoint(words(name))


def measures(name: str) -> bool:
    """Whether it asks for a value that may be another one the next time, so that one may want to hear it again and again."""
    return not MEASURING.isdisjoint(words(name))


def waits(name: str) -> bool:
    """Whether it is meant to take its time: a pause, or a question to a person."""
    said = words(name)
    asks_the_user = "user" in said and not ASKING.isdisjoint(said)
    return asks_the_user or not (WAITING | ASKING_A_PERSON).isdisjoint(said)


def hands_on_texts(name: str) -> bool:
    """Whether its results are what others wrote, an error message perhaps. What acts tells of what it did."""
    return not HANDING_ON.isdisjoint(words(name)) and not acts(name)


def ends(name: str) -> bool:
    """Whether calling it is a way to end or to hand over."""
    return not ENDING.isdisjoint(words(name))


def topics(name: str) -> frozenset[str]:
    """The words that say what it is about."""
    return frozenset(words(name)) - NAMES_NOTHING
