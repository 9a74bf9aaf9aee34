"""Find the `pulumi` commands in a script, and compare them with the help of the real CLI."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache

from tests.tools.release.cli import run
from tools.engine import find_engine

_FLAG = re.compile(r"^ +(?:(-\w), )?--([\w-]+)(?: (\S+(?: \S+)*)|)(?: {2,}|$)")


def commands(script: str) -> list[list[str]]:
    """Return the arguments of each `pulumi` command in a shell script."""
    all_arguments = []
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        command: list[str] = []
        for word in [*lexer, ";"]:
            if not re.fullmatch(r"[;&|()<>]+", word):
                command.append(word)
                continue
            while command and re.match(r"\w+=", command[0]):
                command = command[1:]
            if command and command[0] == "pulumi":
                all_arguments.append(command[1:])
            # The word after a ">" is a file.
            command = [""] if ">" in word else []
    return all_arguments


@dataclass(frozen=True)
class Help:
    """The output of `pulumi COMMAND --help`."""

    text: str

    @property
    def usage(self) -> str:
        """The usage of the command, such as "pulumi preview [flags]"."""
        match = re.search(r"^Usage:\n  (.+)$", self.text, re.M)
        return match[1] if match else ""

    @property
    def arguments(self) -> tuple[int, int]:
        """The smallest and the largest number of arguments."""
        arguments = [arg for arg in self.usage.split() if arg[0] in "<[" and arg != "[flags]"]
        return sum(arg.startswith("<") for arg in arguments), len(arguments)

    @property
    def subcommands(self) -> set[str]:
        """The command's subcommands, without their aliases."""
        blocks = re.findall(r"^[\w ]*Commands:\n((?:  .+\n)+)", self.text, re.M)
        return {line.split()[0] for block in blocks for line in block.splitlines()}

    @property
    def flags(self) -> dict[str, bool]:
        """Flag, with its dashes → whether it takes a value."""
        flags = {}
        for line in self.text.splitlines():
            if match := _FLAG.match(line):
                short, long, kind = match.groups()
                # With a kind such as "string[="true"]", a value has to follow a "=".
                takes_value = kind is not None and "[" not in kind
                flags.update({flag: takes_value for flag in (short, f"--{long}") if flag})
        return flags


@cache
def help_of(*command: str, debug: bool = False) -> Help:
    """Return the help of a command. Without arguments, it is the help of `pulumi` itself.

    Args:
        command: the words of the command.
        debug: whether to include the options for debugging.
    """
    variables = {"PULUMI_DEBUG_COMMANDS": "true"} if debug else {}
    # For an unknown command, `--help` fails and prints nothing on stdout.
    return Help(run(find_engine().pulumi, *command, "--help", variables=variables).stdout)


def wrong_with(words: list[str], *, debug: bool = False) -> str | None:
    """Return why the real CLI rejects the arguments of `pulumi`, or None if it doesn't.

    Args:
        words: the arguments.
        debug: whether PULUMI_DEBUG_COMMANDS is set.
    """
    command: list[str] = []
    arguments: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, _ = word.partition("=")
        if word.startswith("-"):
            flags = {**help_of().flags, **help_of(*command, debug=debug).flags}
            if name not in flags:
                return f"pulumi {' '.join(command)} has no flag {name}"
            if flags[name] and not equals and next(rest, None) is None:
                return f"{name} has no value"
        elif not arguments and _is_command(*command, word):
            command.append(word)
        else:
            arguments.append(word)
    help_ = help_of(*command)
    usage, (least, most) = help_.usage, help_.arguments
    if usage.endswith("[command]") or (help_.subcommands and len(arguments) > most):
        return f"pulumi {' '.join([*command, *arguments])} is no command"
    if not least <= len(arguments) <= most:
        return f"{usage} was given {len(arguments)} arguments"
    return None


def _is_command(*words: str) -> bool:
    """Return whether the last word is a subcommand, or an alias of one, of the words before it."""
    parent = help_of(*words[:-1])
    if words[-1] in parent.subcommands:
        return True
    # The help of an alias is the help of its command, and the help of any other word the parent's.
    return bool(parent.subcommands) and help_of(*words).usage not in ("", parent.usage)
