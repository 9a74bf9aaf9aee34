"""Start the process of the pretend Pulumi Cloud, and read the requests that it received."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tools.sandbox.cloud.store import PERMISSIONS, REQUESTS, USERS, Store
from tools.sandbox.service import Service


@dataclass(frozen=True)
class Request:
    """A request that the Cloud received.

    Attributes:
        method: the method, such as "GET".
        path: the path, without the host and the query.
        status: the HTTP status of the response.
        known: whether the pretend Cloud supports that path and method.
    """

    method: str
    path: str
    status: int
    known: bool


@dataclass(frozen=True)
class Cloud(Service):
    """A running pretend Pulumi Cloud. Its data is in its folder, and stays when it stops."""

    title = "pretend Pulumi Cloud"
    module = "tools.sandbox.cloud.server"

    @property
    def _store(self) -> Store:
        return Store(self.folder)

    def invite(
        self, name: str, organization: str, role: Literal["admin", "member"] = "member"
    ) -> str:
        """Make `name` a member of an organization, which is created if it doesn't exist.

        It replaces three pages of the console: "Create organization", "Members", and "Access
        tokens", where users create their tokens. A second invitation changes the role.

        Returns:
            The user's access token, for PULUMI_ACCESS_TOKEN.
        """
        users = self._store.read(USERS)
        user = users.setdefault(name, {"token": f"pul-{name}", "organizations": {}})
        user["organizations"][organization] = role
        self._store.write(USERS, users)
        token: str = user["token"]
        return token

    def restrict(self, stack: str, name: str, permission: Literal["none", "list", "read"]) -> None:
        """Restrict what a user may do with a stack. Without a restriction, they may do anything.

        It replaces the console's page "Stack permissions".

        Args:
            stack: the stack's full name, such as "acme/orders/production".
            name: the user.
            permission: "none" hides the stack, "list" refuses its state, and "read" refuses to
                decrypt its secrets.
        """
        permissions = self._store.read(PERMISSIONS)
        permissions.setdefault(stack, {})[name] = permission
        self._store.write(PERMISSIONS, permissions)

    def users(self) -> list[str]:
        """Return the names of all invited users."""
        return list(self._store.read(USERS))

    def token(self, name: str) -> str:
        """Return the access token of an invited user."""
        token: str = self._store.read(USERS)[name]["token"]
        return token

    def environment(self, name: str) -> dict[str, str]:
        """Return the variables that log `pulumi` in to this Cloud as the user `name`."""
        return {"PULUMI_BACKEND_URL": self.endpoint, "PULUMI_ACCESS_TOKEN": self.token(name)}

    def requests(self) -> list[Request]:
        """Return all requests so far, oldest first."""
        log = self.folder / REQUESTS
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [Request(**json.loads(line)) for line in lines]

    def unknown(self) -> list[Request]:
        """Return the requests that the pretend Cloud doesn't support. Tests expect none."""
        return [request for request in self.requests() if not request.known]

    def events(self, stack: str) -> list[dict[str, Any]]:
        """Return the engine's events of the last preview or update of a stack.

        The console shows these events: resources, diagnostics, and each violation of a required
        pack as a `policyEvent`.

        Args:
            stack: the stack's full name, such as "acme/orders/production".
        """
        last = self._store.read("stacks", stack).get("lastUpdate")
        if last is None:
            return []
        events = self._store.read("updates", last)["events"]
        return sorted(events, key=lambda event: int(event["sequence"]))

    def published(self, organization: str, pack: str, version: str) -> dict[str, Any]:
        """Return what the CLI sent about a version of a policy pack, which the console shows."""
        (found,) = (
            each
            for each in self._store.read("packs", organization)[pack]
            if each["versionTag"] == version
        )
        return {**found["received"], "policies": found["policies"]}

    def tarball(self, organization: str, pack: str, version: str) -> Path:
        """Return the file that was uploaded as a version of a policy pack."""
        versions = self._store.read("packs", organization)[pack]
        key = next(each["storage"] for each in versions if each["versionTag"] == version)
        return self._store.blob(key)
