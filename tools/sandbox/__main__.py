"""Run any `pulumi` command in the sandbox: the code behind `tools/pulumi`.

All arguments go to `pulumi`, except for three commands of the sandbox (engine, stop, aws-env) and
`--as USER`, which runs the command as a user of the organization that `make organization` creates.
The state is in the checkout's folder `.sandbox`, or in $SANDBOX_DIR.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from tools.engine import EngineMissing
from tools.engine.__main__ import main as find_or_build
from tools.sandbox import home, organization
from tools.sandbox.account import Account
from tools.sandbox.run import Sandbox
from tools.sandbox.service import ServiceFailed

HELP = """\
Run pulumi in a sandbox: the real engine with a pretend AWS account on this machine.

Usage:
  tools/pulumi [--as USER] COMMAND...   run `pulumi COMMAND...`
  tools/pulumi [--as USER] aws-env      print variables that connect the AWS CLI to the pretend
                                        account: eval "$(tools/pulumi aws-env)"
  tools/pulumi stop                     stop the account and delete the sandbox's stacks and its
                                        organization
  tools/pulumi engine                   find the Pulumi CLI, or build it (once, about 7 minutes)

Examples:
  tools/pulumi preview --cwd examples/insecure --policy-pack .
  tools/pulumi up --yes --cwd examples/secure --policy-pack .

`make organization` creates an organization in a pretend Pulumi Cloud, with its own AWS account.
With --as, the command runs as one of its users, `admin` or `developer`:
  tools/pulumi --as admin policy ls acme

The stacks and the account are in the checkout's folder .sandbox, or in $SANDBOX_DIR. If no stack is
selected, the sandbox creates and selects the stack `dev`. Relative paths of --cwd, --policy-pack,
and --policy-pack-config start at your current folder.

In the sandbox, `pulumi import` prints no code for the resources that it imports.

The sandbox ignores the AWS_* and PULUMI_* variables of your shell, except PULUMI_STACK. Pass
--policy-pack instead of setting PULUMI_OPTION_POLICY_PACK.
"""

# Commands that ask for a stack when there is none.
_NEED_STACK = frozenset({
    "config", "destroy", "down", "dn", "import", "pre", "preview", "ref", "refresh", "up", "update",
    "watch",
})  # fmt: skip
# Options of `pulumi` whose value is the next argument and that can precede the command.
_VALUED = frozenset({"-C", "--cwd", "--color", "--profiling", "--tracing", "--memprofilerate", "-v",
                     "--verbose", "-s", "--stack", "--config-file"})  # fmt: skip
_PACK_PATHS = ("--policy-pack", "--policy-pack-config")


def main(argv: Sequence[str]) -> int:
    """Run the command and return its exit code."""
    commands: dict[str, Callable[[], int]] = {"engine": _engine, "stop": _stop}
    if not argv:
        print(HELP, end="")
        return 0
    try:
        if len(argv) == 1 and argv[0] in commands:
            return commands[argv[0]]()
        sandbox: Sandbox
        if argv[0] == "--as":
            sandbox, argv = organization.user("".join(argv[1:2])), argv[2:]
        else:
            sandbox = _open()
        if list(argv) == ["aws-env"]:
            return _aws_env(sandbox)
        _pulumi(argv, sandbox)
    except (EngineMissing, ServiceFailed, organization.UserMissing) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def _engine() -> int:
    error = find_or_build()
    if error is not None:
        print(error, file=sys.stderr)
    return 0 if error is None else 1


def _stop() -> int:
    folder = home.sandbox_folder()
    organization.delete()
    if account := Account.find(folder / "account"):
        account.stop()
    # SANDBOX_DIR can name any folder, so nothing is deleted unless it looks like a sandbox.
    if (folder / "home").is_dir() or (folder / "account").is_dir():
        for name in ("account", "home", "stacks"):
            shutil.rmtree(folder / name, ignore_errors=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return 0


def _aws_env(sandbox: Sandbox) -> int:
    for name, value in home.aws_environment(sandbox.account).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def _open() -> Sandbox:
    """Open the sandbox in its folder. Its account keeps running after this process ends."""
    folder = home.sandbox_folder()
    sandbox = Sandbox(folder)
    states = folder / "stacks" / ".pulumi" / "stacks"
    if sandbox.account.fresh and states.is_dir() and any(states.rglob("*.json")):
        # A state whose resources are gone would only mislead.
        print(
            "sandbox: the pretend account was no longer running, so its stacks were deleted.",
            file=sys.stderr,
        )
        for name in ("home", "stacks"):
            shutil.rmtree(folder / name, ignore_errors=True)
        home.prepare(folder, sandbox.engine)
    return sandbox


def _pulumi(argv: Sequence[str], sandbox: Sandbox) -> NoReturn:
    env = sandbox.environment()
    if selected := os.environ.get("PULUMI_STACK"):
        env["PULUMI_STACK"] = selected
    _ensure_stack(argv, sandbox, env)
    sys.stdout.flush()
    # pulumi replaces this process, so it has the terminal and the signals, and sets the exit code.
    arguments = ["pulumi", *without_code(from_here(argv))]
    os.execve(sandbox.engine.pulumi, arguments, env)  # noqa: S606 no shell


def _ensure_stack(argv: Sequence[str], sandbox: Sandbox, env: dict[str, str]) -> None:
    """Create and select the stack `dev` if the command needs a stack and none is selected."""
    command, project, names_stack = read_arguments(argv)
    if command not in _NEED_STACK or names_stack or "PULUMI_STACK" in env:
        return
    start = Path(project or ".").absolute()
    if not any((folder / f"Pulumi.{extension}").exists() for folder in (start, *start.parents)
               for extension in ("yaml", "yml", "json")):  # fmt: skip
        return
    cwd = start if start.is_dir() else Path.cwd()
    if sandbox.pulumi("stack", "--show-name", cwd=cwd).exit_code:
        # If this fails, so does the user's command, which reports what is wrong with the project.
        sandbox.pulumi("stack", "select", "--create", "dev", cwd=cwd)


def read_arguments(argv: Sequence[str]) -> tuple[str | None, str | None, bool]:
    """Read from a command line what decides whether a stack has to be created.

    Returns:
        The command, the folder of `--cwd`, and whether the arguments name a stack or ask for help.
        Unknown arguments are ignored, since `pulumi` reports them.
    """
    command = project = None
    names_stack = False
    arguments = iter(argv)
    for argument in arguments:
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if not argument.startswith("-"):
            command = command or argument
            continue
        if name in _VALUED and not equals:
            value = next(arguments, "")
        elif argument[:2] in ("-C", "-s") and not equals and argument[2:]:
            name, value = argument[:2], argument[2:]
        if name in ("-C", "--cwd"):
            project = value
        if name in ("-s", "--stack", "-h", "--help"):
            names_stack = True
    return command, project, names_stack


def from_here(argv: Sequence[str]) -> list[str]:
    """Return the arguments with absolute paths of policy packs and their settings.

    `pulumi` itself changes to the folder of `--cwd` before it reads these paths.
    """
    arguments = list(argv)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    for index, argument in enumerate(arguments[:end]):
        name, equals, value = argument.partition("=")
        if name in _PACK_PATHS and equals:
            arguments[index] = f"{name}={_absolute(value)}"
        elif index and arguments[index - 1] in _PACK_PATHS:
            arguments[index] = _absolute(argument)
    return arguments


def without_code(argv: Sequence[str]) -> list[str]:
    """Return the arguments, with an option that lets `pulumi import` print no code.

    The CLI needs a provider's schema to print the code of an imported resource. The stand-in
    providers have none, so the command would fail after it has imported the resource.
    """
    arguments = list(argv)
    if read_arguments(argv)[0] == "import":
        print("sandbox: `pulumi import` prints no code here.", file=sys.stderr)
        arguments.insert(arguments.index("import") + 1, "--generate-code=false")
    return arguments


def _absolute(paths: str) -> str:
    """Make a list of paths, separated by commas, absolute."""
    return ",".join(str(Path(path).absolute()) if path else "" for path in paths.split(","))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
