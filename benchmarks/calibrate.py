"""How sure each rule may be: of what it claims on runs of a simulated agent, how much held, as the table of `analysis/calibration.py`.

Only even seeds: odd ones are for judging.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from insights import RUNS_TO_A_SESSION
from reev_flow.analysis.findings import Finding, apply
from reev_flow.analysis.rules.rulebook import RULES
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from simulated.dialects import can_be_told, some_dialects, told_in
from simulated.labels import Labels
from simulated.reading import as_trace
from simulated.runs import CLEAN, FAULTY, QUIET, simulated_runs
from simulated.score import judge
from simulated.sessions import simulated_sessions

DIALECTS = 3
DOUBT = 20  # findings that held as often as claimed, beside those that were seen: dialects tell the same runs again
NO_CLAIM_ABOVE = 0.95
MOST_LEVELS, WIDTH = 4, 0.05
WAY_TO_GO = 2 / 3  # the runs are made up, and easier than real ones


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[2, 4, 6, 8, 10, 12])
    parser.add_argument("--runs", type=int, default=300)
    options = parser.parse_args()
    if any(seed % 2 for seed in options.seed):
        parser.error("runs of odd seeds are for judging: take even seeds")
    held: defaultdict[tuple[str, float], list[bool]] = defaultdict(list)
    for seed in options.seed:
        for kind, trace, labels in _told(seed, options.runs):
            judged = judge(kind, _claimed(trace), labels)
            for finding in judged.right:
                held[finding.code, finding.confidence].append(True)
            for finding in judged.wrong:
                held[finding.code, finding.confidence].append(False)
    for code in sorted({code for code, _ in held}):
        levels = _levels({claimed: outcomes for (of, claimed), outcomes in held.items() if of == code})
        sys.stdout.write(f'    "{code}": ({_points(levels)}),  # {sum(map(len, levels.values())):,} claims\n')
    return 0


def _told(seed: int, runs: int) -> Iterator[tuple[str, Trace, Labels]]:
    for run in simulated_runs(seed, runs):
        yield run.kind, as_trace(run), run.labels
        for dialect in some_dialects(run, DIALECTS) if can_be_told(run) else ():
            yield run.kind, *told_in(dialect, run)
    for session in simulated_sessions(seed, runs // RUNS_TO_A_SESSION):
        kind = FAULTY if session.labels.expected else CLEAN if session.how == "clean" else QUIET
        yield kind, session.trace, session.labels


def _claimed(trace: Trace) -> list[Finding]:
    """As sure as the rules say themselves."""
    facts = RunFacts(trace)
    rules = [replace(rule, least_confidence=0.0) for rule in RULES]
    return [finding for rule in rules for finding in apply(rule, facts, calibrate=lambda _, claimed: claimed)]


def _levels(outcomes: dict[float, list[bool]]) -> dict[float, list[bool]]:
    """Of a rule that claims any number, those near to each other together."""
    if len(outcomes) <= MOST_LEVELS:
        return outcomes
    near: defaultdict[float, list[bool]] = defaultdict(list)
    for claimed, held in outcomes.items():
        near[round(claimed / WIDTH) * WIDTH] += held
    return near


def _points(levels: dict[float, list[bool]]) -> str:
    """Never falling from a weaker claim to a stronger one: what would is pooled."""
    pools: list[tuple[list[float], list[bool]]] = []
    for claimed in sorted(levels):
        pools.append(([claimed], levels[claimed]))
        while len(pools) > 1 and _share(pools[-2]) > _share(pools[-1]):
            (claims, outcomes), (more_claims, more_outcomes) = pools[-2:]
            pools[-2:] = [(claims + more_claims, outcomes + more_outcomes)]
    points = [(claimed, _sure(claimed, pool)) for pool in pools for claimed in pool[0]]
    return ", ".join(f"({claimed:.2f}, {sure:.2f})" for claimed, sure in points) + "," * (len(points) == 1)


def _share(pool: tuple[list[float], list[bool]]) -> float:
    return sum(pool[1]) / len(pool[1])


def _sure(claimed: float, pool: tuple[list[float], list[bool]]) -> float:
    """Down all the way to what held, up only part of it, so that stronger evidence stays ahead of weaker."""
    _, outcomes = pool
    held = (sum(outcomes) + DOUBT * claimed) / (len(outcomes) + DOUBT)
    way = WAY_TO_GO if held > claimed else 1
    return min(claimed + way * (min(held, NO_CLAIM_ABOVE) - claimed), NO_CLAIM_ABOVE)


if __name__ == "__main__":
    sys.exit(main())
