"""Policy exceptions: violations that don't fail a preview or update.

An exception belongs to one policy pack. The CLI gets the active ones with the packs that a stack
requires. An exception that is removed or has expired stays listed.

Left out: approval by change requests, `pulumi policy exception new` from a run's violations (it
reads a run's events; `--file` reads none), and pages of results.

Source: Pulumi, pkg/backend/httpstate/client/client.go, ListPolicyExceptions to
RemovePolicyException, and sdk/go/common/apitype/policy.go, RequiredPolicy; Pulumi's Cloud SDK,
apitype/policy_exception_.go and create_policy_exception_request_.go (the shapes and limits).
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from http import HTTPStatus

from flask import Blueprint, request

from tools.sandbox.cloud.api import (
    bad_request,
    body,
    not_found,
    require_admin,
    require_member,
    store,
    user,
)
from tools.sandbox.cloud.store import Json

routes = Blueprint("exceptions", __name__, url_prefix="/api/orgs/<organization>/policy/exceptions")

_HOUR = 3600
_LONGEST = 3650 * 24 * _HOUR
_MOST_ENTRIES = 100
_LONGEST_REASON = 2048


def active_exceptions(organization: str, pack: str) -> dict[str, Json]:
    """Return a pack's exceptions that are in force, by their ID, as the CLI gets them."""
    return {
        exception["id"]: {key: exception[key] for key in ("reason", "match")}
        for exception in _load(organization)
        if exception["policyPack"] == pack and exception["status"] == "active"
    }


def _load(organization: str) -> list[Json]:
    """Return an organization's exceptions, oldest first."""
    exceptions = list(store().read("exceptions", organization).values())
    for exception in exceptions:
        end = exception.get("expiresAt")
        if exception["status"] == "active" and end and datetime.fromisoformat(end) <= _now():
            exception.update(status="removed", removedAt=end)
    return exceptions


def _now() -> datetime:
    return datetime.now(tz=timezone.utc).replace(microsecond=0)


def _find(organization: str, exception_id: str) -> Json:
    found = [each for each in _load(organization) if each["id"] == exception_id]
    if not found:
        not_found(f"Policy Exception: {exception_id} not found")
    return found[0]


def _user() -> Json:
    name = user()
    return {"name": name, "githubLogin": name, "avatarUrl": ""}


@routes.get("")
def list_exceptions(organization: str) -> Json:
    """List exceptions, newest first: the active ones, or those of the statuses in the query."""
    require_member(organization)
    query = request.args
    return {
        "exceptions": [
            exception
            for exception in reversed(_load(organization))
            if exception["status"] in (query.getlist("status") or ["active"])
            and query.get("policyPack") in (None, exception["policyPack"])
            and any(_selected(entry) for entry in exception["match"])
        ]
    }


def _selected(entry: Json) -> bool:
    """Return whether an entry has the policy and the stack of the query."""
    policy, stack = request.args.get("policy"), request.args.get("stack")
    project, _, name = (stack or "").partition("/")
    return policy in (None, *entry["policies"]) and (
        stack is None
        or any(target.startswith(f"urn:pulumi:{name}::{project}::") for target in entry["targets"])
    )


@routes.post("")
def create_exception(organization: str) -> tuple[Json, int]:
    """Create an exception, or return the same one if it is active already."""
    require_admin(organization)
    new = body()
    if not 1 <= len(new["match"]) <= _MOST_ENTRIES:
        bad_request(f"match must have between 1 and {_MOST_ENTRIES} entries")
    if not new["reason"].strip() or len(new["reason"]) > _LONGEST_REASON:
        bad_request(f"reason must have between 1 and {_LONGEST_REASON} characters")
    seconds = new.get("expiresInSeconds")
    if seconds is not None and (seconds % _HOUR or not _HOUR <= seconds <= _LONGEST):
        bad_request("expiresInSeconds must be a whole number of hours, up to 3650 days")
    exceptions = store().read("exceptions", organization)
    asked = {key: new[key] for key in ("policyPack", "match", "reason")}
    for exception in _load(organization):
        if exception["status"] == "active" and asked.items() <= exception.items():
            return exception, HTTPStatus.OK
    exception = {
        "id": f"EXC-{len(exceptions) + 1}",
        **asked,
        "status": "active",
        "createdBy": _user(),
        "createdAt": _now().isoformat(),
    }
    if seconds is not None:
        exception["expiresAt"] = (_now() + timedelta(seconds=seconds)).isoformat()
    exceptions[exception["id"]] = exception
    store().write("exceptions", organization, exceptions)
    return exception, HTTPStatus.CREATED


@routes.get("/<exception_id>")
def get_exception(organization: str, exception_id: str) -> Json:
    """Return an exception of any status."""
    require_member(organization)
    return _find(organization, exception_id)


@routes.delete("/<exception_id>")
def remove_exception(organization: str, exception_id: str) -> Json:
    """Remove an exception, which stays listed as removed."""
    require_admin(organization)
    exception = _find(organization, exception_id)
    exception.update(status="removed", removedBy=_user(), removedAt=_now().isoformat())
    exceptions = store().read("exceptions", organization)
    store().write("exceptions", organization, {**exceptions, exception_id: exception})
    return {}
