"""``python -m tools.sandbox``: any ``pulumi`` command, in the sandbox.

All words go to ``pulumi`` as they are, but for three words of our own: engine, stop, aws-env. The
state lies in ``.sandbox`` of the checkout, or in $SANDBOX_DIR.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from tools.sandbox import home
from tools.sandbox.account import Account, AccountFailed
from tools.sandbox.engine import CHECKOUT, EngineMissing, find_engine
from tools.sandbox.engine.build import build_engine
from tools.sandbox.run import Sandbox

HELP = """\
usage: python -m tools.sandbox WORDS...    run `pulumi WORDS...` with a pretend AWS account
       python -m tools.sandbox engine      find the Pulumi engine, or build it (once, about 3 minutes)
       python -m tools.sandbox aws-env     print the variables that lead the AWS CLI to the account:
                                     eval "$(python -m tools.sandbox aws-env)"
       python -m tools.sandbox stop        stop the account, remove its stacks

examples:
       python -m tools.sandbox preview --cwd examples/insecure --policy-pack "$PWD"
       python -m tools.sandbox up --yes --cwd examples/insecure

Stacks and account live in .sandbox (or $SANDBOX_DIR), and only there. Where a project has no stack
selected and the words name none, the sandbox makes a stack `dev`.
"""

# Commands that ask for a stack when there is none.
_NEED_STACK = frozenset({
    "config", "destroy", "down", "dn", "import", "pre", "preview", "ref", "refresh", "up", "update",
    "watch",
})  # fmt: skip
# Options of `pulumi` whose value is a word of its own and can stand before the command.
_VALUED = frozenset({"-C", "--cwd", "--color", "--profiling", "--tracing", "--memprofilerate", "-v",
                     "--verbose", "-s", "--stack", "--config-file"})  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    own: dict[str, Callable[[], int]] = {"engine": _engine, "stop": _stop, "aws-env": _aws_env}
    if not argv:
        print(HELP, end="")
        return 0
    try:
        if len(argv) == 1 and argv[0] in own:
            return own[argv[0]]()
        _pulumi(argv)
    except (EngineMissing, AccountFailed) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def folder() -> Path:
    """Return the sandbox's folder: $SANDBOX_DIR, else ``.sandbox`` of the checkout."""
    return Path(os.environ.get("SANDBOX_DIR") or CHECKOUT / ".sandbox").absolute()


def _engine() -> int:
    try:
        engine = find_engine()
    except EngineMissing:
        engine = build_engine()
    if not engine.own_language_host:
        engine = build_engine()  # a no-op, unless the pinned version has moved on
    print(f"Pulumi engine {engine.version}: {engine.pulumi}")
    return 0


def _stop() -> int:
    place = folder()
    if account := Account.find(place / "account"):
        account.stop()
    if (place / "home").is_dir() or (place / "account").is_dir():
        # Only what looks like ours: SANDBOX_DIR may name any folder.
        for name in ("account", "home", "stacks"):
            shutil.rmtree(place / name, ignore_errors=True)
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
    return 0


def _aws_env() -> int:
    account = _open().account
    for name, value in home.aws_environment(account).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _open() -> Sandbox:
    """Open the sandbox of the folder. Its account goes on when this process ends."""
    place = folder()
    sandbox = Sandbox(place)
    old_stacks = place / "stacks" / ".pulumi" / "stacks"
    if sandbox.account.fresh and old_stacks.is_dir() and any(old_stacks.rglob("*.json")):
        # Stacks and account live together: state without its resources would only mislead.
        print(
            "sandbox: the pretend account had stopped, so account and stacks start afresh.",
            file=sys.stderr,
        )
        for name in ("home", "stacks"):
            shutil.rmtree(place / name, ignore_errors=True)
        home.prepare(place, sandbox.engine)
    return sandbox


def _pulumi(argv: Sequence[str]) -> NoReturn:
    sandbox = _open()
    env = sandbox.environment()
    if chosen := os.environ.get("PULUMI_STACK"):
        env["PULUMI_STACK"] = chosen
    _ensure_stack(argv, sandbox, env)
    sys.stdout.flush()
    # pulumi takes this process over, so that signals, terminal and exit code are its own.
    os.execve(sandbox.engine.pulumi, ["pulumi", *argv], env)  # noqa: S606 no shell is wanted


def _ensure_stack(argv: Sequence[str], sandbox: Sandbox, env: dict[str, str]) -> None:
    """Make and select the stack `dev` where the command needs one and nobody chose."""
    command, project, named = read_words(argv)
    if command not in _NEED_STACK or named or "PULUMI_STACK" in env:
        return
    start = Path(project or ".").absolute()
    if not any((d / f"Pulumi.{e}").exists() for d in (start, *start.parents)
               for e in ("yaml", "yml", "json")):  # fmt: skip
        return
    where = start if start.is_dir() else Path.cwd()
    chosen = {name: value for name, value in env.items() if name != "PULUMI_STACK"}
    if sandbox.pulumi("stack", "--show-name", cwd=where, env=chosen).exit_code == 0:
        return
    # When this fails, pulumi says what is wrong with the project when it runs.
    sandbox.pulumi("stack", "select", "--create", "dev", cwd=where, env=chosen)


def read_words(argv: Sequence[str]) -> tuple[str | None, str | None, bool]:
    """Find in a command line the command, the folder (``--cwd``), and whether it names a stack.

    Unknown words are passed over: ``pulumi`` judges them.
    """
    command = project = None
    named = False
    words = iter(argv)
    for word in words:
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            command = command or word
            continue
        if name in _VALUED and not equals:
            value = next(words, "")
        elif word[:2] in ("-C", "-s") and not word.startswith("--") and not equals and word[2:]:
            name, value = word[:2], word[2:]
        if name in ("-C", "--cwd"):
            project = value
        if name in ("-s", "--stack", "-h", "--help"):
            named = True
    return command, project, named


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
