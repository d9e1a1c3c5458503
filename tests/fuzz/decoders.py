"""Looks for bytes that a decoder of spans does not bear, led by what code they reach: python tests/fuzz/decoders.py --seconds 60.

Whatever comes in is taken or refused with an error of this package; anything else ends the search, and the bytes are kept.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["reev_flow.collect", "reev_flow.runtime.ingest"]):
    from reev_flow.collect.assemble import assemble
    from reev_flow.collect.byte_stream import ByteStream
    from reev_flow.collect.documents import read_documents
    from reev_flow.runtime.ingest import Ingest

from reev_flow.errors import ReevFlowError
from reev_flow.stores.memory_traces import MemoryTraceStore

RECORDED = Path(__file__).parents[1] / "recorded"
SEEDS = ("*.pb", "*.pb.gz", "langgraph_clean.otlp.jsonl", "demo.otlp.jsonl")
LONGEST_BYTES = 65_536


def take(body: bytes, *, is_json: bool, is_log: bool) -> None:
    ingest = Ingest(MemoryTraceStore())
    accept = ingest.logs if is_log else ingest.traces
    accept(body, is_json=is_json).result()


def read(body: bytes) -> None:
    def ignore(details: str, advice: str, *, line: int | None = None) -> None:
        """What is told is not looked at."""

    documents = read_documents(ByteStream(iter([body])), ignore)
    for trace in assemble(span for document in documents for span in document):
        assert trace.end_ns >= trace.start_ns


WAYS: tuple[Callable[[bytes], None], ...] = (
    lambda body: take(body, is_json=False, is_log=False),
    lambda body: take(body, is_json=True, is_log=False),
    lambda body: take(body, is_json=False, is_log=True),
    lambda body: take(body, is_json=True, is_log=True),
    read,
)


def one_input(data: bytes) -> None:
    """The first byte says which way the others go."""
    if not data:
        return
    try:
        WAYS[data[0] % len(WAYS)](data[1:])
    except ReevFlowError:
        return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(found for pattern in SEEDS for found in sorted(RECORDED.glob(pattern))):
            for way in range(len(WAYS)):
                Path(folder, f"{number}-{way}").write_bytes(bytes([way]) + path.read_bytes()[: LONGEST_BYTES - 1])
        options = [f"-max_total_time={seconds}", f"-max_len={LONGEST_BYTES}", "-timeout=20", "-rss_limit_mb=2048"]
        atheris.Setup([sys.argv[0], *options, folder], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
