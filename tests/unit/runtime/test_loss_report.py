"""Lost spans are told in the log, and not more often than anybody reads it."""

import pytest

from reev_flow.runtime.loss_report import LossReport


class Hands:
    """A clock whose hands are moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def report(hands: Hands) -> LossReport:
    return LossReport("spans were lost", every_seconds=60, now=hands)


def test_nothing_lost_is_not_told(report: LossReport, caplog: pytest.LogCaptureFixture):
    report.tell(0, None)
    report.tell_last(0, None)
    assert caplog.messages == []


def test_a_loss_is_told_with_its_reason(report: LossReport, caplog: pytest.LogCaptureFixture):
    report.tell(3, ValueError("the disk is full"))
    assert caplog.messages == ["spans were lost: 3, 3 in all; the last error: the disk is full"]


def test_within_a_minute_nothing_more_is_told(report: LossReport, hands: Hands, caplog: pytest.LogCaptureFixture):
    report.tell(3, None)
    hands.seconds = 59
    report.tell(1_003, None)
    assert len(caplog.messages) == 1


def test_after_a_minute_what_came_since_is_told(report: LossReport, hands: Hands, caplog: pytest.LogCaptureFixture):
    report.tell(3, None)
    hands.seconds = 60
    report.tell(1_003, None)
    assert caplog.messages[1] == "spans were lost: 1,000, 1,003 in all; more ended than could be kept up with"


def test_at_the_end_what_was_not_told_is(report: LossReport, caplog: pytest.LogCaptureFixture):
    report.tell(3, None)
    report.tell_last(4, None)
    report.tell_last(4, None)
    assert len(caplog.messages) == 2
