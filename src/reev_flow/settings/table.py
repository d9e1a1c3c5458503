"""Everything that can be set."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from reev_flow.analysis.calls.prices import ModelPrice
from reev_flow.analysis.rules.wishes import Ignore, RuleWish
from reev_flow.settings.check_readers import read_ignores, read_rule_wishes
from reev_flow.settings.price_readers import read_prices
from reev_flow.settings.readers import (
    number_from,
    read_codes,
    read_level,
    read_patterns,
    read_place,
    read_switch,
    read_text,
)

SettingValue: TypeAlias = (
    bool | float | str | tuple[str, ...] | tuple[Ignore, ...] | tuple[RuleWish, ...] | tuple[ModelPrice, ...]
)


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be set. `variables` are its names in the environment, the first one first; the file has it as `table.key`, or as
    all of the table when there is no key.
    """

    table: str
    key: str
    variables: tuple[str, ...] = ()
    default: SettingValue
    read: Callable[[object], SettingValue]
    meaning: str

    @property
    def name(self) -> str:
        return f"{self.table}.{self.key}" if self.key else self.table


def _switch(key: str, variable: str, meaning: str) -> Setting:
    return Setting(table="insights", key=key, variables=(variable,), default=True, read=read_switch, meaning=meaning)


def _number(name: str, variable: str, default: float, read: Callable[[object], float], *, meaning: str) -> Setting:
    table, _, key = name.partition(".")
    return Setting(
        table=table,
        key=key,
        variables=(variable,),
        default=default,
        read=read,
        meaning=meaning,
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
        meaning="the sessions are copied while they are used",
    ),
    _number(
        "sessions.backup_interval_seconds",
        "REEV_SESSION_BACKUP_INTERVAL",
        300,
        number_from(1),
        meaning="seconds between copies of the sessions, made when something changed",
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
    Setting(
        table="traces",
        key="batch_size",
        variables=("REEV_TRACE_BATCH_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
        default=100,
        read=number_from(1, is_whole=True),
        meaning="spans that are written together",
    ),
    Setting(
        table="traces",
        key="queue_size",
        variables=("REEV_TRACE_QUEUE_SIZE", "OTEL_BSP_MAX_QUEUE_SIZE"),
        default=8_192,
        read=number_from(1, is_whole=True),
        meaning="spans that may wait to be written; more are dropped and counted",
    ),
    Setting(
        table="traces",
        key="delay_ms",
        variables=("REEV_TRACE_DELAY_MS", "OTEL_BSP_SCHEDULE_DELAY"),
        default=250,
        read=number_from(0),
        meaning="milliseconds that a span may wait for others to be written with",
    ),
    Setting(
        table="traces",
        key="keep_errors",
        variables=("REEV_TRACE_KEEP_ERRORS",),
        default=False,
        read=read_switch,
        meaning="runs with an error are kept beyond the share",
    ),
    _number(
        "traces.keep_slower_than_seconds",
        "REEV_TRACE_KEEP_SLOWER_THAN_SECONDS",
        0,
        number_from(0),
        meaning="runs that take longer are kept beyond the share; 0 keeps none for that",
    ),
    Setting(
        table="traces",
        key="forward_to",
        variables=("REEV_TRACE_FORWARD_TO",),
        default="",
        read=read_text,
        meaning="OTLP endpoint that spans are sent on to, or otel for what OTEL_EXPORTER_OTLP_ENDPOINT says; none when empty",
    ),
    Setting(
        table="traces",
        key="redaction",
        variables=("REEV_TRACE_REDACTION",),
        default=True,
        read=read_switch,
        meaning="keys, tokens and passwords are masked before spans are kept",
    ),
    Setting(
        table="traces",
        key="redaction_patterns",
        variables=("REEV_TRACE_REDACTION_PATTERNS",),
        default=(),
        read=read_patterns,
        meaning="regular expressions of what is masked besides; in the environment one a line",
    ),
    _number(
        "traces.retention_days",
        "REEV_TRACE_RETENTION_DAYS",
        30,
        number_from(0),
        meaning="runs to which nothing was added for so many days are forgotten; sessions are not",
    ),
    _number(
        "traces.max_size_mib",
        "REEV_TRACE_MAX_SIZE_MIB",
        4_096,
        number_from(1),
        meaning="room for runs on disk; the least recently added are forgotten for new ones",
    ),
    _number(
        "traces.processing_timeout_ms",
        "REEV_TRACE_PROCESSING_TIMEOUT_MS",
        5_000,
        number_from(1),
        meaning="milliseconds of work after which the insights of a run are partial",
    ),
    Setting(table="check", key="select", default=(), read=read_codes, meaning="only these findings; all when empty"),
    Setting(table="check", key="ignore", default=(), read=read_codes, meaning="never these findings"),
    Setting(
        table="check",
        key="fail_on",
        default="warning",
        read=read_level,
        meaning="`check` exits with 1 from this severity on; never with `never`",
    ),
    Setting(
        table="check",
        key="ignores",
        default=(),
        read=read_ignores,
        meaning="findings that do not count, as `[[check.ignores]]`: code, reason, and perhaps flow, tool, name, until",
    ),
    Setting(
        table="check",
        key="rules",
        default=(),
        read=read_rule_wishes,
        meaning="single rules, as `[check.rules.RF101]`: enabled, severity, min_confidence",
    ),
    Setting(
        table="prices",
        key="",
        default=(),
        read=read_prices,
        meaning='dollars for a million tokens, as `[prices."model"]`: input, output, cache_read, cache_write; no costs without',
    ),
)
