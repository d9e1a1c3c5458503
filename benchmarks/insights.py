"""How often findings are right and how many are missed, on runs of a simulated agent whose faults are known.

Even seeds are for those who write rules; odd seeds are for judging them, and nobody looks at their runs.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from conformance.dialects import DIALECTS
from reev_flow.analysis.findings import Rule
from reev_flow.analysis.rules.rulebook import RULES, find
from reev_flow.analysis.run_facts import RunFacts
from reev_flow.trace.trace import Trace
from simulated.dialects import can_be_told, some_dialects, told_in
from simulated.drawn import drawn
from simulated.labels import CODES, Labels
from simulated.reading import as_trace
from simulated.runs import CLEAN, FAULTY, QUIET, SimulatedRun, simulated_runs
from simulated.score import EDGES, Bin, Judged, judge, reliability, score
from simulated.sessions import SimulatedSession, simulated_sessions

OWN, JOURNAL = "reev-flow, as traced", "reev-flow, a journal"
RUNS_TO_A_SESSION = 6


class Read(NamedTuple):
    """A run as one dialect told it, and how its findings were judged by what can be known of it there."""

    name: str
    dialect: str
    played: tuple[str, ...]
    trace: Trace
    judged: Judged


def main() -> int:
    options = _options()
    codes = tuple(code for code in CODES if not options.codes or code.startswith(tuple(options.codes)))
    rules = tuple(rule for rule in RULES if rule.code in codes)
    began = time.perf_counter()
    read = [one for seed in options.seed for one in _read_seed(seed, rules, options)]
    took = time.perf_counter() - began
    spans = sum(len(one.trace) for one in read)
    print(
        f"seed {' '.join(map(str, options.seed))}, {options.runs} runs each, {len(read)} traces of {spans:,} spans, {took:.1f} s\n"
    )
    _tell_scores(codes, rules, [one.judged for one in read])
    _tell_reliability(codes, rules, [one.judged for one in read])
    _tell_dialects(rules, read)
    _show_misses(read, codes, options)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[7], help="one set of runs for each")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--dialects", type=int, default=3, help=f"in how many others to tell a run, of {len(DIALECTS)}")
    parser.add_argument("--codes", nargs="*", default=[], help="beginnings of codes, all unless given")
    parser.add_argument(
        "--show-misses",
        type=int,
        default=0,
        metavar="N",
        help="draw runs with a missed or false finding, even seeds only",
    )
    options = parser.parse_args()
    if options.show_misses and any(seed % 2 for seed in options.seed):
        parser.error("runs of odd seeds are for judging, and are not shown: take an even seed")
    return options


def _read_seed(seed: int, rules: Sequence[Rule], options: argparse.Namespace) -> Iterator[Read]:
    for run in simulated_runs(seed, options.runs):
        yield from _read(run, rules, options.dialects)
    for session in simulated_sessions(seed, options.runs // RUNS_TO_A_SESSION):
        yield _read_session(session, rules)


def _read(run: SimulatedRun, rules: Sequence[Rule], dialects: int) -> Iterator[Read]:
    yield _judged(run, OWN, (as_trace(run), run.labels), rules)
    for dialect in some_dialects(run, dialects) if can_be_told(run) else ():
        yield _judged(run, dialect, told_in(dialect, run), rules)


def _read_session(session: SimulatedSession, rules: Sequence[Rule]) -> Read:
    kind = FAULTY if session.labels.expected else CLEAN if session.how == "clean" else QUIET
    judged = judge(kind, find(RunFacts(session.trace), rules), session.labels)
    return Read(session.name, JOURNAL, (session.how,), session.trace, judged)


def _judged(run: SimulatedRun, dialect: str, told: tuple[Trace, Labels], rules: Sequence[Rule]) -> Read:
    trace, labels = told
    return Read(run.name, dialect, run.played, trace, judge(run.kind, find(RunFacts(trace), rules), labels))


def _tell_scores(codes: Sequence[str], rules: Sequence[Rule], judged: Sequence[Judged]) -> None:
    known = {rule.code for rule in rules}
    print(
        f"{'code':28} {'claims':>7} {'precision':>10} {'recall':>7} {'F1':>6}   false findings: {FAULTY} / {QUIET} / {CLEAN}"
    )
    for code in codes:
        one = score(code, judged)
        name = f"{code} {CODES[code]}"
        if code not in known:
            print(f"{name:28} {one.found + one.missed:7}    no rule")
            continue
        wrong = " / ".join(str(one.wrong.get(kind, 0)) for kind in (FAULTY, QUIET, CLEAN))
        print(f"{name:28} {one.found + one.missed:7} {one.precision:10.3f} {one.recall:7.3f} {one.f1:6.3f}   {wrong}")


def _tell_reliability(codes: Sequence[str], rules: Sequence[Rule], judged: Sequence[Judged]) -> None:
    print("\nconfidence claimed → share that held (findings)")
    heads = [f"{low:.1f}-{min(high, 1):.1f}" for low, high in pairwise(EDGES)]
    print(f"{'code':10}" + "".join(f"{head:>20}" for head in heads))
    known = {rule.code for rule in rules}
    for code in (*(code for code in codes if code in known), ""):
        print(f"{code or 'all':10}" + "".join(f"{_told(one):>20}" for one in reliability(judged, code)))


def _tell_dialects(rules: Sequence[Rule], read: Sequence[Read]) -> None:
    """All codes that have a rule, together."""
    known = {rule.code for rule in rules}
    by_dialect: dict[str, list[Judged]] = {}
    for one in read:
        by_dialect.setdefault(one.dialect, []).append(one.judged)
    print(f"\n{'dialect':26} {'traces':>7} {'precision':>10} {'recall':>7}   where they differ")
    for dialect, judged in sorted(by_dialect.items()):
        scores = [score(code, judged) for code in sorted(known)]
        right, wrong = sum(one.right for one in scores), sum(sum(one.wrong.values()) for one in scores)
        found, missed = sum(one.found for one in scores), sum(one.missed for one in scores)
        differing = [one.code for one in scores if one.missed or any(one.wrong.values())]
        print(
            f"{dialect:26} {len(judged):7} {_share(right, wrong):>10} {_share(found, missed):>7}   {' '.join(differing)}"
        )


def _share(yes: int, no: int) -> str:
    return f"{yes / (yes + no):.3f}" if yes + no else "-"


def _told(one: Bin | None) -> str:
    return "-" if one is None else f"{one.claimed:.2f} → {one.held:.2f} ({one.findings})"


def _show_misses(read: Sequence[Read], codes: Sequence[str], options: argparse.Namespace) -> None:
    known = {rule.code for rule in RULES} & set(codes)
    shown = 0
    for one in read:
        wrong = one.judged.wrong
        missed = [claim for claim in one.judged.missed if claim.code in known]
        if shown == options.show_misses or not (wrong or missed):
            continue
        shown += 1
        marks = {span: f"{finding.code} found" for finding in one.judged.right for span in finding.evidence}
        marks |= {span: f"{claim.code} missed" for claim in missed for span in claim.spans}
        marks |= {span: f"{finding.code} false" for finding in wrong for span in finding.evidence}
        print(f"\nrun {one.name}, {one.judged.kind}, {one.dialect}: {', '.join(one.played)}")
        for claim in missed:
            print(f"  missed {claim.code}: {claim.because}")
        for finding in wrong:
            print(f"  false {finding.code} ({finding.confidence}): {finding.message}")
        print(drawn(one.trace, marks))


if __name__ == "__main__":
    sys.exit(main())
