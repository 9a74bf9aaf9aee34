"""Policy groups: which packs run on which stacks, with which settings.

An organization has two default groups: one that every new stack joins, and one that audits cloud
accounts. A stack can be removed from its default group, and can be in other groups, by its name or
by its tags. Enabling `latest` enables the version that is the latest at that time. Publishing a
later version doesn't enable it.

Left out: cloud accounts (Pulumi Insights), which no group can have here, results of audits, and
agent pools.

Source: Pulumi, pkg/backend/httpstate/client/client.go, CreatePolicyGroup to DeletePolicyGroup,
ApplyPolicyPack and DisablePolicyPack, GetStackPolicyPacks and GetStackPolicyGroups; Pulumi's Cloud
SDK, apitype/policy_group_.go, new_policy_group_request_.go and update_policy_group_request_.go;
Pulumi's documentation, "Policy groups" (the default groups) and "Policies FAQ" (which version and
configuration apply to a stack in several groups).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from operator import itemgetter

from flask import Blueprint

from tools.sandbox.cloud.api import (
    bad_request,
    body,
    not_found,
    require_admin,
    require_member,
    store,
)
from tools.sandbox.cloud.exceptions import active_exceptions
from tools.sandbox.cloud.packs import find_version, location, schemas, versions_of
from tools.sandbox.cloud.rules import holds
from tools.sandbox.cloud.settings import faults_of
from tools.sandbox.cloud.store import Json

routes = Blueprint("groups", __name__)

_GROUPS = "/api/orgs/<organization>/policygroups"
# Source: Pulumi, sdk/go/common/apitype/policy.go, DefaultPolicyGroup.
DEFAULT = "default-policy-group"
_DEFAULTS = {DEFAULT: "preventative", "default-accounts-policy-group": "audit"}
# What each of them labels: new_policy_group_request_.go, EntityType.
_ENTITY_TYPES = {"preventative": "stacks", "audit": "accounts"}
_RULES = ("stackMatchRule", "accountMatchRule")


def _load(organization: str) -> dict[str, Json]:
    return store().read("groups", organization) or {
        name: _new(name, mode, _ENTITY_TYPES[mode]) for name, mode in _DEFAULTS.items()
    }


def _new(name: str, mode: str, entity_type: str) -> Json:
    return {"name": name, "mode": mode, "entityType": entity_type, "stacks": [], "packs": []}


def _has(group: Json, stack: Json) -> bool:
    """Return whether a stack is in a group, by its name or by its tags."""
    full = "/".join((stack["orgName"], stack["projectName"], stack["stackName"]))
    rule = group.get("stackMatchRule")
    return full in group["stacks"] or (rule is not None and holds(rule, stack["tags"]))


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
    return _summaries(organization, _load(organization).values())


def groups_of(stack: Json) -> Json:
    """List the groups that a stack is in."""
    groups = _load(stack["orgName"]).values()
    return _summaries(stack["orgName"], [group for group in groups if _has(group, stack)])


def _summaries(organization: str, groups: Iterable[Json]) -> Json:
    stacks = [stack for _, stack in store().list("stacks") if stack["orgName"] == organization]
    return {
        "policyGroups": [
            {
                "name": group["name"],
                "isOrgDefault": group["name"] in _DEFAULTS,
                "numStacks": sum(_has(group, stack) for stack in stacks),
                "numEnabledPolicyPacks": len(group["packs"]),
                "entityType": group["entityType"],
                "mode": group["mode"],
            }
            for group in groups
        ]
    }


@routes.post(_GROUPS)
def create_group(organization: str) -> Json:
    """Create a group. Its mode, or the older label that implies one, decides what it can have."""
    require_admin(organization)
    new = body()
    groups = _load(organization)
    name, mode, entity_type = new["name"], new.get("mode"), new.get("entityType")
    if not mode and not entity_type:
        bad_request("mode is required")
    if name in groups:
        bad_request(f"Policy Group: {name} already exists")
    mode = mode or {label: mode for mode, label in _ENTITY_TYPES.items()}[entity_type]
    groups[name] = _new(name, mode, entity_type or _ENTITY_TYPES[mode])
    _change(organization, groups, name, {key: new[key] for key in _RULES if key in new})
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
        "isOrgDefault": name in _DEFAULTS,
        "entityType": group["entityType"],
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
        **{rule: group[rule] for rule in _RULES if rule in group},
    }


@routes.patch(f"{_GROUPS}/<name>")
def update_group(organization: str, name: str) -> Json:
    """Rename a group, or change its stacks, packs, or rules, one at a time or as a list."""
    return _update(organization, name, [body()])


@routes.patch(f"{_GROUPS}/<name>/batch")
def update_group_in_a_batch(organization: str, name: str) -> Json:
    """Make several changes to a group, or none of them if one is refused."""
    return _update(organization, name, body())


def _update(organization: str, name: str, updates: list[Json]) -> Json:
    require_admin(organization)
    groups = _load(organization)
    for changes in updates:
        name = _change(organization, groups, name, changes)
    store().write("groups", organization, groups)
    return {}


def _change(organization: str, groups: dict[str, Json], name: str, changes: Json) -> str:
    """Change a group, and return its name, which can be new."""
    group = _find(groups, name)
    for accounts in ("addInsightsAccount", "removeInsightsAccount", "insightsAccounts"):
        if changes.get(accounts):
            bad_request("the pretend Pulumi Cloud has no cloud accounts")
    for rule in _RULES:
        if changes.get(f"remove{rule[0].upper()}{rule[1:]}"):
            group.pop(rule, None)
        if rule not in changes:
            continue
        if name in _DEFAULTS:
            bad_request(f"the default Policy Group {name} can't have a rule")
        if rule == "accountMatchRule" and group["mode"] != "audit":
            bad_request("only an audit Policy Group can have a rule for accounts")
        group[rule] = changes[rule]
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
        if name in _DEFAULTS or new_name in groups:
            bad_request(f"Policy Group: {name} can't be called {new_name}")
        group["name"] = new_name
        groups[new_name] = groups.pop(name)
    return new_name or name


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
        "environments": pack.get("environments") or [],
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
    """Delete a group, unless it is a default group."""
    require_admin(organization)
    groups = _load(organization)
    _find(groups, name)
    if name in _DEFAULTS:
        bad_request(f"the default Policy Group {name} can't be deleted")
    del groups[name]
    store().write("groups", organization, groups)
    return {}


def required_by(stack: Json, mode: str = "preventative") -> list[Json]:
    """Return the packs that a stack's groups of a mode enable: "preventative" or "audit".

    If several groups enable a pack, the newest version applies, and among equal versions the one
    that was enabled last. Only packs of preventative groups run in previews and updates.
    """
    organization = stack["orgName"]
    chosen: dict[str, Json] = {}
    for group in store().read("groups", organization).values():
        if group["mode"] != mode or not _has(group, stack):
            continue
        for applied in group["packs"]:
            best = chosen.get(applied["name"])
            rank = itemgetter("version", "modified")
            if best is None or rank(applied) > rank(best):
                chosen[applied["name"]] = applied
    required = []
    for pack, applied in chosen.items():
        version = find_version(organization, pack, applied["versionTag"])
        required.append(
            {
                "name": pack,
                "version": version["version"],
                "versionTag": version["versionTag"],
                "displayName": version["displayName"],
                "packLocation": location(version),
                "config": applied["config"],
                "environments": applied["environments"],
                "exceptions": active_exceptions(organization, pack),
            }
        )
    return required
