"""``Cloud``: starts the process of the pretend Pulumi Cloud and tells what it was asked."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from tools.sandbox.cloud.store import REQUESTS, USERS, Store

_CHECKOUT = Path(__file__).resolve().parents[3]


class CloudFailed(RuntimeError):  # noqa: N818 reads as what happened
    """The process of the pretend Cloud didn't start; the message holds what it printed."""


@dataclass(frozen=True)
class Request:
    """A request that the Cloud was sent.

    Attributes:
        method: such as "GET".
        path: without the host and the query.
        status: the HTTP status of the answer.
        known: false when the pretend Cloud has nothing at that path for that method.
    """

    method: str
    path: str
    status: int
    known: bool


class Cloud:
    """A running pretend Pulumi Cloud. Use ``Cloud.start``, best as a context manager.

    Attributes:
        folder: where its data lies.
        endpoint: its URL, for PULUMI_BACKEND_URL.
    """

    def __init__(self, folder: Path, process: subprocess.Popen[str], port: int) -> None:
        self.folder = folder
        self.endpoint = f"http://127.0.0.1:{port}"
        self._process = process
        self._store = Store(folder)

    @classmethod
    def start(cls, folder: Path) -> Cloud:
        """Start the Cloud whose data lies in ``folder``, which is made when it isn't there.

        The process ends with ``stop``, or when this process ends, however that happens.

        Raises:
            CloudFailed: the process ended before it listened.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        code = (
            f"import sys; sys.path.insert(0, {str(_CHECKOUT)!r}); "
            "from tools.sandbox.cloud.server import main; main(sys.argv[1:])"
        )
        log = folder / "server.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(folder)],
                # It holds our end of this pipe to know when we are gone.
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=folder,
                start_new_session=True,
            )
        assert process.stdout is not None  # noqa: S101 for mypy: it is a pipe
        port = process.stdout.readline().strip()
        if not port:
            process.wait()
            raise CloudFailed(
                f"the pretend Pulumi Cloud didn't start; it printed:\n{log.read_text()[-2000:]}"
            )
        return cls(folder, process, int(port))

    def __enter__(self) -> Cloud:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process. The data stays."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.terminate()
        self._process.wait()

    def invite(
        self, name: str, organization: str, role: Literal["admin", "member"] = "member"
    ) -> str:
        """Make ``name`` a member of an organization, which is made when it isn't there.

        It stands for two pages of the console, "Create organization" and "Members", and for "Access
        tokens", where each user makes a token. Inviting somebody again changes the role.

        Returns:
            The user's access token, for PULUMI_ACCESS_TOKEN.
        """
        users = self._store.read(USERS)
        user = users.setdefault(name, {"token": f"pul-{name}", "organizations": {}})
        user["organizations"][organization] = role
        self._store.write(USERS, users)
        token: str = user["token"]
        return token

    def token(self, name: str) -> str:
        """Return the access token of a user who was invited before."""
        token: str = self._store.read(USERS)[name]["token"]
        return token

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables that log ``pulumi`` in to this Cloud as the user ``name``."""
        return {"PULUMI_BACKEND_URL": self.endpoint, "PULUMI_ACCESS_TOKEN": self.token(name)}

    def requests(self) -> list[Request]:
        """Return all requests so far, the oldest first."""
        log = self.folder / REQUESTS
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [Request(**json.loads(line)) for line in lines]

    def unknown(self) -> list[Request]:
        """Return the requests that the pretend Cloud doesn't know: what a test must not meet."""
        return [request for request in self.requests() if not request.known]

    def events(self, stack: str) -> list[dict[str, Any]]:
        """Return the engine's events of the last preview or update of a stack.

        The console shows them: the resources, the diagnostics, and as ``policyEvent`` each
        violation of a required pack.

        Args:
            stack: its full name, as in "acme/orders/production".
        """
        last = self._store.read("stacks", stack).get("lastUpdate")
        if last is None:
            return []
        batches = self._store.read("updates", last)["events"]
        return sorted(batches, key=lambda event: int(event["sequence"]))

    def tarball(self, organization: str, pack: str, version: str) -> Path:
        """Return the file that was uploaded as a version of a policy pack."""
        found = self._store.read("packs", organization)[pack]
        key = next(it["storage"] for it in found if it["versionTag"] == version)
        return self._store.blob(key)
