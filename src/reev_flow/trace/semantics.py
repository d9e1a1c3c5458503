"""Attribute names that code reads by name; the names of vendors are tables in `collect.dialects`."""

SERVICE_NAME = "service.name"
HTTP_STATUS_NAMES = ("http.response.status_code", "http.status_code")

REEV_OPERATION = "reev.operation"
REEV_CONVERSATION_ID = "reev.conversation.id"
