"""What is set, and where each value came from: the environment wins over the file, the file over the default."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from reev_flow.analysis.calls.prices import ModelPrice, Prices
from reev_flow.analysis.rules.wishes import Ignore, RuleWish
from reev_flow.errors import InvalidSetting, UnreadableSettings
from reev_flow.settings.readers import Unusable
from reev_flow.settings.table import SETTINGS, Setting, SettingValue

FILE_NAME = "reev-flow.toml"


class SettingInUse(msgspec.Struct, frozen=True, kw_only=True):
    """A setting with its value and where that came from: a variable, a file, or `default`."""

    setting: Setting
    value: SettingValue
    source: str


class Settings:
    """Every setting with its value and source."""

    def __init__(self, in_use: Mapping[str, SettingInUse]) -> None:
        self.in_use = in_use

    def switch(self, name: str) -> bool:
        return bool(self.in_use[name].value)

    def texts(self, name: str) -> tuple[str, ...]:
        return self.codes(name)

    def codes(self, name: str) -> tuple[str, ...]:
        value = self.in_use[name].value
        return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, tuple) else ()

    def ignores(self) -> tuple[Ignore, ...]:
        value = self.in_use["check.ignores"].value
        return tuple(entry for entry in value if isinstance(entry, Ignore)) if isinstance(value, tuple) else ()

    def rule_wishes(self) -> tuple[RuleWish, ...]:
        value = self.in_use["check.rules"].value
        return tuple(entry for entry in value if isinstance(entry, RuleWish)) if isinstance(value, tuple) else ()

    def prices(self) -> Prices:
        value = self.in_use["prices"].value
        return (
            Prices(entry for entry in value if isinstance(entry, ModelPrice)) if isinstance(value, tuple) else Prices()
        )

    def number(self, name: str) -> float:
        value = self.in_use[name].value
        return value if isinstance(value, int | float) else 0

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
        raise InvalidSetting(name, _told(raw), str(wrong), source=source) from None


def _told(raw: object) -> str | None:
    """None for lists and tables: what is wrong in them is told by their reader."""
    if isinstance(raw, bool):
        return str(raw).lower()
    return str(raw) if isinstance(raw, str | int | float) else None


def _read_file(path: Path) -> dict[str, object]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise UnreadableSettings(str(path)) from cause
    found = dict(_flatten(tables))
    known = {setting.name for setting in SETTINGS}
    for name in found:
        if name not in known:
            raise InvalidSetting(name, None, f"a setting; {_known(name, sorted(known))}", source=str(path))
    return found


def _known(name: str, known: Sequence[str]) -> str:
    """What may have been meant; else what its table has; else everything."""
    near = get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    beside = [other for other in known if other.partition(".")[0] == name.partition(".")[0]]
    return f"known are {', '.join(beside or known)}"


def _flatten(tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    whole = {setting.table for setting in SETTINGS if not setting.key}
    for table, entries in tables.items():
        if isinstance(entries, dict) and table not in whole:
            yield from ((f"{table}.{key}", value) for key, value in entries.items())
        else:
            yield table, entries
