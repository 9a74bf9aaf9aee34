"""Policy packs: published version by version, and required of stacks through policy groups.

Left out: reading a pack's policies one by one, its readme and metadata in the console, packs that
Pulumi publishes, ESC environments that a pack is given.

Sources: pkg/backend/httpstate/client/client.go, PublishPolicyPack and below;
sdk/go/common/apitype/policy.go; pulumi/docs issue 2843 (the words about a version that exists, and
that a removed one is not free again); Pulumi's documentation, "Policies FAQ" (which version and
configuration hold where a stack is in several groups).
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request

from tools.sandbox.cloud.api import (
    Refused,
    bad_request,
    body,
    not_found,
    require_admin,
    require_member,
    store,
)
from tools.sandbox.cloud.store import Json

routes = Blueprint("packs", __name__)

_PACKS = "/api/orgs/<organization>/policypacks"
_VERSION = f"{_PACKS}/<pack>/versions/<tag>"
_STORAGE = "/storage/<key>"


def versions_of(organization: str, pack: str) -> list[Json]:
    """Return the published versions of a pack, the oldest first, without those removed."""
    found = store().read("packs", organization).get(pack, [])
    return [it for it in found if it["published"] and not it["removed"]]


def find_version(organization: str, pack: str, tag: str) -> Json:
    """Return a version of a pack, the latest for an empty tag.

    Raises:
        Refused: there is none.
    """
    versions = versions_of(organization, pack)
    fitting = [it for it in versions if tag in ("", it["versionTag"])]
    if not fitting:
        wanted = f", Version Tag: {tag}" if tag else ""
        not_found(f"Policy Pack: {pack}{wanted} not found")
    return fitting[-1]


@routes.get(_PACKS)
def list_packs(organization: str) -> Json:
    """List an organization's packs with their versions."""
    require_member(organization)
    packs = []
    for name in store().read("packs", organization):
        if versions := versions_of(organization, name):
            packs.append(
                {
                    "name": name,
                    "displayName": versions[-1]["displayName"],
                    "versions": [it["version"] for it in versions],
                    "versionTags": [it["versionTag"] for it in versions],
                }
            )
    return {"policyPacks": packs}


@routes.post(_PACKS)
def create_version(organization: str) -> Json:
    """Begin to publish a version, and answer where its tarball is to be put."""
    require_admin(organization)
    asked = body()
    names = [policy["name"] for policy in asked["policies"]]
    for name in names:
        if names.count(name) > 1:
            bad_request(f'Duplicate policy name: "{name}"')
    packs = store().read("packs", organization)
    # What was begun and not completed may be begun again.
    versions = [it for it in packs.get(asked["name"], []) if it["published"]]
    number = versions[-1]["version"] + 1 if versions else 1
    # Packs of older SDKs have no version of their own.
    tag = asked.get("versionTag") or str(number)
    if any(it["versionTag"] == tag for it in versions):
        bad_request(f"Policy Pack: {asked['name']}, Version Tag: {tag} already exists")
    version = {
        "version": number,
        "versionTag": tag,
        "displayName": asked["displayName"],
        "policies": asked["policies"],
        # Whoever knows this name may read and write the file, as with an object store's own URLs.
        "storage": secrets.token_urlsafe(24),
        "published": False,
        "removed": False,
    }
    packs[asked["name"]] = [*versions, version]
    store().write("packs", organization, packs)
    return {"version": number, "uploadURI": _location(version)}


def _location(version: Json) -> str:
    return f"{request.host_url.rstrip('/')}{_STORAGE.replace('<key>', version['storage'])}"


@routes.put(_STORAGE)
def upload(key: str) -> Json:
    """Keep a tarball that was announced."""
    announced = {it["storage"] for _, packs in store().list("packs")
                 for versions in packs.values() for it in versions}  # fmt: skip
    if key not in announced:
        raise Refused(HTTPStatus.FORBIDDEN, "the URL is invalid or has expired")
    store().blob(key).write_bytes(request.get_data())
    return {}


@routes.get(_STORAGE)
def download(key: str) -> Any:
    """Give a tarball out."""
    blob = store().blob(key)
    if not blob.exists():
        raise Refused(HTTPStatus.FORBIDDEN, "the URL is invalid or has expired")
    return blob.read_bytes(), {"Content-Type": "application/octet-stream"}


@routes.post(f"{_VERSION}/complete")
def complete_version(organization: str, pack: str, tag: str) -> Json:
    """Publish a version, once its tarball is there."""
    require_admin(organization)
    packs = store().read("packs", organization)
    begun = [it for it in packs.get(pack, []) if it["versionTag"] == tag]
    if not begun or not store().blob(begun[-1]["storage"]).exists():
        bad_request(f"Policy Pack: {pack}, Version Tag: {tag} was not uploaded")
    begun[-1]["published"] = True
    store().write("packs", organization, packs)
    return {}


@routes.get(f"{_VERSION}/schema")
def get_schema(organization: str, pack: str, tag: str) -> Json:
    """Answer the schema of each policy's settings: `pulumi policy validate-config` checks by it."""
    require_member(organization)
    return {"configSchema": schemas(find_version(organization, pack, tag))}


def schemas(version: Json) -> dict[str, Json]:
    """Return policy → the schema of its settings, for those that have one."""
    return {
        policy["name"]: policy["configSchema"]
        for policy in version["policies"]
        if policy.get("configSchema")
    }


@routes.delete(f"{_PACKS}/<pack>")
def remove_pack(organization: str, pack: str) -> Json:
    """Remove all versions of a pack."""
    return _remove(organization, pack, None)


@routes.delete(_VERSION)
def remove_version(organization: str, pack: str, tag: str) -> Json:
    """Remove one version of a pack."""
    return _remove(organization, pack, tag)


def _remove(organization: str, pack: str, tag: str | None) -> Json:
    require_admin(organization)
    find_version(organization, pack, tag or "")
    for group in store().read("groups", organization).values():
        for applied in group["packs"]:
            if applied["name"] == pack and tag in (None, applied["versionTag"]):
                bad_request(f"Policy Pack: {pack} is enabled in Policy Group: {group['name']}")
    packs = store().read("packs", organization)
    for version in packs[pack]:
        if tag in (None, version["versionTag"]):
            # It stays known, so that its tag is never used again.
            version["removed"] = True
    store().write("packs", organization, packs)
    return {}


def required_by(full: str) -> list[Json]:
    """Return the packs that a stack, named in full, requires, as the CLI is told.

    Of several groups that enable a pack the newest version counts, and among equal versions what
    was enabled last. Groups that only audit require nothing.
    """
    organization = full.partition("/")[0]
    chosen: dict[str, Json] = {}
    for group in store().read("groups", organization).values():
        if group["mode"] != "preventative" or full not in group["stacks"]:
            continue
        for applied in group["packs"]:
            best = chosen.get(applied["name"])
            rank = ("version", "modified")
            if best is None or [applied[it] for it in rank] > [best[it] for it in rank]:
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
                "packLocation": _location(version),
                "config": applied["config"],
            }
        )
    return required
