"""OTLP over HTTP: spans and log records in, and what their senders are answered."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reev_flow.server import answers
from reev_flow.server.bodies import read_body
from reev_flow.server.intake import Intake
from reev_flow.server.media_types import MediaType, media_type_of, required_media_type
from reev_flow.server.refusals import Refused
from reev_flow.server.tallies import Source

SIGNALS = ("traces", "logs", "metrics")


def otlp_routes(intake: Intake) -> list[Route]:
    return [Route(f"/v1/{signal}", partial(_receive, intake, signal), methods=["POST"]) for signal in SIGNALS]


async def _receive(intake: Intake, signal: str, request: Request) -> Response:
    source = Source(transport="http", signal=signal)
    with intake.tallies.timed(source):
        answer = await _answer(intake, source, request)
    intake.tallies.requests[source, str(answer.status_code)] += 1
    return answer


async def _answer(intake: Intake, source: Source, request: Request) -> Response:
    content_type = request.headers.get("content-type", "")
    try:
        media_type = required_media_type(content_type)
        with intake.held.hold() as hold:
            body = await read_body(request, intake.limits, hold)
            accepted = await intake.take(source, body, is_json=media_type is MediaType.JSON)
    except Refused as why:
        return answers.refused(media_type_of(content_type), why)
    return answers.taken(media_type, source.signal, accepted.rejected, accepted.reason)
