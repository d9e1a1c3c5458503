"""`reev-flow import`: puts the spans of files into the store."""

import os
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from reev_flow.cli import EXIT_UNUSABLE
from reev_flow.cli.import_text import import_document, import_text
from reev_flow.cli.import_work import Import
from reev_flow.cli.inputs import UnknownOption
from reev_flow.cli.json_document import write_document
from reev_flow.cli.options import AsJson, Store
from reev_flow.cli.output import tell, write_text
from reev_flow.cli.session_place import place_of
from reev_flow.cli.session_store import IN_MEMORY
from reev_flow.collect.inputs import STDIN
from reev_flow.errors import ReevFlowError

Paths = Annotated[
    str,
    Parameter(allow_leading_hyphen=True, help="Files with traces, folders of them, or - for standard input."),
]
Follow = Annotated[bool, Parameter(help="Go on with what is added to the file, until Ctrl-C.")]


class NothingToImport(ReevFlowError):
    """The command was given no input."""

    def __str__(self) -> str:
        return "name at least one file with traces, a folder of them, or - for standard input"


class NotOneFile(ReevFlowError):
    """More than one thing is to be followed, or something that is no file."""

    def __str__(self) -> str:
        return "--follow takes one file; follow each file in a process of its own, and import folders without it"


class ForgottenStore(ReevFlowError):
    """A store that would end with the command."""

    def __str__(self) -> str:
        return "memory: keeps spans only while their process lives; name a folder with --store"


def import_files(*paths: Paths, store: Store = None, follow: Follow = False, json: AsJson = False) -> int:
    """Put the spans of files into the store. What is there already is not added again."""
    _refuse_unusable(paths, is_followed=follow)
    place = place_of(store)
    if place == IN_MEMORY:
        raise ForgottenStore
    with Import(place) as work:
        if follow and paths[0] != STDIN:  # a pipe is read until it ends in any case
            work.follow(paths[0])
        else:
            work.read(paths)
        _say(work, is_json=json)
        if work.failure is not None:
            tell(f"{work.failure}; what was counted is in the store, and importing again adds nothing twice")
            return EXIT_UNUSABLE
        return work.stop.exit_code or (EXIT_UNUSABLE if work.problems else 0)


def _refuse_unusable(paths: Sequence[str], *, is_followed: bool) -> None:
    if not paths:
        raise NothingToImport
    for path in paths:
        if path.startswith("-") and path != STDIN and not os.path.lexists(path):
            raise UnknownOption(path)
    if is_followed and (len(paths) > 1 or os.path.isdir(paths[0])):  # noqa: PTH112 - a path may be ""
        raise NotOneFile


def _say(work: Import, *, is_json: bool) -> None:
    if is_json:
        write_document(**import_document(work.imported, work.location, work.problems, work.failure))
        return
    write_text(import_text(work.imported, work.location))
    if work.stop.received:
        tell("stopped before the end; importing again goes on from there, and adds nothing twice")
