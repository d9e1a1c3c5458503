"""Attribute names that more than one room reads."""

HTTP_STATUS_NAMES = ("http.response.status_code", "http.status_code")
