"""Plans in YAML and JSON files."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from reev_flow.errors import InvalidPlan
from reev_flow.flows.plans.checks import check_plan, checked
from reev_flow.flows.plans.fields import WrongField, path_text, plan_from
from reev_flow.flows.plans.json_text import json_events
from reev_flow.flows.plans.plan import DynamicFlowPlan
from reev_flow.flows.plans.tree import BadText, Node, build_tree
from reev_flow.flows.plans.yaml_text import resolve_plain, yaml_events

MOST_BYTES = 4 * 1024 * 1024
EMPTY = "begin with `flow_id:` and `steps:`"


def load_plan(path: str | Path) -> DynamicFlowPlan:
    """The plan in a file: JSON when its name ends so, YAML when it does not. Raises `InvalidPlan` with file, line and field."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidPlan(f"cannot be read ({reason})", source=str(path), advice="give the path of a plan") from error
    return read_plan(data, source=str(path), is_json=str(path).lower().endswith(".json"))


def read_plan(data: bytes, *, source: str = "", is_json: bool = False) -> DynamicFlowPlan:
    """`source` is what errors call it."""
    try:
        return _plan_in(_text_of(data), is_json=is_json, source=source)
    except BadText as bad:
        raise InvalidPlan(bad.details, source=source, line=bad.line, advice=bad.advice) from None


def plan_as_yaml(plan: DynamicFlowPlan) -> str:
    """What `read_plan` reads back as an equal plan; fields that have their default are left out. Raises `InvalidPlan`."""
    return yaml.dump(
        _without_defaults(check_plan(plan)), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120
    )


def _text_of(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise BadText(
            None, f"larger than {MOST_BYTES // 1024 // 1024} MiB", "a plan names its data, it does not hold it"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadText(line, f"the byte {data[error.start]:#04x} is not UTF-8", "save the file as UTF-8") from None


def _plan_in(text: str, *, is_json: bool, source: str) -> DynamicFlowPlan:
    if is_json and not text.strip():
        raise BadText(None, "the file is empty", EMPTY)
    tree = build_tree(json_events(text) if is_json else yaml_events(text))
    if tree is None or tree.value is None:
        raise BadText(None, "the file is empty", EMPTY)
    try:
        return checked(plan_from(tree.value))
    except WrongField as wrong:
        raise _placed(wrong, tree, source) from None


def _placed(wrong: WrongField, tree: Node, source: str) -> InvalidPlan:
    line = tree.line_of(wrong.path, is_about_key=wrong.is_about_key)
    return InvalidPlan(wrong.details, field=path_text(wrong.path), source=source, line=line, advice=wrong.advice)


class _Dumper(yaml.SafeDumper):
    """Puts in quotes what YAML 1.1 or our reading would take for something other than text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    is_safe = isinstance(resolve_plain(text), str) and text.replace("\n", "").isprintable()
    style = ("|" if "\n" in text else None) if is_safe else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _without_defaults(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_without_defaults(item) for item in value]
    if not isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    named = {"kind": value.__struct_config__.tag} if value.__struct_config__.tag else {}
    for field in msgspec.structs.fields(value):
        here = getattr(value, field.name)
        if field.required or here != _default_of(field):
            named[field.name] = _without_defaults(here)
    return named


def _default_of(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
