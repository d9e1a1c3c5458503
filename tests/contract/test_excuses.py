"""The list of what is excused from a promise holds nothing else."""

import re
from pathlib import Path

from support.excuses import EXCUSED

TESTS = {
    name
    for path in Path(__file__).parent.glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
}


def test_every_excuse_is_for_a_test_that_exists():
    excused = {name for excuses in EXCUSED.values() for name in excuses}
    assert excused <= TESTS
