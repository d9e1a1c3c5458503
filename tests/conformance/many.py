"""Many arrangements of the same run, for a bounded time; `--seed` repeats those of an earlier time."""

import argparse
import asyncio
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from conformance.dialects import DIALECTS
from conformance.logical_run import logical_run
from conformance.projection import digest, project_as_it_happened
from conformance.rounds import Outcome, outcomes
from conformance.transports import TRANSPORTS, open_ways

MOST_TOLD = 20


async def look(seed: int, seconds: float) -> list[Outcome]:
    """A round takes every dialect over every transport; no round begins after the time is up. Rounds end early when something differs."""
    until = time.monotonic() + seconds
    found: list[Outcome] = []
    with TemporaryDirectory() as folder:
        async with open_ways(Path(folder)) as ways:
            for round_seed in count(seed):
                found += [outcome async for outcome in outcomes(ways, DIALECTS, [round_seed])]
                if time.monotonic() > until or not all(outcome.is_right for outcome in found):
                    return found
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=90)
    options = parser.parse_args()
    found = asyncio.run(look(options.seed, options.seconds))
    wrong = [outcome for outcome in found if not outcome.is_right]
    last_seed = max(outcome.seed for outcome in found)
    for outcome in wrong[:MOST_TOLD]:
        print(outcome)
    print(f"{len(DIALECTS)} dialects over {len(TRANSPORTS)} transports, seeds {options.seed} to {last_seed}:")
    for dialect, digests in _digests(found).items():
        print(f"  {dialect:26} {', '.join(f'{digest} in {times} arrangements' for digest, times in digests.items())}")
    print(f"the run as it happened: {digest(project_as_it_happened(logical_run(0)))}")
    print(f"{len(found):,} arrangements of {sum(outcome.spans for outcome in found):,} sent spans: {len(wrong)} differ")
    return 1 if wrong else 0


def _digests(found: list[Outcome]) -> dict[str, Counter[str]]:
    by_dialect: dict[str, Counter[str]] = {dialect: Counter() for dialect in DIALECTS}
    for outcome in found:
        by_dialect[outcome.dialect][digest(outcome.read)] += 1
    return by_dialect


if __name__ == "__main__":
    sys.exit(main())
