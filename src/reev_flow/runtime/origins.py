"""What can be run in a session: a flow that is code, a plan, or steps that somebody calls by hand."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec

from reev_flow.errors import UnknownFlow
from reev_flow.flows.blocking import run_blocking
from reev_flow.flows.code import Flow, entry_point_of, find_flow, has_code_changed, parameters_of
from reev_flow.flows.effects import OnInterrupt
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.executor import FlowExecutor, FlowResult, result_annotation
from reev_flow.flows.plans.in_session import read_plan
from reev_flow.flows.plans.plan import DynamicFlowPlan
from reev_flow.flows.step_call import is_coroutine_function
from reev_flow.runtime.begin import Origin
from reev_flow.runtime.drive import Body
from reev_flow.sessions.data import SessionData
from reev_flow.values.reach import resolve_annotation
from reev_flow.values.tagged import decode, encode

Startable: TypeAlias = Flow[..., Any] | DynamicFlowPlan
RunStep: TypeAlias = Callable[..., Any]
Tools: TypeAlias = Mapping[str, Callable[..., Any]]

CODE_CHANGED = "the code of the flow changed since the session began"


class Runnable(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is of, what is run in it, and the annotation of its result."""

    origin: Origin
    body: Body
    code: Any = None
    annotation: object = None
    on_interrupt: OnInterrupt = "ask"


def of_call(
    startable: Startable,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    run_step: Any = None,
    tools: Tools | None = None,
) -> Runnable:
    """`run_step` and `tools` are for plans, arguments for flows."""
    if isinstance(startable, DynamicFlowPlan):
        return of_plan(startable, run_step, tools)
    return of_flow(startable, args, kwargs)


def of_flow(flow: Flow[Any, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Runnable:
    """Raises `UnstorableValue` for arguments that a resumed run could not be given again."""
    parameters = parameters_of(flow.function)
    arguments = encode([list(args), kwargs], annotation=parameters, name=f"arguments of {flow.name}")
    args, kwargs = decode(arguments, annotation=parameters)
    function: Callable[..., Any] = flow.function
    origin = Origin(
        flow=flow.name, entry_point=flow.entry_point, digest=flow.digest, arguments=arguments, function=function
    )

    def body(session: SessionHandle) -> Awaitable[Any]:
        if not is_coroutine_function(function):
            return run_blocking(function, session, *args, **kwargs)
        coroutine: Awaitable[Any] = function(session, *args, **kwargs)
        return coroutine

    return Runnable(
        origin=origin,
        body=body,
        code=flow,
        annotation=resolve_annotation(flow.function),
        on_interrupt=flow.on_interrupt,
    )


def of_plan(plan: DynamicFlowPlan, code: RunStep | FlowExecutor, tools: Tools | None = None) -> Runnable:
    """`code` is what runs a step, or an executor that has it. Raises `InvalidPlan` and `MissingTool`."""
    executor = code if isinstance(code, FlowExecutor) else FlowExecutor(code, tools=tools)
    plan = executor.check(plan)
    origin = Origin(
        flow=plan.flow_id,
        entry_point=entry_point_of(executor.run_step),
        digest=plan.digest(),
        definition=plan.encoded(),
    )

    async def body(session: SessionHandle) -> FlowResult:
        return await executor.execute(plan, session)

    return Runnable(origin=origin, body=body, code=executor, annotation=result_annotation(executor.run_step))


def of_session(session: SessionData, code: Any = None, tools: Tools | None = None) -> Runnable:
    """What a session was begun with. `code` is its flow, or what runs its plan's steps, if that is not where the session remembers it.

    Raises `UnknownFlow`, `SessionCorruption` for a plan and `UnreadableValue` for arguments that cannot be read.
    """
    if code is None:
        if not session.entry_point:
            raise UnknownFlow(session.flow, "its steps were called by hand")
        code = find_flow(session.entry_point)
    if session.definition:
        return of_plan(read_plan(session), code, tools)
    if not isinstance(code, Flow):
        raise UnknownFlow(session.entry_point, "that is not a @flow")
    args, kwargs = decode(session.arguments, annotation=parameters_of(code.function))
    return of_flow(code, tuple(args), kwargs)


def annotation_of(session: SessionData, code: Any = None) -> object:
    """What the result of a session may be; without its code, as much as can be known."""
    if code is None and session.entry_point:
        with suppress(UnknownFlow):
            code = find_flow(session.entry_point)
    if session.definition:
        run_step = code.run_step if isinstance(code, FlowExecutor) else code
        return FlowResult if run_step is None else result_annotation(run_step)
    return resolve_annotation(code.function) if isinstance(code, Flow) else None


def remark_on(session: SessionData, code: Any) -> str:
    """What is to be noted when the session is taken over."""
    is_flow = isinstance(code, Flow)
    return CODE_CHANGED if is_flow and has_code_changed(session.digest, code.digest) else ""
