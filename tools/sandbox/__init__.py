"""A sandbox for policies: the real `pulumi` engine and a pretend AWS account on this machine.

From the command line:

    tools/pulumi preview --cwd examples/insecure --policy-pack .

In a test (for fixtures, see `tools.sandbox.pytest_plugin`):

    with Sandbox(tmp_path / "sandbox") as sandbox:
        result = sandbox.pulumi("preview", "--policy-pack", str(pack), cwd=project)
        assert result.exit_code == 0, result.output

The engine, its language protocol, the SDKs, and the policy pack are real. Stand-ins are the AWS
account (moto, corrected), the providers aws and aws-native (a few resource types each), and Pulumi
Cloud (`tools.sandbox.cloud`). Without the Pulumi CLI, the Python language host is a stand-in, too.
Each stand-in's docstring says what it leaves out.
"""

from __future__ import annotations

from tools.engine import Engine, EngineMissing, find_engine
from tools.sandbox.account import Account
from tools.sandbox.run import Result, Sandbox
from tools.sandbox.service import ServiceFailed

__all__ = [
    "Account",
    "Engine",
    "EngineMissing",
    "Result",
    "Sandbox",
    "ServiceFailed",
    "find_engine",
]
