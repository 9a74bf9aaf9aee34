"""Previews, updates, refreshes, and destroys: create, start, checkpoint, and complete them.

The response to the creation of a preview or update lists the policy packs that it must run. The
response to its start has a token for all further requests. The CLI runs the engine on its own
machine and sends the engine's events and, except for previews, the whole state after each step.

Left out: checkpoints as differences and the journal (see `login.get_capabilities`), cancellation
from another machine, and resource counts and changes in the history.

Source: Pulumi, pkg/backend/httpstate/client/client.go and state.go, and
sdk/go/common/apitype/updates.go; Pulumi's documentation, "Policies FAQ" (imports, refreshes, and
destroys run no packs).
"""

from __future__ import annotations

import secrets
import time
import uuid
from http import HTTPStatus

from flask import Blueprint, request

from tools.sandbox.cloud.api import Refused, body, not_found, store
from tools.sandbox.cloud.groups import required_by
from tools.sandbox.cloud.stacks import load, save
from tools.sandbox.cloud.store import Json

routes = Blueprint("updates", __name__, url_prefix="/api/stacks/<stack:full>")

# After its creation, each kind has the path of an update: client.go, getUpdatePath.
_UPDATE = "/update/<update_id>"
# The CLI's assumption about leases: state.go, newUpdate.
_LEASE_SECONDS = 300


def _load(full: str, update_id: str) -> Json:
    update = store().read("updates", update_id)
    if update.get("stack") != full:
        not_found(f"Update '{update_id}' not found")
    return update


def _leased(full: str, update_id: str) -> Json:
    """Return an update, and refuse requests without its token."""
    update = _load(full, update_id)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "update-token" or token != update.get("token"):
        raise Refused(HTTPStatus.FORBIDDEN, "the update token is invalid or has expired")
    return update


@routes.post("/<any(preview, update, refresh, destroy):kind>")
def create_update(full: str, kind: str) -> Json:
    """Create an update, and return the policy packs that it must run."""
    stack = load(full)
    new = body()
    update = {
        "id": str(uuid.uuid4()),
        "stack": full,
        "kind": kind,
        "dryRun": new["options"]["dryRun"],
        "config": new["config"],
        "metadata": new["metadata"],
        "status": "not started",
        "events": [],
    }
    store().write("updates", update["id"], update)
    runs_packs = kind in ("preview", "update")
    return {
        "updateID": update["id"],
        "requiredPolicies": required_by(stack) if runs_packs else [],
    }


@routes.post(_UPDATE)
def start_update(full: str, update_id: str) -> Json:
    """Start an update, unless another one has the stack's lock. Previews don't lock."""
    stack = load(full)
    update = _load(full, update_id)
    locks = update["kind"] != "preview" and not update["dryRun"]
    if locks and stack["activeUpdate"]:
        other = _load(full, stack["activeUpdate"])
        if other["expires"] > time.time():
            raise Refused(HTTPStatus.CONFLICT, "Another update is currently in progress.")
    tags = body().get("tags")
    stack["tags"] = stack["tags"] if tags is None else tags
    stack["lastUpdate"] = update_id
    if locks:
        stack["activeUpdate"] = update_id
    save(stack)
    update["version"] = stack["version"] + (1 if locks else 0)
    update["status"], update["startTime"] = "running", int(time.time())
    _renew(update)
    store().write("updates", update_id, update)
    return {
        "version": update["version"],
        "token": update["token"],
        "tokenExpiration": update["expires"],
    }


def _renew(update: Json) -> None:
    update["token"] = secrets.token_hex(16)
    update["expires"] = int(time.time()) + _LEASE_SECONDS


@routes.post(f"{_UPDATE}/renew_lease")
def renew_lease(full: str, update_id: str) -> Json:
    """Give an update more time. The token stays, since other requests may be using it."""
    update = _leased(full, update_id)
    update["expires"] = int(time.time()) + int(body()["duration"])
    store().write("updates", update_id, update)
    return {"token": update["token"], "tokenExpiration": update["expires"]}


@routes.post(f"{_UPDATE}/events/batch")
def record_events(full: str, update_id: str) -> Json:
    """Store a batch of the engine's events. They are not always in order."""
    update = _leased(full, update_id)
    update["events"] += body()["events"]
    store().write("updates", update_id, update)
    return {}


@routes.patch(f"{_UPDATE}/checkpoint")
def checkpoint(full: str, update_id: str) -> Json:
    """Replace the stack's state with the state after the engine's last step."""
    # The request has the update's token, not a user's, so `load` would refuse it.
    _leased(full, update_id)
    stack = store().read("stacks", full)
    state = body()
    if not state.get("isInvalid"):
        stack["state"] = {key: state[key] for key in ("version", "features", "deployment")
                          if key in state}  # fmt: skip
        save(stack)
    return {}


@routes.post(f"{_UPDATE}/complete")
def complete(full: str, update_id: str) -> Json:
    """End an update, and add it to the stack's history unless it was a preview."""
    update = _leased(full, update_id)
    update["status"], update["token"] = body()["status"], None
    store().write("updates", update_id, update)
    stack = store().read("stacks", full)
    if stack["activeUpdate"] == update_id:
        stack["activeUpdate"], stack["version"] = "", update["version"]
        stack["updates"].append(
            {
                "kind": update["kind"],
                "startTime": update["startTime"],
                "endTime": int(time.time()),
                "message": update["metadata"]["message"],
                "environment": update["metadata"]["environment"],
                "config": update["config"],
                "result": update["status"],
                "version": update["version"],
            }
        )
    save(stack)
    return {}


@routes.get(_UPDATE)
def get_update(full: str, update_id: str) -> Json:
    """Return an update's status. Its output is not stored, so there are no events to show."""
    load(full)
    return {"status": _load(full, update_id)["status"], "events": []}


@routes.get("/updates")
def history(full: str) -> Json:
    """Return a stack's history, newest first."""
    updates = load(full)["updates"][::-1]
    size = request.args.get("pageSize", len(updates), type=int)
    start = (request.args.get("page", 1, type=int) - 1) * size
    return {"updates": updates[start : start + size]}


@routes.get("/updates/latest")
def latest_update(full: str) -> Json:
    """Return the last entry of a stack's history."""
    updates = load(full)["updates"]
    if not updates:
        not_found("no updates")
    return {"info": updates[-1]}
