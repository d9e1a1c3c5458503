"""Numbers in a column rounded so that those shown still sum to the total shown."""

from collections.abc import Sequence

import msgspec

UNITS = ((1_000_000_000, 1_000_000, "s"), (1_000_000, 1_000, "ms"), (1_000, 1, "µs"))  # from which resolution on
LEAST_STEPS = 1_000  # that a column is to tell apart in the larger total
LEAST_STEPS_OF_DIFFERENCE = 10


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """`resolution_ns` is what the last digit shown stands for."""

    unit: str
    unit_ns: int
    resolution_ns: int

    def told(self, steps: int, *, signed: bool = False) -> str:
        """So many times the resolution, in the unit."""
        decimals = len(str(self.unit_ns // self.resolution_ns)) - 1
        whole, rest = divmod(abs(steps) * self.resolution_ns, self.unit_ns)
        digits = f"{whole:,}" + (f".{rest // self.resolution_ns:0{decimals}}" if decimals else "")
        sign = "-" if steps < 0 else "+" if signed and steps else ""
        return f"{sign}{digits}"


def scale_for(larger_ns: int, difference_ns: int) -> Scale:
    """One in which both the larger of two durations and their difference can be read."""
    resolution = 1_000_000_000
    while resolution > 1 and (
        resolution * LEAST_STEPS > larger_ns
        or (difference_ns and resolution * LEAST_STEPS_OF_DIFFERENCE > abs(difference_ns))
    ):
        resolution //= 10
    unit_ns, _, unit = next(unit for unit in UNITS if resolution >= unit[1])
    return Scale(unit=unit, unit_ns=unit_ns, resolution_ns=resolution)


def rounded_parts(parts: Sequence[int], resolution: int) -> list[int]:
    """Each as a number of steps of the resolution: those sum to the rounded sum, and no part is off by a whole step."""
    floors = [part // resolution for part in parts]
    missing = (2 * sum(parts) + resolution) // (2 * resolution) - sum(floors)
    by_rest = sorted(range(len(parts)), key=lambda place: (-(parts[place] % resolution), place))
    for place in by_rest[: max(0, missing)]:
        floors[place] += 1
    return floors
