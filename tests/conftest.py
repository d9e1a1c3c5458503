"""Fixtures that many tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from support.mermaid_parser import MermaidParser, mermaid_parser_or_skip

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # a busy machine is no failure


@pytest.fixture(scope="session")
def mermaid() -> Iterator[MermaidParser]:
    """The real Mermaid, started once."""
    with mermaid_parser_or_skip() as parser:
        yield parser
