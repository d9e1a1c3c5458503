"""A process that adds chunks to traces until it is killed: `python adding_child.py FOLDER`.

It writes a line to its output for every chunk that was acknowledged: the trace's letter and the chunk's number.
"""

import os
import sys
from itertools import count

from reev_flow.stores.urls import open_trace_store
from support.trace_stores import chunk, numbered

LETTERS = "abcdef"


def main(folder: str) -> None:
    store = open_trace_store(folder)
    os.write(1, b"ready 0\n")
    for number in count(1):
        letter = LETTERS[number % len(LETTERS)]
        if store.add([chunk(letter, numbered(letter, number))]).result():
            os.write(1, f"{letter} {number}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1])
