"""Where in a flow a step is called: the flow itself, or one of the branches that run beside each other."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from threading import Thread, current_thread
from typing import Any, TypeAlias

from reev_flow.errors import InvalidStep
from reev_flow.sessions.identity import branch_identity, step_identity

Caller: TypeAlias = asyncio.Task[Any] | Thread

OWN_BRANCH = (
    "start the task with session.gather, session.task_group() or inside session.branch(name), or give the step a key"
)


class Branch:
    """Steps in a branch are told apart by the order in which its owner calls them, so only its owner may call them without a key."""

    __slots__ = ("_members", "_ordinals", "identity", "outer", "owner", "session_id")

    def __init__(self, session_id: str, identity: str, owner: Caller | None, outer: "Branch | None" = None) -> None:
        """`outer` is the branch that was current before, of whatever session."""
        self.session_id = session_id
        self.identity = identity
        self.owner = owner
        self.outer = outer
        self._ordinals: dict[str, int] = {}
        self._members: dict[str, None] = {}  # an empty set would take three times as much

    def step(self, name: str, key: str | None) -> str:
        """The identity of a step that is called now."""
        if key is not None:
            return self._new_member(step_identity(self.identity, name, key=key), "key")
        self._refuse_strangers(name)
        return step_identity(self.identity, name, ordinal=self._next(name))

    def inner(self, name: str) -> str:
        """The identity of a branch that is opened now. One that is opened from a foreign task is told apart by its name alone."""
        ordinal = self._next(f"{name}/") if self._is_owner(caller_here()) else 1
        return self._new_member(branch_identity(self.identity, name, ordinal=ordinal), "name")

    def group(self, name: str) -> int:
        """The ordinal of a gather or a task group that is opened now."""
        self._refuse_strangers(name)
        return self._next(f"{name}/")

    def member(self, name: str, ordinal: int, member: str) -> str:
        """The identity of one of the branches of a gather or a task group."""
        return self._new_member(branch_identity(self.identity, name, ordinal=ordinal, member=member), "name")

    def _next(self, name: str) -> int:
        ordinal = self._ordinals.get(name, 0) + 1
        self._ordinals[name] = ordinal
        return ordinal

    def _new_member(self, identity: str, word: str) -> str:
        if identity in self._members:
            raise InvalidStep(identity, f"called twice with the same {word}", f"give each call a {word} of its own")
        self._members[identity] = None
        return identity

    def _refuse_strangers(self, name: str) -> None:
        caller = caller_here()
        if self.owner is caller:
            return
        if not self._is_owner(caller):
            details = "called from a task that the session did not start, so a resumed run could not find it again"
            raise InvalidStep(name, details, OWN_BRANCH)
        self.owner = caller

    def _is_owner(self, caller: Caller) -> bool:
        return self.owner is caller or self.owner is None or is_over(self.owner)


_current: ContextVar[Branch | None] = ContextVar("reev_flow_branch", default=None)


def current_branch(session_id: str) -> Branch | None:
    """The innermost open branch of that session; None in the flow itself."""
    branch = _current.get()
    while branch is not None and branch.session_id != session_id:
        branch = branch.outer
    return branch


@contextmanager
def entered(branch: Branch) -> Iterator[None]:
    """A generator that opens a branch and is left without being closed is closed by the loop, in another context, at any moment. Whoever
    left it stays in the branch then: that is the same each time.
    """
    branch.outer = _current.get()
    branch.owner = caller_here()
    token = _current.set(branch)
    try:
        yield
    finally:
        with suppress(ValueError):
            _current.reset(token)


def context_of(branch: Branch) -> Context:
    """A copy of the context in which the branch is current."""
    branch.outer = _current.get()
    context = copy_context()
    context.run(_current.set, branch)
    return context


def start_in(branch: Branch, work: Coroutine[Any, Any, Any], name: str | None = None) -> "asyncio.Task[Any]":
    """A task that runs in the branch and owns it."""
    task = asyncio.get_running_loop().create_task(work, name=name, context=context_of(branch))
    branch.owner = task
    return task


def is_over(owner: Caller) -> bool:
    return not owner.is_alive() if isinstance(owner, Thread) else owner.done()


def caller_here() -> Caller:
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    return current_thread() if task is None else task
