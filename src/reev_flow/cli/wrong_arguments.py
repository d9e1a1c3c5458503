"""What is said of arguments that cannot be understood: one line, with what to do next."""

from cyclopts import CycloptsError
from cyclopts.exceptions import MissingArgumentError, UnusedCliTokensError


def told_of_arguments(wrong: CycloptsError) -> str:
    command = " ".join(("reev-flow", *(wrong.command_chain or ())))
    return f"{_why(wrong, command)} `{command} --help` shows what can be asked."


def _why(wrong: CycloptsError, command: str) -> str:
    if isinstance(wrong, MissingArgumentError) and wrong.argument is not None:
        return f"{wrong.keyword} needs a value." if wrong.keyword else f"`{command}` needs {wrong.argument.name}."
    if isinstance(wrong, UnusedCliTokensError) and wrong.unused_tokens:
        is_one = len(wrong.unused_tokens) == 1
        return (
            f"{', '.join(map(repr, wrong.unused_tokens))} {'is one argument' if is_one else 'are arguments'} too many."
        )
    return " ".join(str(wrong).split())
