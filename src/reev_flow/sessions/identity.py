"""What a step is called in the journal: where it stands in its flow, not when it happened to run."""

import uuid
from hashlib import blake2b
from urllib.parse import unquote

import msgspec

from reev_flow.errors import InvalidStep

SPECIAL = frozenset("%/#[]:")
VERSION = "version:"
ESCAPES = str.maketrans({character: f"%{ord(character):02X}" for character in SPECIAL})


class StepName(msgspec.Struct, frozen=True):
    """The parts of an identity: the branches from the outside in, the step's name, and its key or its ordinal."""

    branches: tuple[str, ...]
    name: str
    key: str | None
    ordinal: int | None


def step_identity(branch: str, name: str, *, key: str | None = None, ordinal: int = 1) -> str:
    """`branch` is the identity of the branch, "" for the flow itself. With a key the ordinal does not count.

    >>> step_identity("left#1", "pay", key="tx 7")
    'left#1/pay[tx 7]'
    """
    last = f"{_escaped(name)}#{ordinal}" if key is None else f"{_escaped(name)}[{_escaped(key)}]"
    return f"{branch}/{last}" if branch else last


def version_identity(name: str) -> str:
    """What the journal calls the version of a piece of code; no step and no branch is called so."""
    return f"{VERSION}{_escaped(name)}"


def is_version(identity: str) -> bool:
    return identity.startswith(VERSION)


def version_name(identity: str) -> str:
    """What `version_identity` was given."""
    return unquote(identity.removeprefix(VERSION))


def branch_identity(parent: str, name: str, *, ordinal: int = 1, member: str = "") -> str:
    """The branch of that name in `parent`; `member` tells the branches of one gather or task group apart."""
    last = f"{_escaped(name)}#{ordinal}:{_escaped(member)}" if member else f"{_escaped(name)}#{ordinal}"
    return f"{parent}/{last}" if parent else last


def idempotency_key(session_id: str, identity: str) -> str:
    """The same for every attempt at a step, and for no other step: a UUID, which is what most services take."""
    text = f"{len(session_id)}:{session_id}{identity}".encode()
    return str(uuid.UUID(bytes=blake2b(text, digest_size=16, person=b"reev-flow-step").digest()))


def parse_identity(identity: str) -> StepName:
    """The parts that `step_identity` was given."""
    *branches, last = identity.split("/")
    if last.endswith("]"):
        name, _, key = last[:-1].partition("[")
        return StepName(tuple(branches), unquote(name), unquote(key), None)
    name, _, ordinal = last.partition("#")
    return StepName(tuple(branches), unquote(name), None, int(ordinal) if ordinal.isdecimal() else None)


def _escaped(text: str) -> str:
    if not isinstance(text, str):
        raise InvalidStep(repr(text), f"a name of type {type(text).__name__}", "use a text as the name")
    if text.isascii() and SPECIAL.isdisjoint(text):
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidStep(
            text, "its name or key is not Unicode text", "use text that can be encoded as UTF-8"
        ) from None
    return text.translate(ESCAPES)
