"""What the environment and `reev-flow.toml` say, and where each value came from.

The environment wins over the file, the file over the default. A value that cannot be used is an error that names its setting.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from reev_flow.errors import InvalidSetting, UnreadableSettings

FILE_NAME = "reev-flow.toml"

SettingValue: TypeAlias = bool | str | tuple[str, ...]

TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})
SEVERITIES = ("note", "warning", "error")


class Unusable(ValueError):
    """A raw value that a setting cannot take; the message says what it wants."""


def read_switch(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise Unusable("true or false")


def read_codes(raw: object) -> tuple[str, ...]:
    """Finding codes, as a list or by commas; whether such codes exist is the rulebook's question."""
    codes = raw.split(",") if isinstance(raw, str) else raw
    if isinstance(codes, list) and all(isinstance(code, str) for code in codes):
        return tuple(code.strip().upper() for code in codes if code.strip())
    raise Unusable('a list of finding codes, such as ["RF101", "RF2"]')


def read_severity(raw: object) -> str:
    if raw in SEVERITIES:
        return str(raw)
    raise Unusable("one of note, warning, error")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be set. `variables` are its names in the environment, the first one first; the file has it as `table.key`."""

    table: str
    key: str
    variables: tuple[str, ...] = ()
    default: SettingValue
    read: Callable[[object], SettingValue]
    meaning: str

    @property
    def name(self) -> str:
        return f"{self.table}.{self.key}"


class SettingInUse(msgspec.Struct, frozen=True, kw_only=True):
    """A setting with its value and where that came from: a variable, a file, or `default`."""

    setting: Setting
    value: SettingValue
    source: str


def _switch(key: str, variable: str, meaning: str) -> Setting:
    return Setting(table="insights", key=key, variables=(variable,), default=True, read=read_switch, meaning=meaning)


SETTINGS = (
    _switch("metrics", "REEV_METRICS_COLLECTION", "durations, counts and tokens of a run"),
    _switch("tool_calls", "REEV_TOOL_CALL_EXTRACTION", "the tool calls of a run, executed and asked for"),
    _switch("performance", "REEV_PERFORMANCE_ANALYSIS", "self times, the critical path, concurrency"),
    _switch("bottlenecks", "REEV_BOTTLENECK_DETECTION", "findings about lost time (RF1…)"),
    _switch("diagram", "REEV_MERMAID_GENERATION", "the Mermaid diagram of a run"),
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


class Settings:
    """Every setting with its value and source."""

    def __init__(self, in_use: Mapping[str, SettingInUse]) -> None:
        self.in_use = in_use

    def switch(self, name: str) -> bool:
        return bool(self.in_use[name].value)

    def codes(self, name: str) -> tuple[str, ...]:
        value = self.in_use[name].value
        return value if isinstance(value, tuple) else ()

    def word(self, name: str) -> str:
        return str(self.in_use[name].value)


def load_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """Raises `InvalidSetting` for a value of the wrong kind, an unknown name in the file, or a file that is not TOML."""
    path = find_file(folder)
    in_file = {} if path is None else _read_file(path)
    return Settings({setting.name: _resolve(setting, environment, in_file, str(path)) for setting in SETTINGS})


def find_file(folder: Path) -> Path | None:
    """The nearest `reev-flow.toml`, in this folder or above it."""
    candidates = (parent / FILE_NAME for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def _resolve(
    setting: Setting, environment: Mapping[str, str], in_file: Mapping[str, object], path: str
) -> SettingInUse:
    for variable in setting.variables:
        if environment.get(variable, "") != "":
            value = _value(setting, variable, environment[variable], "environment")
            return SettingInUse(setting=setting, value=value, source=variable)
    if setting.name in in_file:
        value = _value(setting, setting.name, in_file[setting.name], path)
        return SettingInUse(setting=setting, value=value, source=path)
    return SettingInUse(setting=setting, value=setting.default, source="default")


def _value(setting: Setting, name: str, raw: object, source: str) -> SettingValue:
    try:
        return setting.read(raw)
    except Unusable as wrong:
        raise InvalidSetting(name, str(raw), str(wrong), source=source) from None


def _read_file(path: Path) -> dict[str, object]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise UnreadableSettings(str(path)) from cause
    found = dict(_flatten(tables))
    known = {setting.name for setting in SETTINGS}
    for name, value in found.items():
        if name not in known:
            raise InvalidSetting(name, str(value), f"a setting; known are {', '.join(sorted(known))}", source=str(path))
    return found


def _flatten(tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for table, entries in tables.items():
        if isinstance(entries, dict):
            yield from ((f"{table}.{key}", value) for key, value in entries.items())
        else:
            yield table, entries
