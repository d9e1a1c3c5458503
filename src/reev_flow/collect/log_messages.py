"""Log records out of OTLP in protobuf."""

from collections.abc import Iterator
from typing import Any

from reev_flow.collect.log_records import LogRecord
from reev_flow.collect.otlp_protobuf import read_attributes, read_source, read_value
from reev_flow.collect.otlp_values import id_from_bytes

TRACE_ID_BYTES, SPAN_ID_BYTES = 16, 8


def records_of_message(request: Any) -> Iterator[LogRecord]:
    """Every record of a parsed `ExportLogsServiceRequest`."""
    for resource_logs in request.resource_logs:
        resource = read_attributes(resource_logs.resource.attributes)
        for scope_logs in resource_logs.scope_logs:
            source = read_source(resource, scope_logs.scope)
            for one in scope_logs.log_records:
                yield LogRecord(
                    trace_id=id_from_bytes(one.trace_id) if len(one.trace_id) == TRACE_ID_BYTES else None,
                    span_id=id_from_bytes(one.span_id) if len(one.span_id) == SPAN_ID_BYTES else None,
                    time_ns=one.time_unix_nano or one.observed_time_unix_nano,
                    name=one.event_name,
                    severity=one.severity_text,
                    attributes=read_attributes(one.attributes),
                    body=read_value(one.body),
                    source=source,
                )
