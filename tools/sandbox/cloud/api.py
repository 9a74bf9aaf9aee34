"""What all parts of the API have in common: bodies, refusals, who asks, and the store."""

from __future__ import annotations

import gzip
import json
from http import HTTPStatus
from typing import Any, NoReturn

from flask import current_app, request

from tools.sandbox.cloud.store import USERS, Json, Store


class Refused(Exception):  # noqa: N818 reads as what happened
    """A refusal, as the service words it: the CLI shows ``[400] Bad Request: ...``.

    Args:
        status: the HTTP status.
        reason: what comes after the status's own words.

    Source: sdk/go/common/apitype/errors.go, ErrorResponse.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status

    @property
    def document(self) -> Json:
        """The body of the answer."""
        return {"code": self.status.value, "message": f"{self.status.phrase}: {self}"}


def bad_request(reason: str) -> NoReturn:
    """Refuse a request that can't be meant so."""
    raise Refused(HTTPStatus.BAD_REQUEST, reason)


def not_found(reason: str) -> NoReturn:
    """Refuse a request for what isn't there, or may not be seen."""
    raise Refused(HTTPStatus.NOT_FOUND, reason)


def store() -> Store:
    """Return the data of the Cloud that is asked."""
    found: Store = current_app.config["STORE"]
    return found


def body() -> Any:
    """Return the JSON that was sent, which the CLI compresses where it may be large."""
    data = request.get_data()
    if request.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    return json.loads(data) if data else {}


def user() -> str:
    """Return the name of the user whose access token came with the request.

    Raises:
        Refused: no token came, or one that nobody has.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    for name, known in store().read(USERS).items():
        if kind == "token" and token == known["token"]:
            return str(name)
    raise Refused(HTTPStatus.UNAUTHORIZED, "No credentials provided or are invalid.")


def organizations(name: str) -> dict[str, str]:
    """Return the organizations of a user, each with the role; everybody's own account is one."""
    known: dict[str, str] = store().read(USERS)[name]["organizations"]
    return {name: "admin", **known}


def require_member(organization: str) -> str:
    """Return the role of who asks, and refuse who is no member: they are not to see it exists."""
    role = organizations(user()).get(organization)
    if role is None:
        not_found(f"Organization '{organization}' not found")
    return role


def require_admin(organization: str) -> None:
    """Refuse who may not change an organization's policies: packs and groups are its admins'."""
    if require_member(organization) != "admin":
        raise Refused(
            HTTPStatus.FORBIDDEN, f"only an admin of {organization} may change its policies"
        )
