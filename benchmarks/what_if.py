"""How well a run is foretold: random flows run for real, then again with a change, beside what was predicted of the first run alone.

`make bench-whatif SEED=7 FLOWS=3000`. The guessing was tuned on seed 101, which proves nothing any more.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from random import Random

import msgspec

from reev_flow.analysis.path.causes import Causes, known_causes
from reev_flow.analysis.replay.flow_schedule import FlowSchedule
from reev_flow.analysis.replay.what_if import what_if
from reev_flow.trace.trace import Trace
from what_if_flows import UNIT_NS, FlowShape, Step, random_flow, step_names, works
from what_if_runs import NO_CHANGE, SLOWNESS, Wanted, run_really, run_virtually, without_edges

SPEEDS = (("2x", 1, 2), ("4x", 1, 4), ("5x", 1, 5), ("0.5x", 2, 1), ("0.25x", 4, 1))
REAL_SHAPE = FlowShape(deepest=1, widest=3, longest=3)
REAL_SECONDS = 85.0
NOISE = "(the same, run twice)"
AT_ONCE = 20


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """How far a prediction was off."""

    before_ns: int
    actual_ns: int
    predicted_ns: int

    @property
    def off_ns(self) -> int:
        return abs(self.predicted_ns - self.actual_ns)

    @property
    def relative(self) -> float:
        return self.off_ns / self.actual_ns if self.actual_ns else float(self.off_ns > 0)

    @property
    def changed_anything(self) -> bool:
        return self.before_ns != self.actual_ns


def wanted_change(random: Random, flow: Step, slowness: int = 1) -> Wanted:
    """Of a kind of work or, now and then, of a step with everything in it. `slowness` is that of the clock the flow runs by."""
    steps = sorted(step_names(flow))
    if steps and random.random() < 0.25:
        name = random.choice(steps)
    else:
        name = random.choice(sorted({work.name for work in works(flow)}))
    if name in steps or random.random() < 0.7:
        text, times, by = random.choice(SPEEDS)
        return Wanted(name=name, text=f"{name}={text}", times=times, by=by)
    amount_ns = UNIT_NS * 20 * random.randint(0, 100)
    sign = random.choice(("-", "+", ""))
    if not sign:
        return Wanted(name=name, text=f"{name}={amount_ns * slowness}ns", times=0, added_ns=amount_ns)
    return Wanted(
        name=name, text=f"{name}={sign}{amount_ns * slowness}ns", added_ns=-amount_ns if sign == "-" else amount_ns
    )


def last_finishing_child(trace: Trace) -> Causes:
    """The plain rule: a start waits for the sibling that ended last before it, an end for the child that ended last."""
    count = len(trace)
    starts: list[tuple[int, ...] | None] = [()] * count
    ends: list[tuple[int, ...] | None] = [()] * count
    for parent in (*range(count), -1):
        children = sorted(
            trace.roots() if parent < 0 else trace.children(parent), key=lambda child: trace.spans[child].end_ns
        )
        inside = [child for child in children if parent < 0 or trace.spans[child].end_ns <= trace.spans[parent].end_ns]
        if parent >= 0:
            ends[parent] = tuple(inside[-1:])
        ended = iter(children)
        upcoming = next(ended, None)
        last: tuple[int, ...] = ()
        for child in sorted(children, key=lambda child: trace.spans[child].start_ns):
            while upcoming is not None and trace.spans[upcoming].end_ns <= trace.spans[child].start_ns:
                if upcoming != child:
                    last = (upcoming,)
                upcoming = next(ended, None)
            starts[child] = last
    return Causes(starts=starts, ends=ends)


Runner = Callable[[Sequence[tuple[Step, Wanted, Random]]], list[Trace]]
Rule = tuple[str, Callable[[Trace], Trace], Callable[[Trace], Causes]]
RULES: tuple[Rule, ...] = (
    ("recorded edges", lambda trace: trace, known_causes),
    ("edges guessed from times", without_edges, known_causes),
    ("last finishing child", without_edges, last_finishing_child),
)


def errors_of(flows: int, seed: int, shape: FlowShape, run: Runner, *, seconds: float = 1e9) -> dict[str, list[Error]]:
    """By the name of the rule; of the same flows and changes."""
    found: dict[str, list[Error]] = {name: [] for name, _, _ in RULES}
    began = time.perf_counter()
    for first in range(0, flows, AT_ONCE):
        randoms = [Random(f"{seed} {number}") for number in range(first, min(first + AT_ONCE, flows))]
        drawn = [(random_flow(random, shape), random) for random in randoms]
        slowness = SLOWNESS if run is run_really else 1
        wanted = [wanted_change(random, flow, slowness) for flow, random in drawn]
        before = run([(flow, NO_CHANGE, random) for flow, random in drawn])
        after = run([(flow, change, random) for (flow, random), change in zip(drawn, wanted, strict=True)])
        for name, view, causes_of in RULES:
            found[name] += [
                _error(view(trace), change, causes_of, then.duration_ns)
                for trace, change, then in zip(before, wanted, after, strict=True)
            ]
        if run is run_really:
            again = run([(flow, NO_CHANGE, random) for flow, random in drawn])
            found.setdefault(NOISE, []).extend(
                Error(before_ns=one.duration_ns, actual_ns=other.duration_ns, predicted_ns=one.duration_ns)
                for one, other in zip(before, again, strict=True)
            )
        if time.perf_counter() - began > seconds:
            break
    return found


def _error(trace: Trace, wanted: Wanted, causes_of: Callable[[Trace], Causes], actual_ns: int) -> Error:
    predicted_ns = what_if(trace, [wanted.text], FlowSchedule.of(trace, causes_of(trace))).duration_ns
    return Error(before_ns=trace.duration_ns, actual_ns=actual_ns, predicted_ns=predicted_ns)


def told(title: str, found: dict[str, list[Error]]) -> str:
    lines = [
        f"\n{title}",
        f"{'':26} {'flows':>6} {'exact':>7} {'median':>8} {'p95':>8} {'p99':>8} {'max':>8} {'largest':>12}",
    ]
    lines += [told_errors(name, errors) for name, errors in found.items()]
    return "\n".join(lines) + "\n"


def told_errors(name: str, errors: Sequence[Error]) -> str:
    relative = sorted(error.relative for error in errors)
    exact = sum(error.off_ns == 0 for error in errors) / len(errors)

    def at(share: float) -> str:
        return f"{relative[min(int(share * len(relative)), len(relative) - 1)]:8.2%}"

    largest = max(error.off_ns for error in errors)
    return f"{name:26} {len(errors):6} {exact:7.1%} {at(0.5)} {at(0.95)} {at(0.99)} {at(1)} {largest:9,} ns"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flows", type=int, default=2_000)
    parser.add_argument("--real-flows", type=int, default=300)
    given = parser.parse_args()
    sys.stdout.write(
        told(
            "Virtual time; relative errors of the predicted duration",
            errors_of(given.flows, given.seed, FlowShape(), run_virtually),
        )
    )
    loose = FlowShape(has_loose_ends=True)
    sys.stdout.write(
        told(
            "The same with lines that end in work without a span, then are waited for",
            errors_of(given.flows // 4, given.seed, loose, run_virtually),
        )
    )
    real = errors_of(given.real_flows, given.seed, REAL_SHAPE, run_really, seconds=REAL_SECONDS)
    sys.stdout.write(told("The real event loop; every wait is as late as it is", real))


if __name__ == "__main__":
    main()
