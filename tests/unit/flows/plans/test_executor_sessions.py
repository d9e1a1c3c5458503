"""Plans carried out in sessions: what was done is read back, and what was in the middle is treated as declared."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from reev_flow.errors import InvalidPlan, InvalidStep, PlanChanged, SessionNotFound, SessionWaiting, StoreError
from reev_flow.flows.code import flow
from reev_flow.flows.handle import SessionHandle
from reev_flow.flows.plans.context import StepContext
from reev_flow.flows.plans.executor import FlowExecutor, execute_dynamic_flow
from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, DynamicStep, RecoveryStrategy
from reev_flow.flows.plans.results import FlowResult
from reev_flow.values.refusal import UnreadableValue
from support.crashes import LONGER_THAN_A_LEASE, NEVER, World
from support.failing_stores import FillingStore
from support.plans import plan, step
from support.workers import journal, told, until, waiting, worker

retry, ask, instead = RecoveryStrategy.retry, RecoveryStrategy.ask, RecoveryStrategy.alternative_flow


class Recorder:
    """Runs steps by calling what is given for them, and keeps what it was told."""

    def __init__(self, **functions: Callable[[StepContext], Any]) -> None:
        self._functions = functions
        self.ran: list[str] = []
        self.contexts: list[StepContext] = []

    async def run_step(self, step: DynamicStep, context: StepContext) -> Any:
        self.ran.append(step.step_id)
        self.contexts.append(context)
        await asyncio.sleep(0)
        function = self._functions.get(step.step_id)
        result = f"result of {step.step_id}" if function is None else function(context)
        return await result if asyncio.iscoroutine(result) else result


def fail(_: StepContext) -> Any:
    raise ValueError("no such venue")


async def run(world: World, work: DynamicFlowPlan, recorder: Recorder, **options: Any) -> FlowResult:
    result = await world.go_on(work, run_step=recorder.run_step, **options)  # type: ignore[arg-type]  # plans are run like flows
    assert isinstance(result, FlowResult)
    return result


async def cut(world: World, work: DynamicFlowPlan, recorder: Recorder, after_writes: int) -> bool:
    return await world.cut_off(work, run_step=recorder.run_step, after_writes=after_writes)  # type: ignore[arg-type]


def is_begun(world: World, step_id: str) -> bool:
    return any(entry.step.endswith(f"{step_id}[{step_id}]") for entry in journal(world.store))


async def cut_in(world: World, work: DynamicFlowPlan, step_id: str, recorder: Recorder | None = None) -> Recorder:
    """Runs the plan until that step is in the middle, and never hears of its worker again."""
    filling = FillingStore(world.store, room_for=NEVER)

    async def fall_over(_: StepContext) -> Any:
        await until(lambda: is_begun(world, step_id))
        filling.room_for = 0
        return "done, and nobody knows"

    recorder = recorder or Recorder()
    recorder._functions[step_id] = fall_over
    world.clock.seconds += LONGER_THAN_A_LEASE
    with pytest.raises(StoreError):
        async with worker(filling, clock=world.clock) as manager:
            await manager.run(work, run_step=recorder.run_step, session_id="s-1")
    return recorder


class TestTheJournal:
    async def test_each_step_is_one_step_of_the_session_with_its_id_as_key(self):
        world = World()
        await run(world, plan(step("quote"), step("swap", "quote"), on_interrupt="rerun"), Recorder())
        assert told(world.store) == [
            "started quote[quote]",
            "finished quote[quote]",
            "started swap[swap]",
            "finished swap[swap]",
        ]

    async def test_an_alternative_is_a_branch_and_a_question_a_step_of_its_own(self):
        world = World()
        strategies = (instead(step("other")), ask(deadline_seconds=0.01))
        await run(world, plan(step("swap", recovery_strategies=strategies)), Recorder(swap=fail, other=fail))
        assert told(world.store) == [
            "started swap[swap]",
            "failed swap[swap]",
            "started instead of swap#1/other[other]",
            "failed instead of swap#1/other[other]",
            "asked ask-swap[1]",
            "failed ask-swap[1]",
        ]

    async def test_a_step_of_an_alternative_is_in_its_branch_whoever_makes_room_for_it(self):
        world = World()
        recorder = Recorder(
            a=fail,
            b=lambda _: until(lambda: any("c[c]" in line for line in told(world.store))),
            d=lambda _: until(lambda: any("b[b]" in line for line in told(world.store))),
        )
        work = plan(step("a", recovery_strategies=(instead(step("b"), step("c")),)), step("d"))
        async with worker(world.store, clock=world.clock) as manager:
            session = await manager.start_flow(work, session_id="s-1")
            await FlowExecutor(recorder.run_step, most_concurrent=2).execute(work, session)
        assert "finished instead of a#1/c[c]" in told(world.store)

    async def test_steps_have_the_effect_they_declare_or_their_plan_declares(self):
        world = World()
        await run(world, plan(step("a", on_interrupt="fail"), step("b"), on_interrupt="rerun"), Recorder())
        effects = {entry.step: str(entry.effect) for entry in journal(world.store) if entry.effect}
        assert effects == {"a[a]": "fail", "b[b]": "rerun"}

    async def test_the_result_is_kept_with_the_session(self):
        world, recorder = World(), Recorder(a=fail)
        first = await run(world, plan(step("a")), recorder)
        assert await run(world, plan(step("a")), recorder) == first
        assert recorder.ran == ["a"]


class TestGoingOn:
    async def test_what_was_finished_is_not_run_again(self):
        world, work = World(), plan(step("a"), step("b", "a"), step("c", "b"), on_interrupt="rerun")
        await cut_in(world, work, "b")
        recorder = Recorder()
        result = await run(world, work, recorder)
        assert recorder.ran == ["b", "c"]
        assert [each.value for each in result.steps] == ["result of a", "result of b", "result of c"]

    async def test_what_was_read_back_has_no_duration_and_its_attempts(self):
        world, work = World(), plan(step("a"), step("b", "a"), on_interrupt="rerun")
        await cut_in(world, work, "b")
        a, b = (await run(world, work, Recorder())).steps
        assert (a.attempts, a.duration_seconds) == (1, None)
        assert b.attempts == 2
        assert b.duration_seconds is not None

    async def test_attempts_go_on_where_they_were(self):
        world, recorder = World(), Recorder(a=fail)
        work = plan(step("a", recovery_strategies=(retry(attempts=3, wait_seconds=0),)), on_interrupt="rerun")
        assert await cut(world, work, recorder, after_writes=4)
        result = await run(world, work, recorder)
        assert result.step("a").attempts == 3
        assert [context.attempt for context in recorder.contexts] in ([1, 2, 3], [1, 2, 2, 3], [1, 1, 2, 3])

    async def test_the_key_is_the_same_before_and_after_and_when_a_person_says_retry(self):
        world, work = World(), plan(step("a", recovery_strategies=(ask(),)), on_interrupt="rerun")
        before = await cut_in(world, work, "a")
        after = Recorder(a=lambda context: fail(context) if len(after.ran) == 1 else "paid")
        async with worker(world.store, clock=world.clock) as manager:
            world.clock.seconds += LONGER_THAN_A_LEASE
            running = asyncio.ensure_future(manager.run(work, run_step=after.run_step, session_id="s-1"))
            await waiting(manager, "s-1")
            await manager.answer("s-1", "retry")
            result = await running
        assert (result.steps[0].recovered_by, result.output) == ("person", "paid")
        keys = {context.idempotency_key for context in before.contexts + after.contexts}
        assert (len(keys), len(after.contexts)) == (1, 2)

    async def test_a_step_with_an_effect_that_was_in_the_middle_is_asked_about(self):
        world, work = World(), plan(step("pay"), step("thank", "pay", prompt_template="{pay}"))
        await cut_in(world, work, "pay")
        recorder = Recorder()
        async with worker(world.store, clock=world.clock) as manager:
            world.clock.seconds += LONGER_THAN_A_LEASE
            running = asyncio.ensure_future(manager.run(work, run_step=recorder.run_step, session_id="s-1"))
            await waiting(manager, "s-1")
            await manager.answer("s-1", {"happened": True, "result": "receipt"})
            await running
        assert recorder.ran == ["thank"]
        assert recorder.contexts[0].prompt == "receipt"

    async def test_one_that_is_to_fail_then_fails_and_nothing_else_is_done_in_its_place(self):
        world = World()
        strategies = (retry(wait_seconds=0), instead(step("other")))
        work = plan(step("pay", on_interrupt="fail", recovery_strategies=strategies))
        await cut_in(world, work, "pay")
        recorder = Recorder()
        result = await run(world, work, recorder)
        assert recorder.ran == []
        assert str(result.error).startswith("StepInDoubt: ")

    async def test_an_answer_that_came_while_no_worker_lived_is_used(self):
        world, work = World(), plan(step("a", recovery_strategies=(ask(),)), step("b"))
        async with worker(world.store, clock=world.clock) as manager:
            with pytest.raises(SessionWaiting, match="retry, skip or abort"):
                await manager.run(work, run_step=Recorder(a=fail).run_step, session_id="s-1", wait=False)
        async with worker(world.store, clock=world.clock) as manager:
            await manager.answer("s-1", "skip")
        result = await run(world, work, Recorder())
        assert (result.is_completed, result.step("a").reason) == (True, "a person skipped it")

    async def test_a_worker_does_not_leave_for_a_question_what_can_be_done_meanwhile(self):
        world, recorder = World(), Recorder(a=fail)
        chain = [step("b0"), *(step(f"b{number}", f"b{number - 1}") for number in range(1, 5))]
        work = plan(step("a", recovery_strategies=(ask(),)), *chain)
        async with worker(world.store, clock=world.clock) as manager:
            with pytest.raises(SessionWaiting):
                await manager.run(work, run_step=recorder.run_step, session_id="s-1", wait=False)
        assert sorted(recorder.ran) == ["a", "b0", "b1", "b2", "b3", "b4"]

    async def test_a_step_of_an_alternative_that_was_finished_is_not_run_again(self):
        world = World()
        work = plan(step("a", recovery_strategies=(instead(step("b"), step("c", "b")),)), on_interrupt="rerun")
        await cut_in(world, work, "c", Recorder(a=fail))
        recorder = Recorder()
        result = await run(world, work, recorder)
        assert (recorder.ran, result.output) == (["c"], "result of c")

    async def test_once_the_flow_had_failed_nothing_new_begins_and_what_had_begun_is_carried_through(self):
        world = World()
        work = plan(step("slow"), step("after", "slow"), step("first"), step("bad", "first"), on_interrupt="rerun")
        filling = FillingStore(world.store, room_for=NEVER)

        async def run_step(step: DynamicStep, context: StepContext) -> str:
            if step.step_id == "bad":
                raise ValueError("bad")
            if step.step_id == "slow":
                while not any(entry.kind == "failed" for entry in journal(world.store)):
                    await asyncio.sleep(0)
                filling.room_for = 0
            return step.step_id

        with pytest.raises(StoreError):
            async with worker(filling, clock=world.clock) as manager:
                await manager.run(work, run_step=run_step, session_id="s-1")
        recorder = Recorder()
        result = await run(world, work, recorder)
        assert recorder.ran == ["slow"]
        assert (result.failed_by, result.step("slow").status, result.step("after").status) == (
            "bad",
            "completed",
            "skipped",
        )

    @pytest.mark.parametrize(
        "strategies", [(), (instead(step("other"), step("another"), step("last")),)], ids=["plain", "beside"]
    )
    async def test_a_failure_far_down_the_journal_is_read_before_anything_new_begins(self, strategies: tuple[Any, ...]):
        world = World()
        chain = [step("x0", recovery_strategies=strategies), step("x1", "x0"), step("x2", "x1"), step("bad", "x2")]

        async def run_step(step: DynamicStep, context: StepContext) -> str:
            if step.step_id == "bad" or (step.step_id == "x0" and strategies):
                raise ValueError(step.step_id)
            if step.step_id == "first":
                await until(lambda: "failed bad[bad]" in told(world.store))
            return step.step_id

        work = plan(step("first"), step("new", "first"), *chain, on_interrupt="rerun")
        async with worker(world.store, clock=world.clock) as manager:
            before = await FlowExecutor(run_step).execute(work, await manager.start_flow(work, session_id="s-1"))
        recorder = Recorder()
        world.clock.seconds += LONGER_THAN_A_LEASE
        async with worker(world.store, clock=world.clock) as manager:
            session = await manager.start_flow(work, session_id="s-1")
            after = await FlowExecutor(recorder.run_step).execute(work, session)
        assert recorder.ran == []
        assert [each.status for each in after.steps] == [each.status for each in before.steps]

    async def test_a_step_that_had_begun_before_its_flow_failed_is_not_told_as_skipped(self):
        world, before = World(), Recorder()

        async def run_step(step: DynamicStep, context: StepContext) -> str:
            if step.step_id == "bad":
                while not any(entry.step == "c[c]" and entry.kind == "finished" for entry in journal(world.store)):
                    await asyncio.sleep(0)
                raise ValueError("bad")
            return str(await before.run_step(step, context))

        work = plan(step("bad"), step("b"), step("c", "b"), step("d", "c", "e"), step("e", "c"), on_interrupt="rerun")
        async with worker(world.store, clock=world.clock) as manager:
            handle = await manager.start_flow(work, session_id="s-1")
            first = await FlowExecutor(run_step).execute(work, handle)
        assert first.step("c").status == "completed"
        after = Recorder()
        world.clock.seconds += LONGER_THAN_A_LEASE
        async with worker(world.store, clock=world.clock) as manager:
            again = await FlowExecutor(after.run_step).resume_from_step(
                await manager.start_flow(work, session_id="s-1")
            )
        assert after.ran == []
        assert [each.status for each in again.steps] == [each.status for each in first.steps]


class TestErrors:
    async def both_runs(self, work: DynamicFlowPlan, recorder: Recorder) -> tuple[FlowResult, FlowResult]:
        """What the first worker makes of the plan, and what a second one that reads its journal."""
        world = World()
        async with worker(world.store, clock=world.clock) as manager:
            first = await execute_dynamic_flow(
                work, recorder.run_step, await manager.start_flow(work, session_id="s-1")
            )
        world.clock.seconds += LONGER_THAN_A_LEASE
        async with worker(world.store, clock=world.clock) as manager:
            again = await execute_dynamic_flow(
                work, recorder.run_step, await manager.start_flow(work, session_id="s-1")
            )
        return first, again

    async def test_an_error_is_told_alike_by_the_first_run_and_by_a_later_one(self):
        class Local(Exception):
            def __init__(self, number: int, text: str) -> None:
                super().__init__(text)

        def fail_with_local(_: StepContext) -> Any:
            raise Local(3, "cannot be made again")

        recorder = Recorder(a=fail, b=fail_with_local, c=lambda _: object())
        first, again = await self.both_runs(plan(step("a"), step("b"), step("c"), atomic_mode="lenient"), recorder)
        assert [each.error for each in first.steps] == [each.error for each in again.steps]
        assert str(first.step("b").error).endswith("Local: cannot be made again")
        assert sorted(recorder.ran) == ["a", "b", "c"]

    async def test_an_error_of_ours_that_a_step_raises_is_its_failure(self):
        def look_up(_: StepContext) -> Any:
            raise SessionNotFound("s-7", "elsewhere")

        first, again = await self.both_runs(plan(step("a"), atomic_mode="lenient"), Recorder(a=look_up))
        assert first.step("a").error == again.step("a").error
        assert str(first.step("a").error).startswith("SessionNotFound: no session 's-7'")

    async def test_a_result_that_cannot_be_kept_fails_its_step_for_good(self):
        strategies = (retry(attempts=3, wait_seconds=0), instead(step("b")))
        recorder = Recorder(a=lambda _: object())
        first, _ = await self.both_runs(plan(step("a", recovery_strategies=strategies)), recorder)
        assert recorder.ran == ["a"]
        assert str(first.error).startswith("UnstorableValue: result of a (object) is of a type that is not stored")

    async def test_a_store_that_fails_is_no_failure_of_the_step(self):
        world, recorder = World(), Recorder()
        work = plan(step("a", recovery_strategies=(instead(step("b")),)), step("c"), atomic_mode="lenient")
        assert await cut(world, work, recorder, after_writes=3)
        assert "b" not in recorder.ran

    async def test_a_result_that_cannot_be_read_back_stops_the_plan(self, monkeypatch: pytest.MonkeyPatch):
        world, work = World(), plan(step("a"), step("b", "a"), on_interrupt="rerun")
        await cut_in(world, work, "b")

        def damaged(*_: Any, **__: Any) -> Any:
            raise UnreadableValue("result", "its class is gone", "bring it back")

        monkeypatch.setattr("reev_flow.flows.step_run.decode", damaged)
        recorder = Recorder()
        with pytest.raises(UnreadableValue):
            await run(world, work, recorder)
        assert recorder.ran == []

    async def test_a_plan_is_carried_out_once_in_a_branch(self):
        work = plan(step("a"))

        @flow
        async def twice(session: SessionHandle) -> Any:
            await execute_dynamic_flow(work, Recorder().run_step, session)
            return await execute_dynamic_flow(work, Recorder().run_step, session)

        with pytest.raises(InvalidStep, match="called twice with the same key"):
            await World().go_on(twice)

    async def test_code_may_carry_out_plans_in_branches_of_its_own(self):
        recorder = Recorder()

        @flow
        async def twice(session: SessionHandle) -> Any:
            for name in ("first", "second"):
                with session.branch(name):
                    await execute_dynamic_flow(plan(step("a")), recorder.run_step, session)
            return await session.step(str, 3)

        world = World()
        assert await world.go_on(twice) == "3"
        assert told(world.store)[::2] == ["started first#1/a[a]", "started second#1/a[a]", "started str#1"]


class TestAChangedPlan:
    work = plan(
        step("a", on_interrupt="rerun"),
        step("b", "a", prompt_template="{amount}", on_interrupt="rerun"),
        step("c", "b"),
        context={"amount": 3},
    )

    async def refused(self, changed: DynamicFlowPlan) -> str:
        world, recorder = World(), Recorder()
        await cut_in(world, self.work, "b")
        with pytest.raises(PlanChanged) as refused:
            await run(world, changed, recorder)
        assert recorder.ran == []
        return str(refused.value)

    def with_step(self, number: int, **facts: Any) -> DynamicFlowPlan:
        changed = replace(self.work.steps[number], **facts)
        return replace(self.work, steps=(*self.work.steps[:number], changed, *self.work.steps[number + 1 :]))

    async def test_a_step_that_has_begun_may_not_differ(self):
        assert await self.refused(self.with_step(1, prompt_template="twice {amount}")) == (
            "plan 'trip' changed since its session began: step 'b' differs in 'prompt_template', and it has begun; "
            "nothing ran, resume with the former plan or start a new session"
        )

    async def test_the_first_step_that_differs_is_named(self):
        changed = self.with_step(1, critical=False)
        steps = (replace(changed.steps[0], critical=False), *changed.steps[1:])
        assert "step 'a' differs in 'critical'" in await self.refused(replace(changed, steps=steps))

    async def test_a_step_that_has_begun_may_not_be_left_out(self):
        changed = plan(step("a", on_interrupt="rerun"), step("c", "a"), context={"amount": 3})
        assert "step 'b' is gone, and it has begun" in await self.refused(changed)

    async def test_an_alternative_that_a_begun_step_may_come_to_may_not_differ(self):
        world = World()
        inside = instead(step("x", recovery_strategies=(instead(flow_id="near"),)))
        near = plan(step("y", recovery_strategies=(instead(flow_id="far"),)), flow_id="near")
        far = plan(step("z"), flow_id="far")
        work = plan(step("a", recovery_strategies=(inside,)), on_interrupt="rerun", alternative_flows=(near, far))
        await cut_in(world, work, "a")
        with pytest.raises(PlanChanged, match="step 'a' differs in 'alternative_flows'"):
            await run(world, replace(work, alternative_flows=(near, replace(far, on_interrupt="rerun"))), Recorder())

    async def test_an_alternative_that_no_begun_step_comes_to_may_differ(self):
        world = World()
        other = plan(step("y"), flow_id="other")
        last = step("b", "a", recovery_strategies=(instead(flow_id="other"),))
        work = plan(step("a"), last, on_interrupt="rerun", alternative_flows=(other,))
        await cut_in(world, work, "a")
        changed = replace(work, alternative_flows=(replace(other, on_interrupt="rerun"),))
        assert (await run(world, changed, Recorder())).is_completed

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"context": {"amount": 4}}, "its frame differs in 'context'"),
            ({"atomic_mode": AtomicMode.LENIENT}, "its frame differs in 'atomic_mode'"),
            ({"user_prompt": "more"}, "its frame differs in 'user_prompt'"),
        ],
    )
    async def test_what_holds_for_all_steps_may_not_differ(self, change: dict[str, Any], told: str):
        assert told in await self.refused(replace(self.work, **change))

    async def test_the_effect_of_the_plan_is_that_of_its_steps(self):
        world = World()
        work = plan(step("a"), step("b", "a"), on_interrupt="rerun")
        await cut_in(world, work, "b")
        with pytest.raises(PlanChanged, match="step 'a' differs in 'on_interrupt'"):
            await run(world, replace(work, on_interrupt="ask"), Recorder())

    async def test_steps_that_have_not_begun_may_differ_be_added_and_left_out(self):
        world = World()
        await cut_in(world, self.work, "b")
        recorder = Recorder()
        changed = replace(
            self.work, steps=(*self.work.steps[:2], step("d", "b"), step("e", "d")), metadata={"by": "ann"}
        )
        result = await run(world, changed, recorder)
        assert recorder.ran == ["b", "d", "e"]
        assert [each.step_id for each in result.steps] == ["a", "b", "d", "e"]

    async def test_the_changed_plan_is_the_plan_from_then_on(self):
        world = World()
        await cut_in(world, self.work, "b")
        changed = self.with_step(2, prompt_template="carefully", on_interrupt="rerun")
        await cut_in(world, changed, "c")
        recorder = Recorder()
        result = await run(world, changed, recorder)
        assert (recorder.ran, result.is_completed) == (["c"], True)
        assert recorder.contexts[0].prompt == "carefully"

    async def test_another_order_of_dependencies_is_no_change(self):
        world = World()
        work = plan(step("a"), step("b"), step("c", "a", "b", required_tools=("x", "y")), on_interrupt="rerun")
        await cut_in(world, work, "c")
        same = replace(work.steps[2], depends_on=("b", "a"), required_tools=("y", "x"))
        assert (await run(world, replace(work, steps=(*work.steps[:2], same)), Recorder())).is_completed

    async def test_before_anything_has_begun_any_plan_will_do(self):
        async with worker() as manager:
            session = await manager.start_flow(self.work)
            other = plan(step("z"), flow_id="other")
            assert (await execute_dynamic_flow(other, Recorder().run_step, session)).is_completed


class TestResumingByHand:
    async def test_the_sessions_own_plan_is_gone_on_with(self):
        world, work = World(), plan(step("a"), step("b", "a"), on_interrupt="rerun")
        await cut_in(world, work, "b")
        recorder = Recorder()
        world.clock.seconds += LONGER_THAN_A_LEASE
        async with worker(world.store, clock=world.clock) as manager:
            session = await manager.start_flow("trip", session_id="s-1")
            result = await FlowExecutor(recorder.run_step).resume_from_step(session)
            await manager.end_flow(session, result)
        assert (recorder.ran, result.is_completed) == (["b"], True)

    async def test_a_session_that_was_started_without_a_plan_has_the_one_it_was_given(self):
        world, recorder = World(), Recorder()
        async with worker(world.store, clock=world.clock) as manager:
            session = await manager.start_flow("trip", session_id="s-1")
            await execute_dynamic_flow(plan(step("a"), step("b")), recorder.run_step, session)
        world.clock.seconds += LONGER_THAN_A_LEASE
        async with worker(world.store, clock=world.clock) as manager:
            session = await manager.start_flow("trip", session_id="s-1")
            result = await FlowExecutor(recorder.run_step).resume_from_step(session)
        assert (recorder.ran, result.is_completed) == (["a", "b"], True)

    async def test_a_session_without_a_plan_says_so(self):
        async with worker() as manager:
            session = await manager.start_flow("trip", session_id="s-1")
            with pytest.raises(InvalidPlan, match="s-1: the session was started without a plan; give the plan"):
                await FlowExecutor(Recorder().run_step).resume_from_step(session)
