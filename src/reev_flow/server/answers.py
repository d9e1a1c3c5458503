"""What senders are answered, in the encoding in which they sent."""

import json
from http import HTTPStatus

from starlette.responses import Response

from reev_flow.collect.otlp_wire import count, message, text
from reev_flow.server.media_types import MediaType
from reev_flow.server.refusals import RETRY_SECONDS, Refused

LONGEST_MESSAGE = 1_000  # characters
REJECTED_NAMES = {"traces": "rejectedSpans", "logs": "rejectedLogRecords", "metrics": "rejectedDataPoints"}


def response_bytes(rejected: int, reason: str) -> bytes:
    """The response of each of OTLP's services, which are the same bytes. Nothing is said when there is nothing to say."""
    if not rejected and not reason:
        return b""
    return message(b"\x0a", count(b"\x08", rejected) + text(b"\x12", reason[:LONGEST_MESSAGE]))


def taken(media_type: MediaType, signal: str, rejected: int, reason: str) -> Response:
    if media_type is MediaType.PROTOBUF:
        return Response(response_bytes(rejected, reason), media_type=media_type.value)
    partial: dict[str, str] = {REJECTED_NAMES[signal]: str(rejected)} if rejected else {}
    if reason:
        partial["errorMessage"] = reason[:LONGEST_MESSAGE]
    return Response(json.dumps({"partialSuccess": partial} if partial else {}), media_type=media_type.value)


def refused(media_type: MediaType | None, why: Refused) -> Response:
    """A `google.rpc.Status`; plain text for those who did not say in what they speak."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if why.is_worth_retrying else {}
    if why.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    told = why.message[:LONGEST_MESSAGE]
    if media_type is MediaType.PROTOBUF:
        body: bytes | str = count(b"\x08", why.rpc_code) + text(b"\x12", told)
    elif media_type is MediaType.JSON:
        body = json.dumps({"code": why.rpc_code, "message": told})
    else:
        body = f"{told}\n"
    kind = "text/plain" if media_type is None else media_type.value
    return Response(body, status_code=why.status, headers=headers, media_type=kind)
