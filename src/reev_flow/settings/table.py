"""Everything that can be set."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from reev_flow.settings.readers import number_from, read_codes, read_place, read_severity, read_switch

SettingValue: TypeAlias = bool | float | str | tuple[str, ...]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be set. `variables` are its names in the environment, the first one first; the file has it as `table.key`."""

    table: str
    key: str
    variables: tuple[str, ...] = ()
    default: SettingValue
    read: Callable[[object], SettingValue]
    meaning: str
    is_planned: bool = False  # it can be set and has no effect in this release

    @property
    def name(self) -> str:
        return f"{self.table}.{self.key}"


def _switch(key: str, variable: str, meaning: str) -> Setting:
    return Setting(table="insights", key=key, variables=(variable,), default=True, read=read_switch, meaning=meaning)


def _number(
    name: str, variable: str, default: float, read: Callable[[object], float], *, meaning: str, is_planned: bool = False
) -> Setting:
    table, _, key = name.partition(".")
    return Setting(
        table=table,
        key=key,
        variables=(variable,),
        default=default,
        read=read,
        meaning=meaning,
        is_planned=is_planned,
    )


SETTINGS = (
    _switch("metrics", "REEV_METRICS_COLLECTION", "durations, counts and tokens of a run"),
    _switch("tool_calls", "REEV_TOOL_CALL_EXTRACTION", "the tool calls of a run, executed and asked for"),
    _switch("performance", "REEV_PERFORMANCE_ANALYSIS", "self times, the critical path, concurrency"),
    _switch("bottlenecks", "REEV_BOTTLENECK_DETECTION", "findings about lost time (RF1…)"),
    _switch("diagram", "REEV_MERMAID_GENERATION", "the Mermaid diagram of a run"),
    Setting(
        table="sessions",
        key="store_path",
        variables=("REEV_SESSION_STORE_PATH",),
        default="logs/sessions",
        read=read_place,
        meaning="folder or URL where sessions are kept",
    ),
    _number(
        "sessions.retention_days",
        "REEV_SESSION_RETENTION_DAYS",
        30,
        number_from(0),
        meaning="ended sessions older than this are forgotten",
    ),
    _number(
        "sessions.max_concurrent",
        "REEV_SESSION_MAX_CONCURRENT",
        100,
        number_from(1, is_whole=True),
        meaning="sessions that run at once; more wait their turn",
    ),
    _number(
        "sessions.timeout_seconds",
        "REEV_SESSION_TIMEOUT_SECONDS",
        3_600,
        number_from(0.001),
        meaning="how long a session may be worked on",
    ),
    Setting(
        table="sessions",
        key="auto_save",
        variables=("REEV_SESSION_AUTO_SAVE",),
        default=True,
        read=read_switch,
        meaning="every step is durable; without, only checkpoints are",
    ),
    Setting(
        table="sessions",
        key="backup_enabled",
        variables=("REEV_SESSION_BACKUP_ENABLED",),
        default=True,
        read=read_switch,
        meaning="online backups of the sessions",
        is_planned=True,
    ),
    _number(
        "sessions.backup_interval_seconds",
        "REEV_SESSION_BACKUP_INTERVAL",
        300,
        number_from(1),
        meaning="seconds between backups when something changed",
        is_planned=True,
    ),
    Setting(
        table="traces",
        key="enabled",
        variables=("REEV_OTEL_ENABLED", "REEV_OTEOL_ENABLED"),
        default=True,
        read=read_switch,
        meaning="collect the spans of tools and models inside steps",
    ),
    _number(
        "traces.sample_rate",
        "REEV_TRACE_SAMPLE_RATE",
        1.0,
        number_from(0, 1),
        meaning="share of the runs whose spans of tools and models are kept",
    ),
    _number(
        "traces.batch_size",
        "REEV_TRACE_BATCH_SIZE",
        100,
        number_from(1, is_whole=True),
        meaning="spans that are written together",
    ),
    _number(
        "traces.processing_timeout_ms",
        "REEV_TRACE_PROCESSING_TIMEOUT_MS",
        5_000,
        number_from(1),
        meaning="milliseconds after which insights are partial",
        is_planned=True,
    ),
    Setting(table="check", key="select", default=(), read=read_codes, meaning="only these findings; all when empty"),
    Setting(table="check", key="ignore", default=(), read=read_codes, meaning="never these findings"),
    Setting(
        table="check",
        key="fail_on",
        default="warning",
        read=read_severity,
        meaning="`check` exits with 1 from this severity on",
    ),
)
