"""Fixtures that many tests share."""

from collections.abc import Iterator

import pytest

from support.mermaid_parser import MermaidParser, mermaid_parser_or_skip


@pytest.fixture(scope="session")
def mermaid() -> Iterator[MermaidParser]:
    """The real Mermaid, started once."""
    with mermaid_parser_or_skip() as parser:
        yield parser
