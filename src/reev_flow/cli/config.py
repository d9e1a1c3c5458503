"""`reev-flow config`: every setting, its value, and where the value came from."""

import msgspec

from reev_flow.cli.options import AsJson
from reev_flow.cli.output import write_text
from reev_flow.settings import SettingInUse, SettingValue, current_settings


def config(*, json: AsJson = False) -> int:
    """Show every setting, its value, and where it came from."""
    in_use = list(current_settings().in_use.values())
    write_text(_as_json(in_use) if json else _as_table(in_use))
    return 0


def _as_json(in_use: list[SettingInUse]) -> str:
    told = [
        {
            "name": entry.setting.name,
            "variables": entry.setting.variables,
            "value": entry.value,
            "default": entry.setting.default,
            "source": entry.source,
            "meaning": entry.setting.meaning,
        }
        for entry in in_use
    ]
    return msgspec.json.format(msgspec.json.encode({"settings": told}), indent=2).decode() + "\n"


def _as_table(in_use: list[SettingInUse]) -> str:
    lines = []
    for entry in in_use:
        names = ", ".join((entry.setting.name, *entry.setting.variables))
        lines += [
            f"{entry.setting.name} = {_told(entry.value)}  ({entry.source})",
            f"    {entry.setting.meaning}",
        ]
        if entry.setting.variables:
            lines.append(f"    set by {names.split(', ', 1)[1]} or in reev-flow.toml under [{entry.setting.table}]")
        else:
            lines.append(f"    set in reev-flow.toml under [{entry.setting.table}]")
    return "\n".join(lines) + "\n"


def _told(value: SettingValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(entry if isinstance(entry, str) else _as_words(entry) for entry in value) + "]"
    return value if isinstance(value, str) else f"{value:g}"


def _as_words(entry: msgspec.Struct) -> str:
    told = msgspec.to_builtins(entry)
    return " ".join(f"{name}={value}" for name, value in told.items() if value not in {"", None})
