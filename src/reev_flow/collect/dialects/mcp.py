"""The Model Context Protocol: calls of tools by clients, and the same calls as servers see them."""

from reev_flow.collect.dialects.dialect import Concept, Dialect, Kind, SpanName
from reev_flow.trace.span import Operation

MCP = Dialect(
    name="Model Context Protocol",
    seen=("mcp 2.3.0", "fastmcp 4.1.2"),
    unread=("mcp.session.id", "mcp.protocol.version", "jsonrpc.request.id", "mcp.resource.uri", "fastmcp.*"),
    kinds=(
        Kind(
            attribute="mcp.method.name",
            meanings={"tools/call": Operation.TOOL, "resources/read": Operation.RETRIEVAL},
        ),
    ),
    span_names=(
        SpanName(operation=Operation.TOOL, prefix="tools/call "),
        SpanName(operation=Operation.TOOL, prefix="MCP send tools/call "),
    ),
    attributes={
        Concept.ARGUMENTS: ("mcp.request.argument",),
        Concept.RESULT: ("mcp.response.value",),
    },
)
