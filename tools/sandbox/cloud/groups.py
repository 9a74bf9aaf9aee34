"""Policy groups: which packs run on which stacks, with which settings.

An organization has a default group, which every new stack joins. A stack can be removed from it,
and can be in other groups. Enabling `latest` enables the version that is the latest at that time.
Publishing a later version doesn't enable it.

Left out: groups of cloud accounts (Pulumi Insights), the default group for audits, results of
audits, and agent pools.

Source: Pulumi, pkg/backend/httpstate/client/client.go, CreatePolicyGroup to DeletePolicyGroup,
ApplyPolicyPack and DisablePolicyPack, and sdk/go/common/apitype/policy.go; issue 20554 of
pulumi/docs (the default group).
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
from tools.sandbox.cloud.settings import faults_of
from tools.sandbox.cloud.store import Json

routes = Blueprint("groups", __name__)

_GROUPS = "/api/orgs/<organization>/policygroups"
# Source: Pulumi, sdk/go/common/apitype/policy.go, DefaultPolicyGroup.
DEFAULT = "default-policy-group"


def _load(organization: str) -> dict[str, Json]:
    return store().read("groups", organization) or {DEFAULT: _new(DEFAULT, "preventative")}


def _new(name: str, mode: str) -> Json:
    return {"name": name, "mode": mode, "stacks": [], "packs": []}


def join_default(full: str) -> None:
    """Add a new stack to the default group, by its full name."""
    organization = full.partition("/")[0]
    groups = _load(organization)
    groups[DEFAULT]["stacks"].append(full)
    store().write("groups", organization, groups)


def leave_all(full: str) -> None:
    """Remove a deleted stack from all groups, by its full name."""
    organization = full.partition("/")[0]
    groups = _load(organization)
    for group in groups.values():
        group["stacks"] = [stack for stack in group["stacks"] if stack != full]
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
    new = body()
    groups = _load(organization)
    if new["entityType"] != "stacks":
        bad_request("the pretend Pulumi Cloud has no cloud accounts")
    if new["name"] in groups:
        bad_request(f"Policy Group: {new['name']} already exists")
    groups[new["name"]] = _new(new["name"], new.get("mode") or "preventative")
    store().write("groups", organization, groups)
    return {}


def _find(groups: dict[str, Json], name: str) -> Json:
    if name not in groups:
        not_found(f"Policy Group: {name} not found")
    return groups[name]


@routes.get(f"{_GROUPS}/<name>")
def get_group(organization: str, name: str) -> Json:
    """Return a group's stacks and packs."""
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
    """Rename a group, or change its stacks or packs, one at a time or as a list."""
    require_admin(organization)
    changes = body()
    groups = _load(organization)
    group = _find(groups, name)
    for accounts in ("addInsightsAccount", "removeInsightsAccount", "insightsAccounts"):
        if changes.get(accounts):
            bad_request("the pretend Pulumi Cloud has no cloud accounts")
    if "stacks" in changes:
        group["stacks"] = [_full_name(organization, stack) for stack in changes["stacks"]]
    if added := changes.get("addStack"):
        group["stacks"] = [*group["stacks"], _full_name(organization, added)]
    if removed := changes.get("removeStack"):
        full = _full_name(organization, removed)
        group["stacks"] = [stack for stack in group["stacks"] if stack != full]
    if "policyPacks" in changes:
        before = {(pack["name"], pack["versionTag"]): pack for pack in group["packs"]}
        group["packs"] = [
            before.get((pack["name"], pack.get("versionTag"))) or _enabled(organization, pack)
            for pack in changes["policyPacks"]
        ]
    if added := changes.get("addPolicyPack"):
        # A group has one version of a pack, so the new version replaces the old one.
        others = [pack for pack in group["packs"] if pack["name"] != added["name"]]
        group["packs"] = [*others, _enabled(organization, added)]
    if removed := changes.get("removePolicyPack"):
        _disable(group, removed)
    if new_name := changes.get("newName"):
        if name == DEFAULT or new_name in groups:
            bad_request(f"Policy Group: {name} can't be called {new_name}")
        group["name"] = new_name
        groups[new_name] = groups.pop(name)
    store().write("groups", organization, groups)
    return {}


def _full_name(organization: str, reference: Json) -> str:
    full = f"{organization}/{reference.get('routingProject', '')}/{reference['name']}"
    if not store().read("stacks", full):
        not_found(f"Stack '{full}' not found")
    return full


def _enabled(organization: str, pack: Json) -> Json:
    """Return a group's entry for a pack, whose settings have been checked."""
    tag = pack.get("versionTag") or _tag_of(organization, pack)
    version = find_version(organization, pack["name"], tag)
    config = pack.get("config") or {}
    if faults := faults_of(schemas(version), config):
        # Source of the words: Pulumi, pkg/resource/analyzer/config.go.
        bad_request(f"policy pack configuration is invalid: {', '.join(faults)}")
    return {
        "name": pack["name"],
        "displayName": version["displayName"],
        "version": version["version"],
        "versionTag": version["versionTag"],
        "config": config,
        "modified": time.time_ns(),
    }


def _tag_of(organization: str, pack: Json) -> str:
    """Return the tag of the version with the pack's version number, empty for the latest."""
    number = pack.get("version")
    if not number:
        return ""
    versions = versions_of(organization, pack["name"])
    return str({each["version"]: each["versionTag"] for each in versions}.get(number, number))


def _disable(group: Json, pack: Json) -> None:
    name, tag = pack["name"], pack.get("versionTag") or ""
    others = [each for each in group["packs"]
              if each["name"] != name or tag not in ("", each["versionTag"])]  # fmt: skip
    if others == group["packs"]:
        version = f", Version Tag: {tag}" if tag else ""
        not_found(f"Policy Pack: {name}{version} is not enabled in Policy Group: {group['name']}")
    group["packs"] = others


@routes.delete(f"{_GROUPS}/<name>")
def delete_group(organization: str, name: str) -> Json:
    """Delete a group, unless it is the default group."""
    require_admin(organization)
    groups = _load(organization)
    _find(groups, name)
    if name == DEFAULT:
        bad_request("the default Policy Group can't be deleted")
    del groups[name]
    store().write("groups", organization, groups)
    return {}
