"""What marks a span as plumbing, so that an agent's attributes that were passed on to it do not make it look like an agent's work."""

from reev_flow.collect.dialects.dialect import Concept, Dialect

INFRASTRUCTURE = Dialect(
    name="infrastructure",
    attributes={
        Concept.INFRASTRUCTURE: (
            "http.request.method",
            "http.method",
            "url.full",
            "http.url",
            "http.route",
            "asgi.event.type",
            "db.system.name",
            "db.system",
            "db.query.text",
            "db.statement",
            "rpc.system.name",
            "rpc.system",
            "rpc.method",
            "messaging.system",
            "messaging.operation.name",
            "faas.trigger",
            "graphql.operation.type",
            "dns.question.name",
        ),
    },
)
