"""The pretend AWS account: moto's server, made to tell the truth about encryption.

``Account.start(folder)`` gives the account that lives in a folder, starting its process when there
is none. What the account gets right beyond moto: see ``tools.sandbox.account.corrections``.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.sandbox.account.server import HELLO

ACCOUNT_ID = "123456789012"
_CHECKOUT = Path(__file__).resolve().parents[3]
# Straight to this machine, whatever proxy the user's environment names.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AccountFailed(RuntimeError):  # noqa: N818 reads as what happened
    """The process of the pretend account didn't start; the message holds what it printed."""


@dataclass(frozen=True)
class Account:
    """A running pretend account.

    Attributes:
        folder: where the account's note and log lie; remove it and the process ends.
        port: where it listens, on this machine only.
        pid: its process.
        fresh: true when this call started it, so that nothing is in it yet.
    """

    folder: Path
    port: int
    pid: int
    fresh: bool = False

    @property
    def endpoint(self) -> str:
        """The URL to give to AWS_ENDPOINT_URL or to boto3's endpoint_url."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def find(cls, folder: Path) -> Account | None:
        """Return the account that runs for this folder, or None."""
        try:
            note = json.loads((folder / "account.json").read_text())
            account = cls(folder, int(note["port"]), int(note["pid"]))
            hello = json.loads(account._call(HELLO, timeout=5))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # Another program may have got the port since; only our own process knows the pid.
        return account if hello.get("pid") == account.pid else None

    @classmethod
    def start(cls, folder: Path) -> Account:
        """Return the account of this folder, starting its process if none runs (about 1 s).

        Raises:
            AccountFailed: the process ended or stayed silent for 30 s.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        # Two commands at once must not start two accounts.
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return cls.find(folder) or cls._spawn(folder)

    def reset(self) -> None:
        """Empty the account: every table, key, bucket and queue goes."""
        self._call("/moto-api/reset", method="POST")

    def stop(self) -> None:
        """End the process. Does nothing when it has ended already."""
        if self.find(self.folder) is not None:
            os.kill(self.pid, signal.SIGTERM)
        (self.folder / "account.json").unlink(missing_ok=True)

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client that talks to this account.

        A refusal comes at once: boto3's repetitions are for a network that isn't there.
        """
        # Imported late: not every use of the sandbox needs it, and it takes its time.
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        session = boto3.session.Session(
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 a dummy: moto checks none
            region_name=region,
        )
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        make: Any = session.client
        return make(service, endpoint_url=self.endpoint, config=config)

    def _call(self, path: str, method: str = "GET", timeout: float = 30) -> bytes:
        url = self.endpoint + path
        request = urllib.request.Request(url, method=method)  # noqa: S310 always our own http
        with _OPENER.open(request, timeout=timeout) as answer:
            body: bytes = answer.read()
        return body

    @classmethod
    def _spawn(cls, folder: Path) -> Account:
        (folder / "account.json").unlink(missing_ok=True)
        code = (
            f"import sys; sys.path.insert(0, {str(_CHECKOUT)!r}); "
            "from tools.sandbox.account.server import main; main(sys.argv[1:])"
        )
        log = folder / "account.log"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MOTO_"))}
        with log.open("w") as out:
            # A session of its own: Ctrl-C on a preview must not take the account with it.
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
            if found := cls.find(folder):
                return cls(found.folder, found.port, found.pid, fresh=True)
            time.sleep(0.05)
        process.kill()
        raise AccountFailed(
            f"the pretend AWS account didn't start; it printed:\n{log.read_text()[-2000:]}"
        )
