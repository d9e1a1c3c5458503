"""Whether a recorded value tells something about the world."""

import pytest

from reev_flow.analysis.evidence.informative import is_informative, is_known
from reev_flow.trace.span import Value


@pytest.mark.parametrize(
    "result",
    [
        "sunny, 22 degrees",
        {"rows": [1, 2]},
        {"status": "ok", "rows": 12},
        42,
        False,
        "The job board lists everything that is running, pending and done in the whole company, page by page by page.",
    ],
)
def test_what_tells_of_the_world_informs(result: Value):
    assert is_informative(result)


@pytest.mark.parametrize(
    "result",
    ["ok", "OK.", "Done!", True, {"ok": True}, {"status": "success", "result": None}, "", [], {}, None, ["", None]],
)
def test_an_acknowledgement_does_not_inform(result: Value):
    assert not is_informative(result)


@pytest.mark.parametrize(
    "result",
    [
        "PENDING",
        {"state": "in_progress"},
        {"state": "queued", "id": 7},
        "Job 7 is still running",
        "no new messages",
        "not ready yet",
    ],
)
def test_what_is_said_while_work_goes_on_does_not_inform(result: Value):
    assert not is_informative(result)


@pytest.mark.parametrize(
    "value", ["[REDACTED]", "__REDACTED__", {"q": "<redacted>"}, "[Scrubbed due to 'password']", "*****", None]
)
def test_what_was_taken_out_is_not_known(value: Value):
    assert not is_known(value)


@pytest.mark.parametrize("value", ["the redacted files were released", {"q": "hidden beaches near Faro"}, 0, "", []])
def test_what_was_recorded_is_known(value: Value):
    assert is_known(value)
