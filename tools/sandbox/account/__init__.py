"""The pretend AWS account: moto's server with AWS's behaviour for encryption at rest.

`Account.start(folder)` returns the account of a folder, and starts its process if it isn't
running. For the differences from moto, see `tools.sandbox.account.corrections`. Left out: all
that moto leaves out, such as IAM permissions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tools.sandbox.account.server import FINISH, HOLD
from tools.sandbox.service import Service


@dataclass(frozen=True)
class Account(Service):
    """A running pretend account. It is empty when its process starts (`fresh`)."""

    title = "pretend AWS account"
    module = "tools.sandbox.account.server"

    def reset(self) -> None:
        """Delete all resources of the account, and finish changes of keys that are held."""
        self.finish_key_changes()
        self.call("/moto-api/reset", method="POST")

    def hold_key_changes(self) -> None:
        """Let each change of a table's key run until `finish_key_changes`, as AWS needs time.

        The status of such a table's SSEDescription is UPDATING. Without this, a change takes no
        time.
        """
        self.call(HOLD)

    def finish_key_changes(self) -> None:
        """Finish the changes that are held, and let later ones take no time."""
        self.call(FINISH)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client of this account, without retries."""
        # boto3 is slow to import, and not every use of the sandbox needs it.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        session = boto3.session.Session(
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 moto accepts any value
            region_name=region,
        )
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        make: Any = session.client
        return make(service, endpoint_url=self.endpoint, config=config)
