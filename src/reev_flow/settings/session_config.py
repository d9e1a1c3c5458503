"""What the settings say about sessions."""

from reev_flow.sessions.config import SessionConfig
from reev_flow.settings.loading import Settings


def session_config(settings: Settings) -> SessionConfig:
    return SessionConfig(
        store_path=settings.word("sessions.store_path"),
        retention_days=settings.number("sessions.retention_days"),
        max_concurrent=int(settings.number("sessions.max_concurrent")),
        timeout_seconds=settings.number("sessions.timeout_seconds"),
        auto_save=settings.switch("sessions.auto_save"),
        backup_enabled=settings.switch("sessions.backup_enabled"),
        backup_interval_seconds=settings.number("sessions.backup_interval_seconds"),
        otel_enabled=settings.switch("traces.enabled"),
        trace_sample_rate=settings.number("traces.sample_rate"),
        trace_batch_size=int(settings.number("traces.batch_size")),
        trace_queue_size=int(settings.number("traces.queue_size")),
        trace_delay_seconds=settings.number("traces.delay_ms") / 1_000,
        trace_keep_errors=settings.switch("traces.keep_errors"),
        trace_keep_slower_than=settings.number("traces.keep_slower_than_seconds") or None,
        trace_forward_to=settings.word("traces.forward_to"),
    )
