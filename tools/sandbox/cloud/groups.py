"""Policy groups: which stacks are held to which packs, with which settings.

An organization has a default group, which every new stack joins. A stack may be taken out of it,
and be in others. Enabling ``latest`` enables the version that is the latest then; a later one is
not enabled by being published.

Left out: groups of cloud accounts (Pulumi Insights), the default group that audits, what a group
that audits finds, agent pools.

Sources: pkg/backend/httpstate/client/client.go, CreatePolicyGroup to DeletePolicyGroup,
ApplyPolicyPack and DisablePolicyPack; sdk/go/common/apitype/policy.go; pulumi/docs issue 20554 (the
default group).
"""

from __future__ import annotations

import time

from flask import Blueprint

from tools.sandbox.cloud.api import (
    bad_request,
    body,
    not_found,
    require_admin,
    require_member,
    store,
)
from tools.sandbox.cloud.packs import find_version, schemas, versions_of
from tools.sandbox.cloud.settings import check
from tools.sandbox.cloud.store import Json

routes = Blueprint("groups", __name__)

_GROUPS = "/api/orgs/<organization>/policygroups"
# sdk/go/common/apitype/policy.go, DefaultPolicyGroup.
DEFAULT = "default-policy-group"


def _load(organization: str) -> dict[str, Json]:
    return store().read("groups", organization) or {DEFAULT: _new(DEFAULT, "preventative")}


def _new(name: str, mode: str) -> Json:
    return {"name": name, "mode": mode, "stacks": [], "packs": []}


def join_default(full: str) -> None:
    """Add a new stack, named in full, to the default group."""
    organization = full.partition("/")[0]
    groups = _load(organization)
    groups[DEFAULT]["stacks"].append(full)
    store().write("groups", organization, groups)


def leave_all(full: str) -> None:
    """Take a stack that is no more out of all groups."""
    organization = full.partition("/")[0]
    groups = _load(organization)
    for group in groups.values():
        group["stacks"] = [it for it in group["stacks"] if it != full]
    store().write("groups", organization, groups)


@routes.get(_GROUPS)
def list_groups(organization: str) -> Json:
    """List an organization's groups."""
    require_member(organization)
    return {
        "policyGroups": [
            {
                "name": group["name"],
                "isOrgDefault": group["name"] == DEFAULT,
                "numStacks": len(group["stacks"]),
                "numEnabledPolicyPacks": len(group["packs"]),
                "entityType": "stacks",
                "mode": group["mode"],
            }
            for group in _load(organization).values()
        ]
    }


@routes.post(_GROUPS)
def create_group(organization: str) -> Json:
    """Create a group of stacks."""
    require_admin(organization)
    asked = body()
    groups = _load(organization)
    if asked["entityType"] != "stacks":
        bad_request("the pretend Pulumi Cloud has no cloud accounts")
    if asked["name"] in groups:
        bad_request(f"Policy Group: {asked['name']} already exists")
    groups[asked["name"]] = _new(asked["name"], asked.get("mode") or "preventative")
    store().write("groups", organization, groups)
    return {}


def _find(groups: dict[str, Json], name: str) -> Json:
    if name not in groups:
        not_found(f"Policy Group: {name} not found")
    return groups[name]


@routes.get(f"{_GROUPS}/<name>")
def get_group(organization: str, name: str) -> Json:
    """Answer a group's stacks and packs."""
    require_member(organization)
    group = _find(_load(organization), name)
    return {
        "name": name,
        "isOrgDefault": name == DEFAULT,
        "entityType": "stacks",
        "mode": group["mode"],
        "stacks": [
            {"name": stack, "routingProject": project}
            for _, project, stack in (full.split("/") for full in group["stacks"])
        ],
        "appliedPolicyPacks": [
            {key: value for key, value in pack.items() if key != "modified"}
            for pack in group["packs"]
        ],
        "accounts": [],
    }


@routes.patch(f"{_GROUPS}/<name>")
def update_group(organization: str, name: str) -> Json:
    """Rename a group, or change its stacks or packs: one by one, or the whole list."""
    require_admin(organization)
    asked = body()
    groups = _load(organization)
    group = _find(groups, name)
    for words in ("addInsightsAccount", "removeInsightsAccount", "insightsAccounts"):
        if asked.get(words):
            bad_request("the pretend Pulumi Cloud has no cloud accounts")
    if "stacks" in asked:
        group["stacks"] = [_stack(organization, it) for it in asked["stacks"]]
    if added := asked.get("addStack"):
        group["stacks"] = [*group["stacks"], _stack(organization, added)]
    if removed := asked.get("removeStack"):
        gone = _stack(organization, removed)
        group["stacks"] = [it for it in group["stacks"] if it != gone]
    if "policyPacks" in asked:
        before = {(it["name"], it["versionTag"]): it for it in group["packs"]}
        group["packs"] = [
            before.get((it["name"], it.get("versionTag"))) or _apply(organization, it)
            for it in asked["policyPacks"]
        ]
    if added := asked.get("addPolicyPack"):
        # One version of a pack at a time: the new one takes the old one's place.
        others = [it for it in group["packs"] if it["name"] != added["name"]]
        group["packs"] = [*others, _apply(organization, added)]
    if removed := asked.get("removePolicyPack"):
        _disable(group, removed)
    if renamed := asked.get("newName"):
        if name == DEFAULT or renamed in groups:
            bad_request(f"Policy Group: {name} can't be called {renamed}")
        group["name"] = renamed
        groups[renamed] = groups.pop(name)
    store().write("groups", organization, groups)
    return {}


def _stack(organization: str, reference: Json) -> str:
    full = f"{organization}/{reference.get('routingProject', '')}/{reference['name']}"
    if not store().read("stacks", full):
        not_found(f"Stack '{full}' not found")
    return full


def _apply(organization: str, asked: Json) -> Json:
    """Return a pack as a group has it, once its settings are right."""
    tag = asked.get("versionTag") or _tag_of(organization, asked)
    version = find_version(organization, asked["name"], tag)
    config = asked.get("config") or {}
    if wrong := check(schemas(version), config):
        # The words of the CLI for the same: pkg/resource/analyzer/config.go.
        bad_request(f"policy pack configuration is invalid: {', '.join(wrong)}")
    return {
        "name": asked["name"],
        "displayName": version["displayName"],
        "version": version["version"],
        "versionTag": version["versionTag"],
        "config": config,
        "modified": time.time_ns(),
    }


def _tag_of(organization: str, asked: Json) -> str:
    """Return the tag of a version that is asked for by its number, empty for the latest."""
    numbered = {it["version"]: it["versionTag"] for it in versions_of(organization, asked["name"])}
    number = asked.get("version")
    return str(numbered.get(number, number)) if number else ""


def _disable(group: Json, asked: Json) -> None:
    tag = asked.get("versionTag") or ""
    left = [it for it in group["packs"]
            if it["name"] != asked["name"] or tag not in ("", it["versionTag"])]  # fmt: skip
    if left == group["packs"]:
        wanted = f", Version Tag: {tag}" if tag else ""
        not_found(
            f"Policy Pack: {asked['name']}{wanted} is not enabled in Policy Group: {group['name']}"
        )
    group["packs"] = left


@routes.delete(f"{_GROUPS}/<name>")
def delete_group(organization: str, name: str) -> Json:
    """Delete a group, unless it is the default one."""
    require_admin(organization)
    groups = _load(organization)
    _find(groups, name)
    if name == DEFAULT:
        bad_request("the default Policy Group can't be deleted")
    del groups[name]
    store().write("groups", organization, groups)
    return {}
