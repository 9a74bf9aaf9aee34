"""A sandbox for policies: the real ``pulumi`` engine and a pretend AWS account on this machine.

From the command line::

    python -m tools.sandbox preview --cwd examples/plain --policy-pack "$PWD"

In a test (see ``tools.sandbox.pytest_plugin`` for fixtures)::

    with Sandbox(tmp_path / "sandbox") as sandbox:
        result = sandbox.pulumi("preview", "--policy-pack", str(pack), cwd=project)
        assert result.exit_code == 0, result.output

Real here are the engine, its language protocol, the SDKs and the policy pack. Stand-ins are the AWS
account (moto, corrected), the providers aws and aws-native (a few resource types each) and, where
the machine has no Pulumi CLI, the Python language host; where stacks are to be in Pulumi Cloud,
``tools.sandbox.cloud``. Each says in its docstring what it leaves out.
"""

from __future__ import annotations

from tools.sandbox.account import Account, AccountFailed
from tools.sandbox.engine import Engine, EngineMissing, find_engine
from tools.sandbox.run import Result, Sandbox

__all__ = [
    "Account",
    "AccountFailed",
    "Engine",
    "EngineMissing",
    "Result",
    "Sandbox",
    "find_engine",
]
