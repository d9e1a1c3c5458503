"""Counts as a person reads them."""

from collections.abc import Mapping

from reev_flow.trace.span import Operation, TokenUsage

SCALES = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))


def told_count(number: int) -> str:
    """Exact up to 999, above that three significant digits: `1.2k`, `85.3k`, `2.41M`."""
    for scale, letter in SCALES:
        if number >= scale * 0.9995:
            scaled = number / scale
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            told = f"{scaled:.{digits}f}"
            return f"{told.rstrip('0').rstrip('.') if digits else told}{letter}"
    return str(number)


def told_tokens(usage: TokenUsage) -> str:
    """What went in and what came out: `1.2k→80 tok`; empty without tokens."""
    return f"{told_count(usage.input)}→{told_count(usage.output)} tok" if usage.total else ""


def told_operations(counts: Mapping[Operation, int]) -> str:
    """`30 tool, 12 llm`."""
    return ", ".join(f"{count:,} {operation}" for operation, count in counts.items())


def plural(number: int, noun: str) -> str:
    """`1 operation`, `1,200 operations`; for nouns that take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def told_broken(failed: int, interrupted: int) -> str:
    """`2 failed, 1 interrupted`; empty without any."""
    counts = ((failed, "failed"), (interrupted, "interrupted"))
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)
