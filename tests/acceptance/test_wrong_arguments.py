"""Arguments that cannot be understood: one line that says which, and where to look."""

import pytest

from support.command import reev_flow


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare"], "`reev-flow compare` needs A. `reev-flow compare --help` shows what can be asked."),
        (["compare", "a"], "`reev-flow compare` needs B. `reev-flow compare --help` shows what can be asked."),
        (
            ["compare", "a", "b", "c"],
            "'c' is one argument too many. `reev-flow compare --help` shows what can be asked.",
        ),
        (
            ["sessions", "show", "a", "b", "c"],
            "'b', 'c' are arguments too many. `reev-flow sessions show --help` shows what can be asked.",
        ),
        (["check", "a", "--select"], "--select needs a value. `reev-flow check --help` shows what can be asked."),
    ],
)
def test_wrong_arguments_are_told_in_one_line(arguments: list[str], said: str):
    done = reev_flow(*arguments)
    assert (done.code, done.out, done.err) == (2, "", f"reev-flow: {said}\n")
