"""What the operations of a run waited for, so that it can be worked out again with other durations."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from typing import Self

import msgspec

from reev_flow.analysis.path.causes import Causes
from reev_flow.analysis.path.flow_operations import FlowOperations, flow_operations
from reev_flow.analysis.replay.schedule import Schedule, Times
from reev_flow.trace.trace import Trace


class FlowSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """The schedule of the operations alone, which `schedule` tells by their index."""

    operations: FlowOperations
    schedule: Schedule

    @classmethod
    def of(cls, trace: Trace, causes: Causes | None = None, infrastructure: Collection[int] = ()) -> Self:
        """Without causes, those that were recorded are taken; the infrastructure at these positions counts as operations do."""
        return cls.over(flow_operations(trace, causes, infrastructure))

    @classmethod
    def over(cls, operations: FlowOperations) -> Self:
        schedule = Schedule.of(operations.trace, operations.waits.causes, operations.is_stranger)
        return cls(operations=operations, schedule=schedule)

    @property
    def times(self) -> Times:
        """As they were recorded, by the index of the operation. The run begins with the first operation and ends with the last."""
        return self.schedule.times

    @property
    def guessed(self) -> int:
        """Of how many operations nobody recorded what they waited for."""
        return self.schedule.guessed

    def replay(self, durations_ns: Mapping[int, int]) -> Times:
        """The run with these durations, by position in the whole trace. Of infrastructure, the operations in it grow or shrink in proportion."""
        spans, own = self.operations.whole.spans, self.operations.trace.spans
        wanted: dict[int, int] = {}
        for position, duration_ns in durations_ns.items():
            for index in self._meant(position):
                lasted_ns = spans[position].duration_ns
                share_ns = own[index].duration_ns * duration_ns // lasted_ns if lasted_ns else duration_ns
                wanted[index] = duration_ns if self.operations.positions[index] == position else share_ns
        return self.schedule.replay(wanted)

    def _meant(self, position: int) -> Iterator[int]:
        """The operation at this position, else the outermost ones inside what is there."""
        positions = self.operations.positions
        index = bisect_left(positions, position)
        last = self.operations.whole.subtree_ends[position]
        while index < len(positions) and positions[index] < last:
            yield index
            index = self.operations.trace.subtree_ends[index]
