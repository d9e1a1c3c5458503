"""What kind of body a request says it has."""

from enum import Enum
from http import HTTPStatus

from reev_flow.server.refusals import Refused


class MediaType(Enum):
    """What OTLP over HTTP comes in; answers are of the same kind."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


KNOWN = {
    MediaType.PROTOBUF.value: MediaType.PROTOBUF,
    "application/protobuf": MediaType.PROTOBUF,
    MediaType.JSON.value: MediaType.JSON,
}


def media_type_of(content_type: str) -> MediaType | None:
    """Whatever its case and parameters are."""
    return KNOWN.get(content_type.partition(";")[0].strip().lower())


def required_media_type(content_type: str) -> MediaType:
    """Raises `Refused`."""
    found = media_type_of(content_type)
    if found is None:
        named = "no Content-Type" if not content_type.strip() else "a Content-Type that is not OTLP's"
        kinds = " or ".join(kind.value for kind in MediaType)
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the request has {named}; send {kinds}")
    return found
