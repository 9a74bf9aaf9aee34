"""Prepare a sandbox's folder: its Pulumi home, stacks, and plugins, and its environment.

The user's own Pulumi home, login, AWS profile, and configuration are neither read nor written.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tools import CHECKOUT
from tools.engine import Engine
from tools.sandbox.account import Account


def sandbox_folder() -> Path:
    """Return the sandbox's folder: $SANDBOX_DIR, or `.sandbox` in the checkout."""
    return Path(os.environ.get("SANDBOX_DIR") or CHECKOUT / ".sandbox").absolute()


def prepare(folder: Path, engine: Engine) -> None:
    """Write what `pulumi` needs into a sandbox's folder. Repeated calls are harmless.

    Args:
        folder: the sandbox's folder, which is created if it doesn't exist.
        engine: the engine in use. One without its own language host gets the stand-in.
    """
    for name in ("home", "stacks"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    install_plugin(folder, "aws", importlib.metadata.version("pulumi_aws"), "aws()")
    try:
        version = importlib.metadata.version("pulumi_aws_native")
    except importlib.metadata.PackageNotFoundError:
        pass  # then no program can use it
    else:
        install_plugin(folder, "aws-native", version, "aws_native()")
    if not engine.own_language_host:
        # A release has its host next to `pulumi`. If the host were only on PATH, every command
        # would print a warning.
        call = "from tools.sandbox.language_host.server import main; main(sys.argv[1:])"
        _write_script(engine.pulumi.parent / "pulumi-language-python", call)


def install_plugin(folder: Path, package: str, version: str, call: str) -> None:
    """Install a stand-in provider in a sandbox's Pulumi home.

    It is installed under its version: if it were only on PATH, commands would print a warning.

    Args:
        folder: the sandbox's folder.
        package: the Pulumi package.
        version: the version that programs request.
        call: a call of a function in `tools.sandbox.provider.main` that serves the package.
    """
    plugin = folder / "home" / "plugins" / f"resource-{package}-v{version}"
    plugin.mkdir(parents=True, exist_ok=True)
    _write_script(
        plugin / f"pulumi-resource-{package}",
        f"from tools.sandbox.provider import main; main.{call}",
    )


def environment(
    folder: Path, engine: Engine, account: Account, parent: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment for `pulumi`: the parent's, with the sandbox's settings instead.

    Args:
        folder: the sandbox's folder.
        engine: the engine in use.
        account: the account that receives AWS calls.
        parent: the environment to start from.
    """
    env = {
        name: value for name, value in parent.items() if not name.startswith(("PULUMI_", "AWS_"))
    }
    env.update(aws_environment(account))
    env.update(
        {
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "stacks").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "sandbox",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
    )
    # With the interpreter's folder on PATH, a real language host uses the same Python.
    first = [engine.pulumi.parent, Path(sys.executable).parent]
    env["PATH"] = os.pathsep.join([*map(str, first), parent.get("PATH", "")])
    return env


def aws_environment(account: Account) -> dict[str, str]:
    """Return the variables that connect boto3 and the AWS CLI to the account and nothing else."""
    env = {
        "AWS_ENDPOINT_URL": account.endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }
    for name in ("no_proxy", "NO_PROXY"):
        # The user's proxy can't reach the ports of this machine.
        hosts = [os.environ.get(name, ""), "127.0.0.1", "localhost"]
        env[name] = ",".join(host for host in hosts if host)
    return env


def _write_script(path: Path, call: str) -> None:
    """Write a script that runs this checkout's code with the interpreter that runs now.

    The checkout goes onto the script's sys.path: PYTHONPATH would also reach the programs and
    packs under test.
    """
    # sh reads the file first, then Python, for which line two is a string. A "#!" line with the
    # interpreter's path would allow neither a space in it nor more than 127 characters.
    text = (
        f"#!/bin/sh\n'''exec' \"{sys.executable}\" \"$0\" \"$@\"\n' '''\n"
        f"import sys\nsys.path.insert(0, {str(CHECKOUT)!r})\n{call}\n"
    )
    if path.exists() and path.read_text() == text:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.chmod(0o755)
    draft.replace(path)
