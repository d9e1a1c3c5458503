"""The threads of one open database: one writes for all, the others read what was asked for before them."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import apsw

from reev_flow.clock import Clock
from reev_flow.errors import ReevFlowError
from reev_flow.sessions.acknowledgement import Acknowledgement
from reev_flow.stores import forks
from reev_flow.stores.lane import Job, Lane
from reev_flow.stores.sqlite.database import Database, Link
from reev_flow.stores.sqlite.driver_errors import as_store_error
from reev_flow.stores.sqlite.group_commit import GroupCommit, Tables, leave_as_it_is

MOST_READ_AT_ONCE = 32

Read = Callable[[apsw.Connection, Any], object]


class Lanes:
    """Writes wait for the disk together, in one thread; what is read about one thing and what is read about many have a thread each."""

    def __init__(  # noqa: PLR0913 - all but the first are given by name
        self,
        database: Database,
        tables: Tables,
        clock: Clock,
        *,
        most_waiting: int,
        most_in_one_commit: int,
        are_writes_short: bool = False,
        on_refusal: Callable[[ReevFlowError], None] = leave_as_it_is,
    ) -> None:
        """Writes that are short are done by the event loop that asks for them, as long as the disk is quick. `on_refusal` may add to an error
        before it is told.
        """
        commits = GroupCommit(database, tables, clock, on_refusal=on_refusal)
        self.location = database.location
        self.writer = Lane(
            self.location,
            commits.work,
            commits.put_away,
            most_waiting=most_waiting,
            most_at_once=most_in_one_commit,
            may_begin=commits.begin_in_loop if are_writes_short else None,
        )
        self._of_one = _reader(Link(database, clock), on_refusal, most_waiting)
        self._of_many = _reader(Link(database, clock), on_refusal, most_waiting)
        forks.keep(self)

    def write(self, about: str, do: Callable[[Any, Any], object], argument: object) -> Acknowledgement[Any]:
        """`about` is the id of the one thing that is written to, "" for many. `do` is called with the tables."""
        return self.writer.ask(about, do, argument)

    def read_one(self, about: str, do: Read, argument: object) -> Acknowledgement[Any]:
        return self._read(self._of_one, about, do, argument)

    def read_many(self, do: Read, argument: object) -> Acknowledgement[Any]:
        return self._read(self._of_many, "", do, argument)

    def _read(self, reader: Lane, about: str, do: Read, argument: object) -> Acknowledgement[Any]:
        """After the last write that it is about, so that who asks for both in this order sees what was written."""
        write = self.writer.last_about(about)
        if write is None:
            return reader.ask(about, do, argument)
        job = Job(about, do, argument, Acknowledgement())
        Future.add_done_callback(write, lambda _: reader.add(job))
        return job.future

    def refused(self, error: Exception) -> Acknowledgement[Any]:
        """For what cannot even be asked: like every failure this comes with the future."""
        refused: Acknowledgement[Any] = Acknowledgement()
        refused.settle(None, error if isinstance(error, ReevFlowError) else as_store_error(error, self.location))
        return refused

    def close(self) -> None:
        forks.forget(self)
        for lane in self._all:
            lane.close()

    def hold(self) -> None:
        for lane in self._all:
            lane.hold()

    def let_go(self) -> None:
        for lane in self._all:
            lane.let_go()

    def start_over(self) -> None:
        for lane in self._all:
            lane.start_over()

    @property
    def _all(self) -> tuple[Lane, ...]:
        return self.writer, self._of_one, self._of_many


def _reader(link: Link, on_refusal: Callable[[ReevFlowError], None], most_waiting: int) -> Lane:
    def read(jobs: Sequence[Job]) -> None:
        for job in jobs:
            _read(link, job)
            if isinstance(job.error, ReevFlowError):
                on_refusal(job.error)

    return Lane(link.database.location, read, link.put_away, most_waiting=most_waiting, most_at_once=MOST_READ_AT_ONCE)


def _read(link: Link, job: Job) -> None:
    """All of one job sees the same moment."""
    try:
        link.leave_replaced_file()
        connection = link.connection()
        connection.execute("BEGIN")
        job.result = job.do(connection, job.argument)
        connection.execute("COMMIT")
    except ReevFlowError as refusal:
        job.error = refusal
        link.abandon(is_trusted=True)
    except Exception as error:  # noqa: BLE001 - every failure becomes the job's own
        job.error = as_store_error(error, link.database.location)
        link.abandon(is_trusted=False)
    except BaseException:
        link.abandon(is_trusted=False)
        raise
