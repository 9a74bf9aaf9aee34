"""Previews, updates, refreshes and destroys: started, reported, checkpointed and completed.

A preview or update is created first, and that answer names the policy packs that it must run; then
it is started, which gives a token for all that follows. The CLI runs the engine by itself and sends
its events and, for all but previews, the whole state after each step.

Left out: checkpoints as differences and the journal (see ``login.get_capabilities``); cancelling
from another machine; resource counts and changes in the history.

Sources: pkg/backend/httpstate/client/client.go and state.go, sdk/go/common/apitype/updates.go;
Pulumi's documentation, "Policies FAQ" (imports, refreshes and destroys run no packs).
"""

from __future__ import annotations

import secrets
import time
import uuid
from http import HTTPStatus

from flask import Blueprint, request

from tools.sandbox.cloud.api import Refused, body, not_found, store
from tools.sandbox.cloud.packs import required_by
from tools.sandbox.cloud.stacks import load, save
from tools.sandbox.cloud.store import Json

routes = Blueprint("updates", __name__, url_prefix="/api/stacks/<stack:full>")

# Whatever was created, the CLI calls it an update from then on: client.go, getUpdatePath.
_UPDATE = "/update/<update_id>"
# What the CLI assumes of a lease: state.go, newUpdate.
_LEASE_SECONDS = 300


def _load(full: str, update_id: str) -> Json:
    found = store().read("updates", update_id)
    if found.get("stack") != full:
        not_found(f"Update '{update_id}' not found")
    return found


def _leased(full: str, update_id: str) -> Json:
    """Return an update, and refuse who doesn't hold its token."""
    update = _load(full, update_id)
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "update-token" or token != update.get("token"):
        raise Refused(HTTPStatus.FORBIDDEN, "the update token is invalid or has expired")
    return update


@routes.post("/<any(preview, update, refresh, destroy):kind>")
def create_update(full: str, kind: str) -> Json:
    """Create an update, and answer the policy packs that it must run."""
    load(full)
    asked = body()
    update = {
        "id": str(uuid.uuid4()),
        "stack": full,
        "kind": kind,
        "dryRun": asked["options"]["dryRun"],
        "config": asked["config"],
        "metadata": asked["metadata"],
        "status": "not started",
        "events": [],
    }
    store().write("updates", update["id"], update)
    runs_packs = kind in ("preview", "update")
    return {
        "updateID": update["id"],
        "requiredPolicies": required_by(full) if runs_packs else [],
    }


@routes.post(_UPDATE)
def start_update(full: str, update_id: str) -> Json:
    """Start an update, unless another holds the stack: previews hold nothing."""
    stack = load(full)
    update = _load(full, update_id)
    holds = update["kind"] != "preview" and not update["dryRun"]
    if holds and stack["activeUpdate"]:
        other = _load(full, stack["activeUpdate"])
        if other["expires"] > time.time():
            raise Refused(HTTPStatus.CONFLICT, "Another update is currently in progress.")
    tags = body().get("tags")
    stack["tags"] = stack["tags"] if tags is None else tags
    stack["lastUpdate"] = update_id
    if holds:
        stack["activeUpdate"] = update_id
    save(stack)
    update["version"] = stack["version"] + (1 if holds else 0)
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
    """Give an update more time. Its token stays, since requests with it may be on their way."""
    update = _leased(full, update_id)
    update["expires"] = int(time.time()) + int(body()["duration"])
    store().write("updates", update_id, update)
    return {"token": update["token"], "tokenExpiration": update["expires"]}


@routes.post(f"{_UPDATE}/events/batch")
def record_events(full: str, update_id: str) -> Json:
    """Keep the engine's events, which come in batches and not always in order."""
    update = _leased(full, update_id)
    update["events"] += body()["events"]
    store().write("updates", update_id, update)
    return {}


@routes.patch(f"{_UPDATE}/checkpoint")
def checkpoint(full: str, update_id: str) -> Json:
    """Replace the stack's state by the one after the engine's last step."""
    # From here on a request shows the update's token and no user's.
    _leased(full, update_id)
    stack = store().read("stacks", full)
    sent = body()
    if not sent.get("isInvalid"):
        stack["state"] = {key: sent[key] for key in ("version", "features", "deployment")
                          if key in sent}  # fmt: skip
        save(stack)
    return {}


@routes.post(f"{_UPDATE}/complete")
def complete(full: str, update_id: str) -> Json:
    """End an update; what it did is in the stack's history unless it was a preview."""
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
    """Answer how an update went. What it printed is not kept, so there are no events to show."""
    load(full)
    return {"status": _load(full, update_id)["status"], "events": []}


@routes.get("/updates")
def history(full: str) -> Json:
    """Answer a stack's history, the newest first."""
    updates = load(full)["updates"][::-1]
    size = request.args.get("pageSize", len(updates), type=int)
    start = (request.args.get("page", 1, type=int) - 1) * size
    return {"updates": updates[start : start + size]}


@routes.get("/updates/latest")
def latest_update(full: str) -> Json:
    """Answer the last entry of a stack's history."""
    updates = load(full)["updates"]
    if not updates:
        not_found("no updates")
    return {"info": updates[-1]}
