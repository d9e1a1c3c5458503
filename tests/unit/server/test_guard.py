"""Who is answered: those who ask for this machine as itself, and those who have the token."""

import pytest

from reev_flow.server.guard import is_entitled, names_loopback
from support.otlp_server import request_of, served, status_of

TOKEN = "s3cret-tökén"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:4318",
        "LOCALHOST:1",
        "localhost.:4318",
        "box.localhost",
        "127.0.0.1:4318",
        "127.8.8.8",
        "[::1]:4318",
        "host.docker.internal:4318",
        "host.containers.internal",
        "[::1]",
        "",
    ],
)
def test_names_of_this_machine(host: str):
    assert names_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4318",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "[2001:db8::1]:80",
        "0.0.0.0",
        "notlocalhost",
        "evil.docker.internal",
        "host.docker.internal.evil.example",
        "[",
        "localhost@evil.example",
        "2130706433",
    ],
)
def test_names_of_others(host: str):
    assert not names_loopback(host)


async def test_a_foreign_name_is_refused_on_loopback():
    async with served() as door:
        answer = await door.post(request_of(), Host="evil.example:4318")

        assert (answer.status_code, status_of(answer).code) == (403, 7)
        assert "evil" not in status_of(answer).message
        assert door.spans() == []


async def test_a_foreign_name_is_refused_at_every_path():
    async with served() as door:
        paths = ("/health", "/ready", "/metrics", "/", "/v1/logs")
        answers = [await door.client.get(path, headers={"Host": "evil.example"}) for path in paths]

        assert {answer.status_code for answer in answers} == {403}


async def test_with_a_token_any_name_will_do():
    async with served(token="t") as door:
        assert (await door.post(request_of(), Host="traces.example", Authorization="Bearer t")).status_code == 200
        assert (await door.post(request_of(), Host="traces.example")).status_code == 401


async def test_elsewhere_any_name_will_do():
    async with served(token="t", is_on_loopback=False) as door:
        assert (await door.post(request_of(), Host="collector:4318", Authorization="Bearer t")).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic t", "t", "Bearer t t"])
async def test_without_the_token_nothing_is_taken(header: str):
    async with served(token="t") as door:
        answer = await door.post(request_of(), Authorization=header)

        assert (answer.status_code, status_of(answer).code) == (401, 16)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert door.spans() == []


@pytest.mark.parametrize("header", ["Bearer t", "bearer t", "BEARER  t "])
async def test_with_the_token_things_are_taken(header: str):
    async with served(token="t") as door:
        assert (await door.post(request_of(), Authorization=header)).status_code == 200


async def test_whoever_looks_after_the_process_needs_no_token():
    async with served(token="t") as door:
        statuses = {path: (await door.client.get(path)).status_code for path in ("/health", "/ready", "/metrics")}

        assert statuses == {"/health": 200, "/ready": 200, "/metrics": 401}


def test_a_token_may_be_more_than_ascii():
    as_a_header_is_read = f"Bearer {TOKEN}".encode().decode("latin-1")

    assert is_entitled(as_a_header_is_read, TOKEN)


async def test_a_page_of_another_origin_gets_no_leave_to_read():
    async with served() as door:
        answer = await door.client.get("/metrics", headers={"Origin": "https://evil.example"})

        assert not [name for name in answer.headers if name.startswith("access-control")]
