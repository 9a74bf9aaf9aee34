"""The `pulumi` commands in a text, compared with the help of the real CLI."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache

from tests.tools.release.cli import run
from tools.sandbox.engine import find_engine

WRAPPER = "pulumi-with-policy.sh"
_FLAG = re.compile(r"^ +(?:(-\w), )?--([\w-]+)(?: (\S+)|)(?: {2,}|$)")


def commands(script: str) -> list[list[str]]:
    """The words behind `pulumi`, or behind the wrapper, of each such command of a shell script."""
    found = []
    for line in script.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        simple: list[str] = []
        words = [*lexer, ";"]
        for word in words:
            if not re.fullmatch(r"[;&|()<>]+", word):
                simple.append(word)
                continue
            while simple and re.match(r"\w+=", simple[0]):
                simple = simple[1:]
            name, *rest = simple or [""]
            if name == "pulumi" or name.endswith(f"/{WRAPPER}"):
                found.append(rest)
            # What stands behind a ">" is a file.
            simple = [""] if ">" in word else []
    return found


@dataclass(frozen=True)
class Help:
    """What `pulumi COMMAND --help` says."""

    text: str

    @property
    def usage(self) -> str:
        """The usage of the command itself, such as "pulumi preview [flags]"."""
        match = re.search(r"^Usage:\n  (.+)$", self.text, re.M)
        return match[1] if match else ""

    @property
    def arguments(self) -> tuple[int, int]:
        """How many arguments it takes: at least, and at most."""
        shown = [it for it in self.usage.split() if it[0] in "<[" and it != "[flags]"]
        return sum(it.startswith("<") for it in shown), len(shown)

    @property
    def aliases(self) -> list[str]:
        """The command's other names, and its own."""
        match = re.search(r"^Aliases:\n  (.+)$", self.text, re.M)
        return match[1].split(", ") if match else []

    @property
    def subcommands(self) -> set[str]:
        """The commands below it, without their aliases."""
        blocks = re.findall(r"^[\w ]*Commands:\n((?:  .+\n)+)", self.text, re.M)
        return {line.split()[0] for block in blocks for line in block.splitlines()}

    @property
    def flags(self) -> dict[str, bool]:
        """Its flags, with their dashes, and whether each takes a value."""
        found = {}
        for line in self.text.splitlines():
            if match := _FLAG.match(line):
                short, long, kind = match.groups()
                # Written "string[="true"]", the value stands behind "=" only.
                valued = kind is not None and "[" not in kind
                found.update({it: valued for it in (short, f"--{long}") if it})
        return found


@cache
def help_of(*command: str) -> Help:
    """What the real CLI says of a command, of `pulumi` itself without one."""
    done = run(find_engine().pulumi, *command, "--help")
    # It fails for a word that is no command, and says nothing on stdout.
    return Help(done.stdout)


def wrong_with(words: list[str]) -> str | None:
    """What the real CLI would not understand in `pulumi WORDS`, None where it would."""
    command: list[str] = []
    arguments: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, _ = word.partition("=")
        if word.startswith("-"):
            flags = {**help_of().flags, **help_of(*command).flags}
            if name not in flags:
                return f"pulumi {' '.join(command)} has no flag {name}"
            if flags[name] and not equals and next(rest, None) is None:
                return f"{name} has no value"
        elif not arguments and (found := _command_below(command, word)):
            command = found
        else:
            arguments.append(word)
    told = help_of(*command)
    if told.usage.endswith("[command]"):
        return f"pulumi {' '.join([*command, *arguments])} is no command"
    least, most = told.arguments
    if not least <= len(arguments) <= most:
        return f"{told.usage} was given {len(arguments)} arguments"
    return None


def _command_below(command: list[str], word: str) -> list[str] | None:
    """The command that `word` means below another one; aliases are not in its help's list."""
    below = help_of(*command)
    if not below.subcommands:
        return None
    if word in below.subcommands:
        return [*command, word]
    # An alias brings the help of what it stands for; any other word, that of the command above.
    told = help_of(*command, word)
    return [*command, word] if told.usage not in ("", below.usage) else None
