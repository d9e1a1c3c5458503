"""`reev-flow doctor`: what is well and what is not, each with what to do."""

import os
import sys

from reev_flow.cli import EXIT_FOUND
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_store import IN_MEMORY
from reev_flow.cli.tables import safe_text
from reev_flow.clock import SystemClock
from reev_flow.errors import ReevFlowError
from reev_flow.render.terminal_options import options_for
from reev_flow.runtime.checkup import Check, Level, check_place, check_settings
from reev_flow.sessions.config import SessionConfig
from reev_flow.settings import current_settings
from reev_flow.settings.session_config import session_config


def doctor(*, store: Store = None, json: AsJson = False) -> int:
    """Look at the settings, the files, the disk, the sessions, their workers and backups. Nothing is changed.

    Exits with 1 when there is a problem; warnings are about what may go wrong later.
    """
    config = _config()
    checks = list(check_settings(os.environ, config))
    known = config if isinstance(config, SessionConfig) else SessionConfig()
    place = store if store is not None else known.store_path
    checks += _of_memory() if place == IN_MEMORY else check_place(place, known, SystemClock())
    if json:
        write_document(store=place, checks=checks)
    else:
        options = options_for(sys.stdout, os.environ)
        write_text("".join(f"{safe_text(_line(check), options)}\n" for check in checks))
    problems = sum(check.level is Level.PROBLEM for check in checks)
    warnings = sum(check.level is Level.WARNING for check in checks)
    tell(f"{_count(problems, 'problem')}, {_count(warnings, 'warning')}")
    return EXIT_FOUND if problems else 0


def _config() -> SessionConfig | ReevFlowError:
    try:
        return session_config(current_settings())
    except ReevFlowError as error:
        return error


def _of_memory() -> list[Check]:
    told = "memory: keeps sessions only while their process lives"
    return [Check(subject="store", level=Level.WARNING, told=told, advice="name a folder to keep them")]


def _line(check: Check) -> str:
    advice = f"; {check.advice}" if check.advice else ""
    return f"{check.level:<8} {check.subject:<12} {check.told}{advice}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
