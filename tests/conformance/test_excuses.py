"""The table of what dialects cannot say: each row is about something there is, and is needed."""

import pytest

from conformance.dialects import DIALECTS
from conformance.excuses import DIALECTS_TABLE, PARTS, Excuse, excuses, parts_of, without
from conformance.logical_run import logical_run
from conformance.projection import Projection, project, project_as_it_happened
from conformance.reading import read_at_once

EXCUSES = excuses(DIALECTS_TABLE)
RUN = logical_run(0)
HAPPENED = project_as_it_happened(RUN)


def test_there_are_excuses():
    assert EXCUSES


def test_every_row_is_about_a_dialect_that_is_written_here():
    assert {excuse.who for excuse in EXCUSES} <= DIALECTS.keys()


def test_every_row_names_a_part_of_the_projection():
    assert {excuse.part for excuse in EXCUSES} <= PARTS.keys()


def test_no_row_is_there_twice():
    assert len({(excuse.who, excuse.part) for excuse in EXCUSES}) == len(EXCUSES)


@pytest.mark.parametrize("excuse", EXCUSES, ids=lambda excuse: f"{excuse.who}: {excuse.part}")
def test_without_this_excuse_the_dialect_would_differ(excuse: Excuse):
    others = [part for part in parts_of(excuse.who, DIALECTS_TABLE) if part != excuse.part]

    assert without(read(excuse.who), others) != without(HAPPENED, others)


def read(dialect: str) -> Projection:
    return project(read_at_once(DIALECTS[dialect](RUN)))
