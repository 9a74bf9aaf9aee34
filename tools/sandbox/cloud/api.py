"""What all parts of the API share: request bodies, refusals, authorization, and the store."""

from __future__ import annotations

import gzip
import json
from http import HTTPStatus
from typing import Any, NoReturn

from flask import current_app, request

from tools.sandbox.cloud.store import USERS, Json, Store


class Refused(Exception):  # noqa: N818 reads as what happened
    """A refusal in the service's words. The CLI shows `[400] Bad Request: ...`.

    Args:
        status: the HTTP status.
        reason: the text after the status phrase.

    Source: Pulumi, sdk/go/common/apitype/errors.go, ErrorResponse.
    """

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status

    @property
    def document(self) -> Json:
        """The body of the response."""
        return {"code": self.status.value, "message": f"{self.status.phrase}: {self}"}


def bad_request(reason: str) -> NoReturn:
    """Refuse an invalid request."""
    raise Refused(HTTPStatus.BAD_REQUEST, reason)


def not_found(reason: str) -> NoReturn:
    """Refuse a request for something that doesn't exist or that the user may not see."""
    raise Refused(HTTPStatus.NOT_FOUND, reason)


def store() -> Store:
    """Return the data of the Cloud that handles the current request."""
    current: Store = current_app.config["STORE"]
    return current


def body() -> Any:
    """Return the JSON of the current request. The CLI compresses bodies that can be large."""
    data = request.get_data()
    if request.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    return json.loads(data) if data else {}


def user() -> str:
    """Return the name of the user whose access token is in the request.

    Raises:
        Refused: the request has no token, or the token of no user.
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    for name, account in store().read(USERS).items():
        if kind == "token" and token == account["token"]:
            return str(name)
    raise Refused(HTTPStatus.UNAUTHORIZED, "No credentials provided or are invalid.")


def organizations(name: str) -> dict[str, str]:
    """Return a user's organizations with the user's role in each, the own account first."""
    memberships: dict[str, str] = store().read(USERS)[name]["organizations"]
    return {name: "admin", **memberships}


def require_member(organization: str) -> str:
    """Return the user's role in an organization.

    Raises:
        Refused: the user is not a member, so they may not see that the organization exists.
    """
    role = organizations(user()).get(organization)
    if role is None:
        not_found(f"Organization '{organization}' not found")
    return role


def require_admin(organization: str) -> None:
    """Refuse a user who may not change an organization's packs and policy groups."""
    if require_member(organization) != "admin":
        raise Refused(
            HTTPStatus.FORBIDDEN, f"only an admin of {organization} may change its policies"
        )
