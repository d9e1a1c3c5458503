"""What carrying out a plan must come to, written down as simply as it can be: no tasks, only times and what follows from them.

Nothing after the moment at which a flow fails changes what was before it. So a flow is worked out as if it could not fail; the first
failure that it does not survive gives the moment, and it is worked out once more, with nothing beginning after that.
"""

from collections.abc import Mapping
from math import inf
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from reev_flow.flows.plans.plan import AtomicMode, DynamicFlowPlan, DynamicStep
from support.scripts import Script

Steps: TypeAlias = tuple[DynamicStep, ...]


class Outcome(msgspec.Struct, frozen=True):
    """What came of a step: status, when it ended, attempts, who cured it, its alternative, whether the flow was aborted over it."""

    status: str
    end: float
    attempts: int = 0
    by: str = ""
    inner: tuple[Any, ...] | None = None
    aborts: bool = False


def predict(plan: DynamicFlowPlan, scripts: Mapping[str, Script]) -> tuple[Any, ...]:
    """Status, the step it failed for, and what came of each step."""
    return _told(*Reference(scripts).flow(plan.steps, plan.atomic_mode, 0.0, inf))


def _told(outcomes: Mapping[str, Outcome], failed_by: str) -> tuple[Any, ...]:
    told = tuple((each.status, each.attempts, each.by, each.aborts, each.inner) for each in outcomes.values())
    return "failed" if failed_by else "completed", failed_by, told


class Reference:
    def __init__(self, scripts: Mapping[str, Script]) -> None:
        self.scripts = scripts

    def flow(self, steps: Steps, mode: str, start: float, stop: float) -> tuple[dict[str, Outcome], str]:
        needed = {step.step_id for step in steps if mode == "strict" or (mode == "conditional" and step.critical)}
        fatal = [
            (outcome.end, name)
            for name, outcome in self.outcomes(steps, start, stop).items()
            if outcome.aborts or (outcome.status == "failed" and name in needed)
        ]
        end, failed_by = min(fatal, default=(stop, ""))
        return self.outcomes(steps, start, min(stop, end)), failed_by

    def outcomes(self, steps: Steps, start: float, stop: float) -> dict[str, Outcome]:
        done: dict[str, Outcome] = {}
        while len(done) < len(steps):
            step = next(step for step in steps if step.step_id not in done and done.keys() >= set(step.depends_on))
            before = [done[name] for name in step.depends_on]
            begin = max([start, *(outcome.end for outcome in before)])
            is_lost = begin > stop or any(outcome.status in {"failed", "skipped"} for outcome in before)
            done[step.step_id] = Outcome("skipped", begin) if is_lost else self.step(step, begin, stop)
        return {step.step_id: done[step.step_id] for step in steps}

    def step(self, step: DynamicStep, now: float, stop: float) -> Outcome:
        first = self.run(step, now, 0)
        if first.status == "completed":
            return first
        failed = Outcome("failed", first.end, first.attempts)
        if step.alternative and first.end < stop:
            flow, failed_by = self.flow(step.alternative.steps, AtomicMode.STRICT, first.end, stop)
            end, aborts = max(each.end for each in flow.values()), any(each.aborts for each in flow.values())
            failed = replace(failed, end=end, inner=_told(flow, failed_by), aborts=aborts)
            if not failed_by and [*flow.values()][-1].status in {"completed", "recovered"}:
                return replace(failed, status="recovered", by="alternative_flow")
        return self.asked(step, failed, stop) if step.question and not failed.aborts else failed

    def asked(self, step: DynamicStep, failed: Outcome, stop: float) -> Outcome:
        script = self.scripts[step.step_id]
        for answer in script.answers:
            now = failed.end + script.thinks
            if now > stop:
                return replace(failed, end=max(failed.end, stop))
            if answer != "retry":
                status = "skipped" if answer == "skip" else "failed"
                return replace(failed, status=status, end=now, aborts=answer == "abort")
            again = self.run(step, now, failed.attempts)
            failed = replace(failed, end=again.end, attempts=again.attempts)
            if again.status == "completed":
                return replace(failed, status="recovered", by="person")
        return failed

    def run(self, step: DynamicStep, now: float, before: int) -> Outcome:
        script, retry = self.scripts[step.step_id], step.retry
        for attempt in range(1, (retry.attempts if retry else 1) + 1):
            now += script.seconds + (retry.wait_seconds if retry and attempt > 1 else 0)
            if before + attempt > script.failures:
                return Outcome("completed", now, before + attempt)
        return Outcome("failed", now, before + attempt)
