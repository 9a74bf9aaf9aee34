"""Run `pulumi` as a user who is logged in to the pretend Pulumi Cloud."""

from __future__ import annotations

from pathlib import Path

from tools.sandbox.account import Account
from tools.sandbox.cloud.process import Cloud
from tools.sandbox.run import Sandbox


class User(Sandbox):
    """A sandbox with a login, whose stacks are in the pretend Cloud.

    Each user has a Pulumi home, which contains only the stand-in providers at first. A policy pack
    is in it when the CLI has installed one.

    Args:
        folder: the user's folder, which is created if it doesn't exist.
        cloud: the Cloud.
        name: a user who was invited there.
        account: an AWS account to share. By default, the user has their own.
    """

    # A command may have to install a required pack first.
    time_limit = 600.0

    def __init__(
        self, folder: Path, cloud: Cloud, name: str, *, account: Account | None = None
    ) -> None:
        super().__init__(folder, account=account)
        self.cloud, self.name = cloud, name

    def environment(self) -> dict[str, str]:
        """Return the environment of `pulumi`: a sandbox's, with the user's login.

        The Cloud encrypts secrets. The sandbox's passphrase is for stack settings files that were
        created without the Cloud, such as Pulumi.dev.yaml.
        """
        return {**super().environment(), **self.cloud.environment(self.name)}

    @property
    def installed_packs(self) -> Path:
        """The folder into which the CLI installs required packs."""
        return self.folder / "home" / "policies"
