"""Stacks: created, listed, tagged, exported, imported and removed.

Left out: renaming, moving to another organization, teams, stack permissions, configuration kept in
ESC, deployment settings, exports of earlier versions.

Source: pkg/backend/httpstate/client/client.go (the calls), sdk/go/common/apitype/stacks.go and
core.go (the shapes).
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
from tools.sandbox.cloud.packs import required_by
from tools.sandbox.cloud.store import Json

routes = Blueprint("stacks", __name__, url_prefix="/api")

_STACK = "/stacks/<stack:full>"


def load(full: str) -> Json:
    """Return a stack by its full name, and refuse who may not see it or when there is none."""
    require_member(full.partition("/")[0])
    found = store().read("stacks", full)
    if not found:
        not_found(f"Stack '{full}' not found")
    return found


def save(stack: Json) -> None:
    """Write a stack back."""
    full = "/".join((stack["orgName"], stack["projectName"], stack["stackName"]))
    store().write("stacks", full, stack)


def resources(stack: Json) -> int:
    """Return how many resources a stack has."""
    return len((stack["state"].get("deployment") or {}).get("resources") or [])


@routes.get("/user/stacks")
def list_stacks() -> Json:
    """List the stacks of the user's organizations, by organization, project or tag."""
    mine = organizations(user())
    wanted = request.args
    return {
        "stacks": [
            {
                "id": stack["id"],
                "orgName": stack["orgName"],
                "projectName": stack["projectName"],
                "stackName": stack["stackName"],
                "resourceCount": resources(stack),
                **({"lastUpdate": stack["updates"][-1]["startTime"]} if stack["updates"] else {}),
            }
            for _, stack in store().list("stacks")
            if stack["orgName"] in mine
            and wanted.get("organization", stack["orgName"]) == stack["orgName"]
            and wanted.get("project", stack["projectName"]) == stack["projectName"]
            and ("tagName" not in wanted or wanted["tagName"] in stack["tags"])
            and wanted.get("tagValue") in (None, stack["tags"].get(wanted.get("tagName", "")))
        ]
    }


@routes.route("/stacks/<organization>/<project>", methods=["HEAD"])
def project_exists(organization: str, project: str) -> Json:
    """Answer whether an organization has a project: whether it has a stack of it."""
    require_member(organization)
    if not any(full.startswith(f"{organization}/{project}/") for full, _ in store().list("stacks")):
        not_found(f"Project '{organization}/{project}' not found")
    return {}


@routes.post("/stacks/<organization>/<project>")
def create_stack(organization: str, project: str) -> Json:
    """Create a stack, which joins the default policy group."""
    require_member(organization)
    asked = body()
    full = f"{organization}/{project}/{asked['stackName']}"
    if store().read("stacks", full):
        raise Refused(HTTPStatus.CONFLICT, f"Stack '{full}' already exists")
    stack = {
        "id": str(uuid.uuid4()),
        "orgName": organization,
        "projectName": project,
        "stackName": asked["stackName"],
        "tags": asked.get("tags") or {},
        "version": 0,
        "activeUpdate": "",
        "updates": [],
        "state": asked.get("state") or {"version": 3, "deployment": {}},
    }
    save(stack)
    groups.join_default(full)
    return {}


@routes.get(_STACK)
def get_stack(full: str) -> Json:
    """Answer what is known of a stack beside its state."""
    stack = load(full)
    inside = ("state", "updates", "decryptions")
    return {key: value for key, value in stack.items() if key not in inside}


@routes.delete(_STACK)
def delete_stack(full: str) -> Json:
    """Remove a stack, if it is empty or removal is forced."""
    stack = load(full)
    if resources(stack) and request.args.get("force") != "true":
        # The CLI knows this very sentence: client.go, isStackHasResourcesError.
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
    """Answer a stack's state."""
    state: Json = load(full)["state"]
    return state


@routes.post(f"{_STACK}/import")
def import_stack(full: str) -> Json:
    """Replace a stack's state. It is done at once, and the CLI asks how that update went."""
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
    """Answer which packs a stack requires: `pulumi policy install` asks."""
    load(full)
    return {"requiredPolicies": required_by(full)}


@routes.post(f"{_STACK}/encrypt")
def encrypt(full: str) -> Json:
    """Encrypt one value: all values are base64, since they are bytes."""
    key = cipher.key_of(store(), load(full)["id"])
    return {"ciphertext": cipher.encrypt(key, body()["plaintext"])}


@routes.post(f"{_STACK}/decrypt")
def decrypt(full: str) -> Json:
    """Decrypt one value."""
    key = cipher.key_of(store(), load(full)["id"])
    return {"plaintext": cipher.decrypt(key, body()["ciphertext"])}


@routes.post(f"{_STACK}/batch-encrypt")
def batch_encrypt(full: str) -> Json:
    """Encrypt values, and keep their order."""
    key = cipher.key_of(store(), load(full)["id"])
    return {"ciphertexts": [cipher.encrypt(key, it) for it in body()["plaintexts"]]}


@routes.post(f"{_STACK}/batch-decrypt")
def batch_decrypt(full: str) -> Json:
    """Decrypt values: the answer is by ciphertext."""
    key = cipher.key_of(store(), load(full)["id"])
    return {"plaintexts": {it: cipher.decrypt(key, it) for it in body()["ciphertexts"]}}


@routes.post(f"{_STACK}/decrypt/<any('log-decryption', 'log-batch-decryption'):kind>")
def log_decryption(full: str, kind: str) -> Json:
    """Keep that secrets were shown to a user: `pulumi config get` and `stack export` tell of it."""
    stack = load(full)
    stack.setdefault("decryptions", []).append({"user": user(), "kind": kind, **body()})
    save(stack)
    return {}
