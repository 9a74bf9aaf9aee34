"""Stacks: create, list, tag, export, import, and remove them; encrypt and decrypt their secrets.

Left out: renaming, transfers to another organization, teams, permissions of teams and for changes,
configuration in ESC, deployment settings, and exports of earlier versions.

Source: Pulumi, pkg/backend/httpstate/client/client.go (the requests), sdk/go/common/apitype,
stacks.go and core.go (the shapes) and errors.go (refusals; the service's sentences are not public).
"""

from __future__ import annotations

import time
import uuid
from http import HTTPStatus

from flask import Blueprint, request

from tools.sandbox.cloud import cipher, groups
from tools.sandbox.cloud.api import (
    Refused,
    body,
    not_found,
    organizations,
    require_member,
    store,
    user,
)
from tools.sandbox.cloud.groups import required_by
from tools.sandbox.cloud.store import PERMISSIONS, Json

routes = Blueprint("stacks", __name__, url_prefix="/api")

PAGE = 10
"""How many stacks a page of the list has. A test should see more than one page."""

_STACK = "/stacks/<stack:full>"


def load(full: str) -> Json:
    """Return a stack by its full name.

    Raises:
        Refused: the stack doesn't exist, or the user may not see it.
    """
    require_member(full.partition("/")[0])
    stack = store().read("stacks", full)
    if not stack or _permission(full, user()) == "none":
        not_found(f"Stack '{full}' not found")
    return stack


def _permission(full: str, name: str) -> str:
    """Return what a user may do with a stack, see `Cloud.restrict`."""
    permission: str = store().read(PERMISSIONS).get(full, {}).get(name, "write")
    return permission


def _require_permission(full: str, *refused: str) -> None:
    """Refuse a user whose permission for a stack is not enough."""
    if _permission(full, user()) in refused:
        raise Refused(HTTPStatus.FORBIDDEN, f"You don't have permission for the stack '{full}'.")


def save(stack: Json) -> None:
    """Store a changed stack."""
    full = "/".join((stack["orgName"], stack["projectName"], stack["stackName"]))
    store().write("stacks", full, stack)


def resources(stack: Json) -> int:
    """Return how many resources a stack has."""
    return len((stack["state"].get("deployment") or {}).get("resources") or [])


@routes.get("/user/stacks")
def list_stacks() -> Json:
    """List the stacks of the user's organizations, by organization, project or tag, in pages.

    Source: Pulumi, sdk/go/common/apitype/stacks.go, ListStacksResponse. The real service documents
    no size of a page.
    """
    name = user()
    own = organizations(name)
    query = request.args
    stacks = [
        {
            "id": stack["id"],
            "orgName": stack["orgName"],
            "projectName": stack["projectName"],
            "stackName": stack["stackName"],
            "resourceCount": resources(stack),
            **({"lastUpdate": stack["updates"][-1]["startTime"]} if stack["updates"] else {}),
        }
        for full, stack in store().list("stacks")
        if stack["orgName"] in own
        and query.get("organization", stack["orgName"]) == stack["orgName"]
        and query.get("project", stack["projectName"]) == stack["projectName"]
        and ("tagName" not in query or query["tagName"] in stack["tags"])
        and query.get("tagValue") in (None, stack["tags"].get(query.get("tagName", "")))
        and _permission(full, name) != "none"
    ]
    start = int(query.get("continuationToken", 0))
    end = start + PAGE
    more = {"continuationToken": str(end)} if end < len(stacks) else {}
    return {"stacks": stacks[start:end], **more}


@routes.route("/stacks/<organization>/<project>", methods=["HEAD"])
def project_exists(organization: str, project: str) -> Json:
    """Return whether an organization has a project, which means a stack of that project."""
    require_member(organization)
    if not any(full.startswith(f"{organization}/{project}/") for full, _ in store().list("stacks")):
        not_found(f"Project '{organization}/{project}' not found")
    return {}


@routes.post("/stacks/<organization>/<project>")
def create_stack(organization: str, project: str) -> Json:
    """Create a stack, which joins the default policy group."""
    require_member(organization)
    new = body()
    full = f"{organization}/{project}/{new['stackName']}"
    if store().read("stacks", full):
        raise Refused(HTTPStatus.CONFLICT, f"Stack '{full}' already exists")
    stack = {
        "id": str(uuid.uuid4()),
        "orgName": organization,
        "projectName": project,
        "stackName": new["stackName"],
        "tags": new.get("tags") or {},
        "version": 0,
        "activeUpdate": "",
        "updates": [],
        "state": new.get("state") or {"version": 3, "deployment": {}},
    }
    save(stack)
    groups.join_default(full)
    return {}


@routes.get(_STACK)
def get_stack(full: str) -> Json:
    """Return a stack without its state and history."""
    internal = ("state", "updates", "decryptions")
    return {key: value for key, value in load(full).items() if key not in internal}


@routes.delete(_STACK)
def delete_stack(full: str) -> Json:
    """Remove a stack, if it is empty or the removal is forced."""
    stack = load(full)
    if resources(stack) and request.args.get("force") != "true":
        # The CLI matches this sentence: client.go, isStackHasResourcesError.
        raise Refused(HTTPStatus.BAD_REQUEST, "Stack still contains resources.")
    store().remove("stacks", full)
    groups.leave_all(full)
    return {}


@routes.patch(f"{_STACK}/tags")
def update_tags(full: str) -> Json:
    """Replace all tags of a stack."""
    stack = load(full)
    stack["tags"] = body()
    save(stack)
    return {}


@routes.get(f"{_STACK}/export")
def export_stack(full: str) -> Json:
    """Return a stack's state."""
    _require_permission(full, "list")
    state: Json = load(full)["state"]
    return state


@routes.post(f"{_STACK}/import")
def import_stack(full: str) -> Json:
    """Replace a stack's state, and return an update that has succeeded already."""
    stack = load(full)
    stack["state"] = body()
    stack["version"] += 1
    now = int(time.time())
    stack["updates"].append(
        {
            "kind": "import",
            "startTime": now,
            "endTime": now,
            "message": "",
            "environment": {},
            "config": {},
            "result": "succeeded",
            "version": stack["version"],
        }
    )
    save(stack)
    update = {"id": str(uuid.uuid4()), "stack": full, "status": "succeeded", "events": []}
    store().write("updates", update["id"], update)
    return {"updateId": update["id"]}


@routes.get(f"{_STACK}/policypacks")
def required_packs(full: str) -> Json:
    """Return the packs that a stack requires, or those that only audit it."""
    return {"requiredPolicies": required_by(load(full), request.args.get("mode", "preventative"))}


@routes.get(f"{_STACK}/policygroups")
def policy_groups(full: str) -> Json:
    """Return the groups that a stack is in."""
    return groups.groups_of(load(full))


@routes.post(f"{_STACK}/encrypt")
def encrypt(full: str) -> Json:
    """Encrypt a value. All values are base64."""
    key = cipher.key_of(store(), load(full)["id"])
    return {"ciphertext": cipher.encrypt(key, body()["plaintext"])}


@routes.post(f"{_STACK}/decrypt")
def decrypt(full: str) -> Json:
    """Decrypt a value."""
    _require_permission(full, "list", "read")
    key = cipher.key_of(store(), load(full)["id"])
    return {"plaintext": cipher.decrypt(key, body()["ciphertext"])}


@routes.post(f"{_STACK}/batch-encrypt")
def batch_encrypt(full: str) -> Json:
    """Encrypt values. The response keeps their order."""
    key = cipher.key_of(store(), load(full)["id"])
    return {"ciphertexts": [cipher.encrypt(key, text) for text in body()["plaintexts"]]}


@routes.post(f"{_STACK}/batch-decrypt")
def batch_decrypt(full: str) -> Json:
    """Decrypt values. The response maps each ciphertext to its plaintext."""
    _require_permission(full, "list", "read")
    key = cipher.key_of(store(), load(full)["id"])
    return {"plaintexts": {text: cipher.decrypt(key, text) for text in body()["ciphertexts"]}}


@routes.post(f"{_STACK}/decrypt/<any('log-decryption', 'log-batch-decryption'):kind>")
def log_decryption(full: str, kind: str) -> Json:
    """Record that a user read secrets, for example with `pulumi config get`."""
    stack = load(full)
    stack.setdefault("decryptions", []).append({"user": user(), "kind": kind, **body()})
    save(stack)
    return {}
