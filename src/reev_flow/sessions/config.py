"""What a session manager can be told."""

import msgspec

from reev_flow.errors import InvalidSetting

HOURS = 3_600.0
MOST = 1_000_000_000


class SessionConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are those of the settings of the same names; see `reev-flow config`.

    `store_path` is a folder (SQLite inside) or a URL. Sessions that ended more than `retention_days` ago are forgotten when another one
    begins; ids that you chose are not, so that they are not run again. At most `max_concurrent` sessions run at once and `most_waiting`
    more wait for their turn. `timeout_seconds` counts while a worker moves the session on: neither waiting for a person counts nor the
    time after a crash. Without `auto_save` only `checkpoint()` is durable. With
    `backup_enabled` the sessions are copied beside their store when something changed, at most every `backup_interval_seconds`; few copies
    are kept. A worker that was not heard of for `lease_seconds` has lost its
    sessions. `otel_enabled` and all that begins with `trace_` is about the spans of tools and models inside steps: see `TraceCollector`.
    `poll_seconds` is how often answers from other processes are looked for, `stop_seconds` how long a manager that closes waits for
    running steps.
    """

    store_path: str = "logs/sessions"
    retention_days: float = 30
    max_concurrent: int = 100
    most_waiting: int = 10_000
    timeout_seconds: float = 1 * HOURS
    auto_save: bool = True
    backup_enabled: bool = True
    backup_interval_seconds: float = 300
    otel_enabled: bool = True
    trace_sample_rate: float = 1.0
    trace_batch_size: int = 100
    trace_queue_size: int = 8_192
    trace_delay_seconds: float = 0.25
    trace_keep_errors: bool = False
    trace_keep_slower_than: float | None = None
    trace_forward_to: str = ""
    lease_seconds: float = 30
    poll_seconds: float = 0.25
    stop_seconds: float = 10

    def __post_init__(self) -> None:
        for name in (
            "max_concurrent",
            "timeout_seconds",
            "lease_seconds",
            "poll_seconds",
            "backup_interval_seconds",
            "trace_batch_size",
            "trace_queue_size",
        ):
            self._refuse(name, 0 < getattr(self, name) <= MOST, f"more than 0, up to {MOST:,}")
        for name in (
            "retention_days",
            "most_waiting",
            "stop_seconds",
            "trace_delay_seconds",
        ):
            self._refuse(name, 0 <= getattr(self, name) <= MOST, f"from 0 to {MOST:,}")
        self._refuse("trace_sample_rate", 0 <= self.trace_sample_rate <= 1, "from 0 to 1")
        slower_than = self.trace_keep_slower_than
        self._refuse("trace_keep_slower_than", slower_than is None or 0 <= slower_than <= MOST, f"from 0 to {MOST:,}")

    def _refuse(self, name: str, is_right: bool, wanted: str) -> None:  # noqa: FBT001 - a claim and its name
        if not is_right:
            raise InvalidSetting(name, str(getattr(self, name)), wanted, source="SessionConfig")
