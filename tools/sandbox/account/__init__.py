"""The pretend AWS account: moto's server with AWS's behaviour for encryption at rest.

`Account.start(folder)` returns the account of a folder, and starts its process if it isn't
running. For the differences from moto, see `tools.sandbox.account.corrections`. Left out: all
that moto leaves out, such as IAM permissions.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tools import CHECKOUT
from tools.sandbox.account.server import FINISH, HELLO, HOLD
from tools.stoppable import Stoppable

# Without the proxy of the user's environment, as the account is on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AccountFailed(RuntimeError):  # noqa: N818 reads better in an except clause
    """The process of the pretend account didn't start; the message has its output."""


@dataclass(frozen=True)
class Account(Stoppable):
    """A running pretend account.

    Attributes:
        folder: the folder of `account.json` and the log. Remove it to end the process.
        port: the port on this machine.
        pid: the id of the process.
        fresh: whether this call started the process, so the account is empty.
    """

    folder: Path
    port: int
    pid: int
    fresh: bool = False

    @property
    def endpoint(self) -> str:
        """The URL for AWS_ENDPOINT_URL or boto3's endpoint_url."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def find(cls, folder: Path) -> Account | None:
        """Return the running account of this folder, or None."""
        try:
            process = json.loads((folder / "account.json").read_text())
            account = cls(folder, int(process["port"]), int(process["pid"]))
            hello = json.loads(account._call(HELLO, timeout=5))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # Another program may use the port now, so the process has to confirm its pid.
        return account if hello.get("pid") == account.pid else None

    @classmethod
    def start(cls, folder: Path) -> Account:
        """Return the account of this folder. Starting its process takes about a second.

        Raises:
            AccountFailed: the process ended, or didn't answer within 30 seconds.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        # Two commands at the same time must not start two accounts.
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return cls.find(folder) or cls._spawn(folder)

    def reset(self) -> None:
        """Delete all resources of the account, and finish changes of keys that are held."""
        self.finish_key_changes()
        self._call("/moto-api/reset", method="POST")

    def hold_key_changes(self) -> None:
        """Let each change of a table's key run until `finish_key_changes`, as AWS needs time.

        The status of such a table's SSEDescription is UPDATING. Without this, a change takes no
        time.
        """
        self._call(HOLD)

    def finish_key_changes(self) -> None:
        """Finish the changes that are held, and let later ones take no time."""
        self._call(FINISH)

    def stop(self) -> None:
        """End the process if it is running."""
        if self.find(self.folder) is not None:
            os.kill(self.pid, signal.SIGTERM)
        (self.folder / "account.json").unlink(missing_ok=True)

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

    def _call(self, path: str, method: str = "GET", timeout: float = 30) -> bytes:
        url = self.endpoint + path
        request = urllib.request.Request(url, method=method)  # noqa: S310 always http
        with _OPENER.open(request, timeout=timeout) as answer:
            body: bytes = answer.read()
        return body

    @classmethod
    def _spawn(cls, folder: Path) -> Account:
        (folder / "account.json").unlink(missing_ok=True)
        code = (
            f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); "
            "from tools.sandbox.account.server import main; main(sys.argv[1:])"
        )
        log = folder / "account.log"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_"))}
        with log.open("w") as out:
            # In a new session, as Ctrl-C on a preview must not end the account.
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=folder,
                env=env,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            if account := cls.find(folder):
                return replace(account, fresh=True)
            time.sleep(0.05)
        process.kill()
        raise AccountFailed(
            f"the pretend AWS account didn't start; it printed:\n{log.read_text()[-2000:]}"
        )
