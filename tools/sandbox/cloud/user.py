"""``User``: somebody on a machine of their own, logged in to the pretend Pulumi Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tools.sandbox.account import Account
from tools.sandbox.cloud.process import Cloud
from tools.sandbox.run import Result, Sandbox


class User(Sandbox):
    """A sandbox whose stacks are in the pretend Cloud: ``pulumi`` runs in it as that user.

    Its Pulumi home is its own and starts with nothing but the stand-in providers: no policy pack is
    installed in it before the CLI does so.

    Args:
        folder: where the home lies; made when it isn't there.
        cloud: the Cloud to be logged in to.
        name: a user who was invited there.
        account: the AWS account; without one the user gets one, as in ``Sandbox``.
    """

    def __init__(
        self, folder: Path, cloud: Cloud, name: str, *, account: Account | None = None
    ) -> None:
        super().__init__(folder, account=account)
        self.cloud, self.name = cloud, name

    def environment(self) -> dict[str, str]:
        """Return the environment that ``pulumi`` runs in here: that of a sandbox, and the login."""
        env = super().environment()
        # Secrets are encrypted by the Cloud.
        del env["PULUMI_CONFIG_PASSPHRASE"]
        return {**env, **self.cloud.environment(self.name)}

    def pulumi(
        self,
        *args: str,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 the name that subprocess uses
        timeout: float = 600,
    ) -> Result:
        """Run ``pulumi`` as ``Sandbox.pulumi`` does.

        The time limit is longer: a command may have to install a required pack first.
        """
        return super().pulumi(*args, cwd=cwd, env=env, input=input, timeout=timeout)

    @property
    def installed_packs(self) -> Path:
        """The folder into which the CLI installs required packs."""
        return self.folder / "home" / "policies"
