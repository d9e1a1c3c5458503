"""Sends requests to a receiver over HTTP from several connections at once, and tells how long it took: a process of its own.

Arguments: the address, how many requests, how many connections. It makes the requests, says `ready`, waits for a line and begins.
"""

import http.client
import sys
import threading
import time
from itertools import count
from urllib.parse import urlsplit

from agent_requests import SPANS_OF_A_REQUEST, as_round, requests

BODIES = 32
HEADERS = {"content-type": "application/x-protobuf"}


def send(address: str, bodies: list[bytes], most: int, connections: int) -> list[float]:
    """Seconds that each request took until it was acknowledged."""
    took: list[float] = []
    numbers = count()

    def work() -> None:
        place = urlsplit(address)
        connection = http.client.HTTPConnection(place.hostname or "", place.port)
        while (number := next(numbers)) < most:
            body = as_round(bodies[number % len(bodies)], number // len(bodies) + 1)
            began = time.perf_counter()
            connection.request("POST", "/v1/traces", body, HEADERS)
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                message = f"was answered {answer.status}"
                raise RuntimeError(message)
            took.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def main() -> int:
    address, most, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    bodies = requests(BODIES)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began, used = time.perf_counter(), time.process_time()
    took = sorted(send(address, bodies, most, connections))
    seconds, used = time.perf_counter() - began, time.process_time() - used
    if len(took) != most:
        return 1
    spans = most * SPANS_OF_A_REQUEST
    sys.stdout.write(f"{seconds} {used} {took[len(took) // 2]} {took[len(took) * 99 // 100]} {spans}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
