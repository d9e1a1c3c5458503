"""Why a request is not taken, in the words of HTTP and of gRPC."""

from http import HTTPStatus

from reev_flow.errors import ReevFlowError

RETRY_SECONDS = 2

# The codes of google.rpc, which are those of gRPC.
UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, PERMISSION_DENIED = 2, 3, 4, 7
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 8, 12, 13, 14, 16

RPC_CODES = {
    HTTPStatus.BAD_REQUEST: INVALID_ARGUMENT,
    HTTPStatus.UNAUTHORIZED: UNAUTHENTICATED,
    HTTPStatus.FORBIDDEN: PERMISSION_DENIED,
    HTTPStatus.NOT_FOUND: UNIMPLEMENTED,
    HTTPStatus.METHOD_NOT_ALLOWED: UNIMPLEMENTED,
    HTTPStatus.REQUEST_TIMEOUT: DEADLINE_EXCEEDED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: RESOURCE_EXHAUSTED,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: INVALID_ARGUMENT,
    HTTPStatus.INTERNAL_SERVER_ERROR: INTERNAL,
    HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
}


class Refused(ReevFlowError):
    """A request that is not taken. Senders try again when the status is 503, and drop what they sent when it is another."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return self.message

    @property
    def rpc_code(self) -> int:
        return RPC_CODES.get(self.status, UNKNOWN)

    @property
    def is_worth_retrying(self) -> bool:
        return self.status is HTTPStatus.SERVICE_UNAVAILABLE


def unreadable(message: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, message)


def too_large(limit_bytes: int) -> Refused:
    limit = f"{limit_bytes:,} bytes"
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {limit}; send smaller batches")


def too_slow() -> Refused:
    return Refused(HTTPStatus.REQUEST_TIMEOUT, "the body came too slowly; send smaller batches")


def unavailable(message: str) -> Refused:
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"{message}; send it again in {RETRY_SECONDS} seconds")


def unhandled() -> Refused:
    """A defect of ours: the same body would meet it again."""
    return Refused(
        HTTPStatus.INTERNAL_SERVER_ERROR, "the body could not be handled; the server tells why where it runs"
    )


def missing_token() -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, "the token is missing or wrong; send `Authorization: Bearer TOKEN`")
