"""The sandbox's folder: its own Pulumi home, its stacks, its plugins, its environment.

Nothing of the user's is read or written: no Pulumi home or login, no AWS profile, no configuration.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.sandbox.account import Account
from tools.sandbox.engine import CHECKOUT, Engine

_PROXY_NAMES = ("no_proxy", "NO_PROXY")


def prepare(folder: Path, engine: Engine) -> None:
    """Write what a sandbox's folder needs before ``pulumi`` runs. Doing it twice is harmless.

    Args:
        folder: the sandbox's folder; made when it isn't there.
        engine: the engine in use; one with a language host of its own gets no stand-in.
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
        # Beside the program that we built, where a release has its own: found on PATH instead, it
        # would cost a warning with every command.
        call = "from tools.sandbox.language_host.server import main; main(sys.argv[1:])"
        _shim(engine.pulumi.parent / "pulumi-language-python", call)


def install_plugin(folder: Path, package: str, version: str, call: str) -> None:
    """Install a stand-in provider in a sandbox's Pulumi home.

    Installed as a plugin of its version; merely on PATH it would cost a warning, too.

    Args:
        folder: the sandbox's folder.
        package: the Pulumi package.
        version: the version that a program asks for, if it asks for one.
        call: what serves the package: a call of a function of ``tools.sandbox.provider.main``.
    """
    plugin = folder / "home" / "plugins" / f"resource-{package}-v{version}"
    plugin.mkdir(parents=True, exist_ok=True)
    _shim(
        plugin / f"pulumi-resource-{package}",
        f"from tools.sandbox.provider import main; main.{call}",
    )


def environment(
    folder: Path, engine: Engine, account: Account, parent: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment for ``pulumi``: the parent's, cleaned, and the sandbox's own.

    Args:
        folder: the sandbox's folder.
        engine: the engine in use.
        account: the account that AWS calls go to.
        parent: the environment to start from.
    """
    env = {k: v for k, v in parent.items() if not k.startswith(("PULUMI_", "AWS_"))}
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
    # The interpreter's own folder too: a real language host then finds the same Python.
    front = [engine.pulumi.parent, Path(sys.executable).parent]
    env["PATH"] = os.pathsep.join([*map(str, front), parent.get("PATH", "")])
    return env


def aws_environment(account: Account) -> dict[str, str]:
    """Return the variables that lead boto3 and the AWS CLI to the account, and only there."""
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
    for name in _PROXY_NAMES:
        # A proxy of the user's knows nothing of this machine's ports.
        listed = [os.environ.get(name, ""), "127.0.0.1", "localhost"]
        env[name] = ",".join(part for part in listed if part)
    return env


def _shim(path: Path, call: str) -> None:
    """Write a script that runs our code with our interpreter.

    The checkout goes onto its own sys.path, not into PYTHONPATH: that would leak into the
    programs and packs under test.
    """
    # First read by sh, then by Python, for which line two is a string: a "#!" line of its own
    # would allow neither a blank in the interpreter's path nor more than 127 letters.
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
