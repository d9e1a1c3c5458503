"""How often what a rule claims turns out to hold.

A rule says how strong its evidence is; this says what that is worth, as it was measured on runs of a simulated agent whose faults are known.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Points: TypeAlias = Sequence[tuple[float, float]]  # what is claimed, and how sure that is; both rise

# Made by `make calibrate`: see docs/explanation/confidence.md.
MEASURED: Mapping[str, Points] = {
    "RF101": ((0.70, 0.86), (0.90, 0.93)),  # 144 claims
    "RF102": ((0.68, 0.77), (0.77, 0.88), (0.80, 0.89), (0.90, 0.93)),  # 166 claims
    "RF103": ((0.75, 0.88), (0.90, 0.93)),  # 153 claims
    "RF104": ((0.75, 0.88), (0.85, 0.92)),  # 134 claims
    "RF105": ((0.65, 0.80), (0.90, 0.93)),  # 111 claims
    "RF106": ((0.65, 0.74), (0.70, 0.76), (0.75, 0.83), (0.80, 0.86), (0.85, 0.87), (0.90, 0.93), (0.95, 0.95)),  # 122 claims
    "RF107": ((0.85, 0.89), (0.90, 0.91), (0.95, 0.95)),  # 110 claims
    "RF108": ((0.50, 0.64), (0.75, 0.76), (0.85, 0.89), (0.90, 0.93), (0.95, 0.95)),  # 119 claims
    "RF201": ((0.68, 0.86), (0.85, 0.92)),  # 603 claims
    "RF202": ((0.80, 0.89), (0.90, 0.93)),  # 139 claims
    "RF203": ((0.90, 0.93),),  # 165 claims
    "RF204": ((0.90, 0.93),),  # 135 claims
    "RF205": ((0.90, 0.93),),  # 125 claims
    "RF206": ((0.90, 0.93),),  # 382 claims
    "RF207": ((0.90, 0.93),),  # 184 claims
    "RF208": ((0.85, 0.92), (0.90, 0.93)),  # 227 claims
    "RF209": ((0.70, 0.75), (0.90, 0.93)),  # 72 claims
    "RF210": ((0.65, 0.77), (0.70, 0.84), (0.75, 0.87), (0.95, 0.95)),  # 155 claims
    "RF301": ((0.95, 0.95),),  # 70 claims
    "RF302": ((0.75, 0.88), (0.90, 0.93)),  # 141 claims
    "RF303": ((0.70, 0.87),),  # 108 claims
    "RF304": ((0.80, 0.88), (0.90, 0.93)),  # 58 claims
    "RF305": ((0.70, 0.71), (0.75, 0.76), (0.80, 0.82), (0.85, 0.86), (0.90, 0.91), (0.95, 0.95)),  # 67 claims
    "RF401": ((0.80, 0.89), (0.90, 0.93)),  # 77 claims
    "RF402": ((0.95, 0.95),),  # 113 claims
    "RF404": ((0.75, 0.85), (0.90, 0.93)),  # 133 claims
}  # fmt: skip


def calibrated(code: str, claimed: float, measured: Mapping[str, Points] = MEASURED) -> float:
    """Between two measured claims in proportion, beyond them as far from the claim as the nearest; unchanged where nothing was measured."""
    points = measured.get(code)
    if not points:
        return claimed
    at = bisect_left(points, (claimed,))
    if at < len(points) and points[at][0] == claimed:
        return points[at][1]
    if 0 < at < len(points):
        (low, sure_of_low), (high, sure_of_high) = points[at - 1 : at + 1]
        return round(sure_of_low + (sure_of_high - sure_of_low) * (claimed - low) / (high - low), 2)
    nearest, sure = points[0] if at == 0 else points[-1]
    return round(min(max(claimed + sure - nearest, 0.0), max(sure, points[-1][1])), 2)
