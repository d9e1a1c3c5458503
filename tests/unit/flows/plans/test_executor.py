"""Plans carried out in memory: what a runner is told, what runs beside what, and what comes of failures."""

import asyncio
import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from reev_flow.errors import InvalidAnswer, InvalidPlan, MissingTool
from reev_flow.flows.plans.context import StepContext
from reev_flow.flows.plans.executor import FlowExecutor, execute_dynamic_flow, result_annotation
from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, DynamicStep, RecoveryStrategy
from reev_flow.flows.plans.results import FlowResult, StepError, StepStatus
from reev_flow.values.tagged import decode, encode
from support.plans import plan, step
from support.virtual_time import run_in_virtual_time

PATIENCE_SECONDS = 20

retry, ask, instead = RecoveryStrategy.retry, RecoveryStrategy.ask, RecoveryStrategy.alternative_flow


class Recorder:
    """Runs steps by calling what is given for them, and keeps what it was told."""

    def __init__(self, **functions: Callable[[StepContext], Any]) -> None:
        self._functions = functions
        self.contexts: dict[str, list[StepContext]] = {}
        self.running = 0
        self.most_running = 0

    async def run_step(self, step: DynamicStep, context: StepContext) -> Any:
        self.contexts.setdefault(step.step_id, []).append(context)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(1)
            function = self._functions.get(step.step_id)
            return f"result of {step.step_id}" if function is None else function(context)
        finally:
            self.running -= 1

    def only(self, step_id: str) -> StepContext:
        (context,) = self.contexts[step_id]
        return context


def fail(_: StepContext) -> Any:
    raise ValueError("no such venue")


def carried_out(work: DynamicFlowPlan, recorder: Recorder | None = None, **options: Any) -> FlowResult:
    return run_in_virtual_time(FlowExecutor((recorder or Recorder()).run_step, **options).execute(work))


def refused_by(error: Exception) -> Callable[[StepContext], Any]:
    def refuse(_: StepContext) -> Any:
        raise error

    return refuse


class Person:
    """Gives its answers in turn, the last one for ever, and keeps the questions."""

    def __init__(self, *answers: Any, after_seconds: float = 1) -> None:
        self._answers = answers
        self._after_seconds = after_seconds
        self.questions: list[str] = []

    async def __call__(self, question: str) -> Any:
        self.questions.append(question)
        await asyncio.sleep(self._after_seconds)
        return self._answers[min(len(self.questions), len(self._answers)) - 1]


def alternative_of(result: FlowResult, step_id: str) -> FlowResult:
    alternative = result.step(step_id).alternative
    assert alternative is not None
    return alternative


def one_that_asks() -> DynamicFlowPlan:
    return plan(step("swap", recovery_strategies=(ask("The {amount} is at stake."),)), context={"amount": 3})


class TestWhatARunnerIsTold:
    def test_the_prompt_is_filled_from_context_wish_and_results(self):
        recorder = Recorder(quote=lambda _: {"route": ["north", "south"]})
        work = plan(
            step("quote", prompt_template="Do: {user_prompt}"),
            step("swap", "quote", prompt_template="{amount} along {quote.route.1} of {quote.route}"),
            user_prompt="swap it",
            context={"amount": 1.5},
        )
        carried_out(work, recorder)
        assert recorder.only("quote").prompt == "Do: swap it"
        assert recorder.only("swap").prompt == '1.5 along south of ["north","south"]'

    def test_results_of_all_it_waits_for_are_there_and_no_others(self):
        recorder = Recorder()
        carried_out(plan(step("a"), step("b", "a"), step("c", "b"), step("d")), recorder)
        assert recorder.only("c").results == {"a": "result of a", "b": "result of b"}

    def test_it_has_the_tools_that_the_executor_has(self):
        recorder, tools = Recorder(), {"search": print}
        carried_out(plan(step("a", required_tools=("search",))), recorder, tools=tools)
        assert recorder.only("a").tools == tools

    def test_attempts_are_counted_and_share_their_key(self):
        recorder = Recorder(a=fail)
        carried_out(plan(step("a", recovery_strategies=(retry(attempts=3),)), step("b")), recorder)
        first, second, third = recorder.contexts["a"]
        assert (first.attempt, second.attempt, third.attempt) == (1, 2, 3)
        assert first.idempotency_key == second.idempotency_key == third.idempotency_key
        assert first.idempotency_key != recorder.only("b").idempotency_key

    def test_another_execution_has_other_keys(self):
        recorder = Recorder()
        carried_out(plan(step("a")), recorder)
        carried_out(plan(step("a")), recorder)
        first, second = recorder.contexts["a"]
        assert first.idempotency_key != second.idempotency_key

    def test_without_a_session_there_is_no_session_id_and_no_tracer(self):
        recorder = Recorder()
        carried_out(plan(step("a")), recorder)
        assert (recorder.only("a").session_id, recorder.only("a").tracer) == ("", None)

    def test_steps_of_an_alternative_see_what_the_step_they_replace_sees(self):
        recorder = Recorder(swap=fail)
        other = instead(step("other", prompt_template="{quote} for {amount}"), step("check", "other"))
        work = plan(step("quote"), step("swap", "quote", recovery_strategies=(other,)), context={"amount": 3})
        carried_out(work, recorder)
        assert recorder.only("other").prompt == "result of quote for 3"
        assert recorder.only("check").results == {"quote": "result of quote", "other": "result of other"}

    def test_steps_of_a_named_alternative_see_both_contexts_and_their_own_flow(self):
        recorder = Recorder(swap=fail)
        other = plan(step("wait", prompt_template="{venue} {amount}"), flow_id="wait", context={"venue": "south"})
        work = plan(
            step("swap", recovery_strategies=(instead(flow_id="wait"),)),
            context={"amount": 3, "venue": "north"},
            alternative_flows=(other,),
        )
        carried_out(work, recorder)
        assert (recorder.only("wait").prompt, recorder.only("wait").flow_id) == ("south 3", "wait")


class TestRunners:
    def test_a_plain_function_runs_in_a_thread(self):
        threads = []

        def run_step(step: DynamicStep, context: StepContext) -> str:
            threads.append(threading.current_thread())
            return context.prompt

        result = asyncio.run(execute_dynamic_flow(plan(step("a", prompt_template="go")), run_step))
        assert result.output == "go"
        assert threads != [threading.main_thread()]

    def test_a_lambda_that_gives_a_coroutine_is_awaited(self):
        async def agent(prompt: str) -> str:
            return prompt.upper()

        result = asyncio.run(
            execute_dynamic_flow(plan(step("a", prompt_template="go")), lambda _, context: agent(context.prompt))
        )
        assert result.output == "GO"

    def test_an_object_that_can_be_called_is_a_runner(self):
        class Agent:
            async def __call__(self, step: DynamicStep, context: StepContext) -> str:
                return step.step_id

        assert asyncio.run(execute_dynamic_flow(plan(step("a")), Agent())).output == "a"

    def test_what_a_plain_function_raises_is_the_failure_of_its_step(self):
        def run_step(step: DynamicStep, context: StepContext) -> str:
            raise {"stop": StopIteration(3), "value": ValueError("bad")}[step.step_id]

        result = asyncio.run(execute_dynamic_flow(plan(step("stop"), step("value"), atomic_mode="lenient"), run_step))
        assert [str(each.error) for each in result.steps] == [
            "RuntimeError: the step raised StopIteration(3)",
            "ValueError: bad",
        ]

    def test_nobody_waits_for_a_plain_function_beyond_its_time(self):
        gate, returned = threading.Event(), list[bool]()

        def run_step(step: DynamicStep, context: StepContext) -> None:
            returned.append(gate.wait(PATIENCE_SECONDS))

        asyncio.run(execute_dynamic_flow(plan(step("a", timeout_seconds=0.01)), run_step))
        assert returned == []
        gate.set()

    def test_threads_of_plain_functions_end_with_the_plan(self):
        used: list[threading.Thread] = []

        def run_step(step: DynamicStep, context: StepContext) -> None:
            used.append(threading.current_thread())

        asyncio.run(execute_dynamic_flow(plan(step("a"), step("b")), run_step))
        for thread in used:
            thread.join(PATIENCE_SECONDS)
        assert [thread.is_alive() for thread in used] == [False, False]

    def test_the_annotation_of_a_result_names_what_the_runner_returns(self):
        async def run_step(step: DynamicStep, context: StepContext) -> Receipt:
            return Receipt(3)

        result = asyncio.run(execute_dynamic_flow(plan(step("a")), run_step))
        data = encode(result, annotation=result_annotation(run_step))
        assert decode(data, annotation=result_annotation(run_step)) == result

    def test_the_annotation_of_a_runner_that_says_nothing_is_the_result_alone(self):
        assert result_annotation(lambda _step, _context: 1) is FlowResult


@dataclasses.dataclass
class Receipt:
    number: int


class TestConcurrency:
    def test_steps_that_do_not_wait_for_each_other_run_together(self):
        recorder = Recorder()
        carried_out(plan(step("a"), step("b"), step("c", "a")), recorder)
        assert recorder.most_running == 2

    def test_no_more_run_at_once_than_allowed(self):
        recorder = Recorder()
        carried_out(plan(*(step(f"s{number}") for number in range(20))), recorder, most_concurrent=3)
        assert recorder.most_running == 3

    def test_with_one_at_a_time_steps_run_in_the_order_listed(self):
        recorder = Recorder()
        work = plan(step("c", "a"), step("a"), step("b"))
        carried_out(work, recorder, most_concurrent=1)
        assert [*recorder.contexts] == ["a", "c", "b"]

    def test_alternatives_count_among_those_that_run_at_once(self):
        recorder = Recorder(a=fail, b=fail)
        others = {name: instead(*(step(f"{name}{number}") for number in range(4))) for name in "ab"}
        work = plan(*(step(name, recovery_strategies=(others[name],)) for name in "ab"))
        assert carried_out(work, recorder, most_concurrent=3).is_completed
        assert recorder.most_running == 3

    def test_a_step_that_waits_for_a_person_holds_up_no_other(self):
        loop_times = {}

        def note(context: StepContext) -> None:
            loop_times["other"] = asyncio.get_running_loop().time()

        work = plan(step("a", recovery_strategies=(ask(),)), step("other", "first"), step("first"))
        carried_out(work, Recorder(a=fail, other=note), most_concurrent=1, ask=Person("skip", after_seconds=1_000))
        assert loop_times["other"] < 10

    def test_a_step_that_a_person_has_run_again_waits_for_its_turn(self):
        fails = iter([True, False])
        recorder = Recorder(a=lambda context: fail(context) if next(fails) else "done")
        work = plan(step("a", recovery_strategies=(ask(),)), step("b"), step("c"), step("d"))
        result = carried_out(work, recorder, most_concurrent=1, ask=Person("retry", after_seconds=0.5))
        assert (result.step("a").value, recorder.most_running) == ("done", 1)

    def test_at_least_one_must_be_able_to_run(self):
        with pytest.raises(ValueError, match="most_concurrent is 0"):
            FlowExecutor(Recorder().run_step, most_concurrent=0)

    def test_cancelling_the_plan_cancels_its_steps(self):
        recorder = Recorder()

        async def cancelled() -> None:
            work = plan(step("a"), step("b"), step("c", "a"))
            task = asyncio.ensure_future(FlowExecutor(recorder.run_step).execute(work))
            await asyncio.sleep(0.5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        run_in_virtual_time(cancelled())
        assert (recorder.running, [*recorder.contexts]) == (0, ["a", "b"])


class TestFailures:
    def test_a_failure_is_told_with_its_class_and_what_was_not_begun_with_its_reason(self):
        work = plan(step("a"), step("b", "a"), step("c"), step("d", "c"))
        result = carried_out(work, Recorder(a=fail, c=lambda _: 3), most_concurrent=1)
        assert (result.status, result.failed_by, str(result.error)) == ("failed", "a", "ValueError: no such venue")
        assert result.step("a").error == StepError(kind="builtins:ValueError", message="no such venue")
        assert {each.step_id: each.reason for each in result.steps} == {
            "a": "",
            "b": "it waits for 'a', which failed",
            "c": "its flow had failed before it began",
            "d": "it waits for 'c', which was skipped",
        }

    def test_a_flow_that_goes_on_says_what_failed(self):
        result = carried_out(plan(step("a"), step("b"), atomic_mode=AtomicMode.LENIENT), Recorder(a=fail))
        assert (result.is_completed, result.failed_steps, result.failed_by, result.error) == (True, ("a",), "", None)
        assert result.output == "result of b"

    def test_a_step_that_runs_when_its_flow_fails_is_carried_through(self):
        recorder = Recorder(a=fail)
        result = carried_out(plan(step("a"), step("b", recovery_strategies=(retry(),))), recorder)
        assert result.step("b").status is StepStatus.COMPLETED

    def test_waits_between_attempts_grow(self):
        begun = []

        async def run_step(step: DynamicStep, context: StepContext) -> None:
            begun.append(asyncio.get_running_loop().time())
            raise ValueError

        work = plan(step("a", recovery_strategies=(retry(attempts=5, wait_seconds=1, factor=3, most_seconds=10),)))
        run_in_virtual_time(execute_dynamic_flow(work, run_step))
        assert begun == pytest.approx([0, 1, 4, 13, 23])

    def test_an_attempt_that_takes_too_long_has_failed(self):
        result = carried_out(plan(step("a", timeout_seconds=0.5)))
        assert str(result.error) == "StepTimeout: it took longer than its 0.5 s"

    def test_what_took_too_long_may_have_happened_and_is_not_tried_again(self):
        strategies = (retry(attempts=3), instead(step("b")))
        result = carried_out(plan(step("a", timeout_seconds=0.5, recovery_strategies=strategies)))
        assert (result.step("a").attempts, result.step("a").alternative) == (1, None)

    def test_what_took_too_long_and_may_be_rerun_is_tried_again_and_replaced(self):
        strategies = (retry(attempts=3), instead(step("b")))
        work = plan(step("a", timeout_seconds=0.5, recovery_strategies=strategies), on_interrupt="rerun")
        result = carried_out(work)
        assert (result.step("a").attempts, result.output) == (3, "result of b")

    def test_a_timeout_that_the_step_raises_is_its_own(self):
        recorder = Recorder(a=refused_by(TimeoutError("the venue is slow")))
        result = carried_out(plan(step("a", timeout_seconds=5, recovery_strategies=(retry(attempts=2),))), recorder)
        assert (str(result.error), result.step("a").attempts) == ("TimeoutError: the venue is slow", 2)

    def test_a_prompt_that_cannot_be_filled_fails_its_step_and_runs_nothing(self):
        recorder = Recorder(a=lambda _: {"b": 1})
        work = plan(
            step("a"), step("c", "a", prompt_template="{a.x}", recovery_strategies=(retry(), instead(step("d"))))
        )
        result = carried_out(work, recorder)
        assert "c" not in recorder.contexts
        assert str(result.step("c").error).startswith(
            "UnfillableTemplate: {a.x} cannot be filled: a has no 'x' (it has b)"
        )
        assert (result.step("c").attempts, result.output) == (0, "result of d")

    def test_an_alternative_gives_its_last_result_and_is_told(self):
        work = plan(
            step("a", recovery_strategies=(instead(step("b"), step("c", "b")),)), step("d", "a", prompt_template="{a}")
        )
        recorder = Recorder(a=fail)
        result = carried_out(work, recorder)
        recovered = result.step("a")
        assert (recovered.status, recovered.recovered_by, recovered.value) == (
            "recovered",
            "alternative_flow",
            "result of c",
        )
        assert str(recovered.error) == "ValueError: no such venue"
        assert [each.step_id for each in alternative_of(result, "a").steps] == ["b", "c"]
        assert recorder.only("d").prompt == "result of c"

    def test_an_alternative_whose_last_step_gave_nothing_cures_nothing(self):
        other = replace(instead(step("b"), step("c")), atomic_mode=AtomicMode.LENIENT)
        result = carried_out(plan(step("a", recovery_strategies=(other,))), Recorder(a=fail, c=fail))
        assert result.step("a").status is StepStatus.FAILED
        assert alternative_of(result, "a").is_completed

    def test_an_alternative_that_failed_cures_nothing_though_its_last_step_gave_a_result(self):
        result = carried_out(
            plan(step("a", recovery_strategies=(instead(step("b"), step("c")),))), Recorder(a=fail, b=fail)
        )
        assert alternative_of(result, "a").output == "result of c"
        assert result.step("a").status is StepStatus.FAILED

    def test_a_named_alternative_has_its_own_mode(self):
        other = plan(step("b"), step("c"), flow_id="other", atomic_mode=AtomicMode.LENIENT)
        work = plan(step("a", recovery_strategies=(instead(flow_id="other"),)), alternative_flows=(other,))
        assert carried_out(work, Recorder(a=fail, b=fail)).output == "result of c"

    def test_alternatives_have_alternatives(self):
        inner = step("b", recovery_strategies=(instead(step("c")),))
        work = plan(step("a", recovery_strategies=(instead(inner),)))
        result = carried_out(work, Recorder(a=fail, b=fail))
        assert (result.output, alternative_of(result, "a").steps[0].recovered_by) == ("result of c", "alternative_flow")


class TestPeople:
    def test_the_question_says_what_failed_and_what_may_be_answered(self):
        person = Person("abort")
        carried_out(one_that_asks(), Recorder(swap=fail), ask=person)
        assert person.questions == [
            "The 3 is at stake. step 'swap' of 'trip' failed with ValueError: no such venue; retry, skip or abort?"
        ]

    def test_a_question_stays_on_one_line_and_short(self):
        person = Person("abort")
        carried_out(one_that_asks(), Recorder(swap=refused_by(ValueError("line\n" * 1_000))), ask=person)
        assert "\n" not in person.questions[0]
        assert len(person.questions[0]) < 700

    def test_a_question_that_cannot_be_filled_is_put_as_it_stands(self):
        person = Person("skip")
        work = plan(step("a"), step("swap", "a", recovery_strategies=(ask("{a.x}?"),)))
        carried_out(work, Recorder(swap=fail), ask=person)
        assert person.questions[0].startswith("{a.x}? step 'swap'")

    def test_retry_runs_the_step_again_with_the_same_key(self):
        fails = iter([True, True, False])
        recorder = Recorder(swap=lambda context: fail(context) if next(fails) else "done")
        person = Person("retry")
        result = carried_out(one_that_asks(), recorder, ask=person).steps[0]
        assert (result.status, result.recovered_by, result.value, result.attempts) == ("recovered", "person", "done", 3)
        assert len({context.idempotency_key for context in recorder.contexts["swap"]}) == 1
        assert len(person.questions) == 2

    def test_skip_goes_on_without_the_step_and_does_not_fail_the_flow(self):
        work = plan(*one_that_asks().steps, step("b", "swap"), step("c"), context={"amount": 3})
        result = carried_out(work, Recorder(swap=fail), ask=Person("skip"))
        skipped = result.step("swap")
        assert (skipped.status, skipped.reason, str(skipped.error)) == (
            "skipped",
            "a person skipped it",
            "ValueError: no such venue",
        )
        assert (result.is_completed, result.step("b").reason) == (True, "it waits for 'swap', which was skipped")

    def test_abort_ends_the_flow_in_every_mode(self):
        work = replace(one_that_asks(), atomic_mode=AtomicMode.LENIENT)
        result = carried_out(work, Recorder(swap=fail), ask=Person("abort"))
        assert (result.status, result.failed_by, result.steps[0].is_abort) == ("failed", "swap", True)

    def test_abort_in_an_alternative_ends_the_whole_flow(self):
        other = instead(step("other", recovery_strategies=(ask(),)))
        work = plan(step("a", recovery_strategies=(other, ask())), step("b"), atomic_mode="lenient")
        person = Person("abort")
        result = carried_out(work, Recorder(a=fail, other=fail), ask=person)
        assert (result.failed_by, len(person.questions)) == ("a", 1)

    def test_what_is_no_answer_is_refused(self):
        with pytest.raises(InvalidAnswer, match="'maybe', wanted is one of retry, skip, abort"):
            carried_out(one_that_asks(), Recorder(swap=fail), ask=Person("maybe"))

    def test_a_plain_function_may_ask(self):
        def run_step(step: DynamicStep, context: StepContext) -> None:
            raise ValueError

        executor = FlowExecutor(run_step, ask=lambda _question: "skip")
        assert asyncio.run(executor.execute(one_that_asks())).is_completed

    def test_without_anybody_to_ask_the_step_stays_failed(self):
        assert carried_out(one_that_asks(), Recorder(swap=fail)).failed_by == "swap"

    def test_without_an_answer_in_time_the_step_stays_failed(self):
        work = plan(step("swap", recovery_strategies=(ask(deadline_seconds=10),)))
        result = carried_out(work, Recorder(swap=fail), ask=Person("skip", after_seconds=100))
        assert result.step("swap").status is StepStatus.FAILED

    def test_a_timeout_of_the_asking_itself_is_raised(self):
        async def broken(question: str) -> str:
            raise TimeoutError("the chat is down")

        with pytest.raises(TimeoutError, match="the chat is down"):
            carried_out(one_that_asks(), Recorder(swap=fail), ask=broken)

    def test_a_question_is_given_up_when_the_flow_fails_meanwhile(self):
        work = plan(step("a", recovery_strategies=(ask(),)), step("b"), step("c", "b"))
        result = carried_out(work, Recorder(a=fail, c=fail), ask=Person("skip", after_seconds=1_000))
        assert (result.failed_by, result.step("a").status) == ("c", "failed")

    def test_a_person_who_says_retry_for_ever_is_not_asked_for_ever(self):
        result = carried_out(one_that_asks(), Recorder(swap=fail), ask=Person("retry"))
        assert (result.steps[0].status, result.steps[0].attempts) == ("failed", 100)


class TestRefusals:
    def test_a_plan_that_is_not_sound_runs_nothing(self):
        recorder = Recorder()
        with pytest.raises(InvalidPlan, match="a → b → a"):
            carried_out(plan(step("x"), step("a", "b"), step("b", "a")), recorder)
        assert recorder.contexts == {}

    @pytest.mark.parametrize(
        "work",
        [
            plan(step("x"), step("a", required_tools=("search", "pay"))),
            plan(step("x", recovery_strategies=(instead(step("a", required_tools=("pay",))),))),
            plan(step("x"), alternative_flows=(plan(step("a", required_tools=("pay",)), flow_id="other"),)),
        ],
        ids=["in the plan", "in an alternative", "in a named alternative"],
    )
    def test_a_plan_that_requires_a_tool_that_is_not_there_runs_nothing(self, work: DynamicFlowPlan):
        recorder = Recorder()
        with pytest.raises(MissingTool) as refused:
            carried_out(work, recorder, tools={"search": print})
        assert str(refused.value) == (
            "step 'a' requires the tool 'pay', which was not given (given: search); add it to `tools`, nothing ran"
        )
        assert recorder.contexts == {}

    def test_without_tools_no_tool_is_missing(self):
        assert carried_out(plan(step("a", required_tools=("pay",)))).is_completed


def test_a_result_survives_being_stored_whatever_came_of_its_steps():
    work = plan(
        step("a", recovery_strategies=(instead(step("b")),)),
        step("c", "a"),
        step("d", "c", recovery_strategies=(ask(),)),
        step("e", "d"),
    )
    result = carried_out(work, Recorder(a=fail, d=fail), ask=Person("skip"))
    assert decode(encode(result)) == result


def test_an_unknown_step_is_not_in_the_result():
    with pytest.raises(KeyError):
        carried_out(plan(step("a"))).step("b")
