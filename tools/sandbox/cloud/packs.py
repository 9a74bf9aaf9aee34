"""Policy packs: their published versions.

Left out: a pack's readme and metadata in the console, and packs that Pulumi publishes.

Source: Pulumi, pkg/backend/httpstate/client/client.go, PublishPolicyPack and below, and
sdk/go/common/apitype/policy.go; issue 2843 of pulumi/docs (the error for an existing version, and
that the tag of a removed version can't be used again).
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
    """Return the published versions of a pack, oldest first, without removed ones."""
    versions = store().read("packs", organization).get(pack, [])
    return [each for each in versions if each["published"] and not each["removed"]]


def find_version(organization: str, pack: str, tag: str) -> Json:
    """Return a version of a pack by its tag, or the latest if the tag is empty.

    Raises:
        Refused: there is no such version.
    """
    versions = versions_of(organization, pack)
    matching = [each for each in versions if tag in ("", each["versionTag"])]
    if not matching:
        version = f", Version Tag: {tag}" if tag else ""
        not_found(f"Policy Pack: {pack}{version} not found")
    return matching[-1]


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
                    "versions": [each["version"] for each in versions],
                    "versionTags": [each["versionTag"] for each in versions],
                }
            )
    return {"policyPacks": packs}


@routes.post(_PACKS)
def create_version(organization: str) -> Json:
    """Create an unpublished version, and return the URL for its tarball."""
    require_admin(organization)
    pack = body()
    names = [policy["name"] for policy in pack["policies"]]
    for name in names:
        if names.count(name) > 1:
            bad_request(f'Duplicate policy name: "{name}"')
    packs = store().read("packs", organization)
    # A version that was never completed is dropped.
    versions = [each for each in packs.get(pack["name"], []) if each["published"]]
    number = versions[-1]["version"] + 1 if versions else 1
    # Packs that use an old SDK send no tag.
    tag = pack.get("versionTag") or str(number)
    if any(each["versionTag"] == tag for each in versions):
        bad_request(f"Policy Pack: {pack['name']}, Version Tag: {tag} already exists")
    version = {
        "version": number,
        "versionTag": tag,
        "displayName": pack["displayName"],
        "policies": pack["policies"],
        "received": {name: value for name, value in pack.items() if name != "policies"},
        # Anyone who knows this name can read and write the file, as with a presigned URL.
        "storage": secrets.token_urlsafe(24),
        "published": False,
        "removed": False,
    }
    packs[pack["name"]] = [*versions, version]
    store().write("packs", organization, packs)
    return {"version": number, "uploadURI": location(version)}


def location(version: Json) -> str:
    """Return the URL of a version's tarball."""
    return f"{request.host_url.rstrip('/')}{_STORAGE.replace('<key>', version['storage'])}"


@routes.put(_STORAGE)
def upload(key: str) -> Json:
    """Store the tarball of a created version."""
    keys = {each["storage"] for _, packs in store().list("packs")
            for versions in packs.values() for each in versions}  # fmt: skip
    if key not in keys:
        raise Refused(HTTPStatus.FORBIDDEN, "the URL is invalid or has expired")
    store().blob(key).write_bytes(request.get_data())
    return {}


@routes.get(_STORAGE)
def download(key: str) -> Any:
    """Return a tarball."""
    blob = store().blob(key)
    if not blob.exists():
        raise Refused(HTTPStatus.FORBIDDEN, "the URL is invalid or has expired")
    return blob.read_bytes(), {"Content-Type": "application/octet-stream"}


@routes.post(f"{_VERSION}/complete")
def complete_version(organization: str, pack: str, tag: str) -> Json:
    """Publish a version whose tarball was uploaded."""
    require_admin(organization)
    packs = store().read("packs", organization)
    versions = [each for each in packs.get(pack, []) if each["versionTag"] == tag]
    if not versions or not store().blob(versions[-1]["storage"]).exists():
        bad_request(f"Policy Pack: {pack}, Version Tag: {tag} was not uploaded")
    versions[-1]["published"] = True
    store().write("packs", organization, packs)
    return {}


@routes.get(_VERSION)
def get_version(organization: str, pack: str, tag: str) -> Json:
    """Return a version with its policies, which the CLI shows after it has published it."""
    require_member(organization)
    version = find_version(organization, pack, tag)
    shown = ("displayName", "version", "versionTag", "policies")
    return {
        "name": pack,
        **{key: version[key] for key in shown},
        "applied": bool(_groups_with(organization, pack, tag)),
    }


@routes.get(f"{_VERSION}/schema")
def get_schema(organization: str, pack: str, tag: str) -> Json:
    """Return the schemas of the policies' settings, for `pulumi policy validate-config`."""
    require_member(organization)
    return {"configSchema": schemas(find_version(organization, pack, tag))}


def schemas(version: Json) -> dict[str, Json]:
    """Return policy → the schema of its settings, for policies that have one."""
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
    for group in _groups_with(organization, pack, tag):
        bad_request(f"Policy Pack: {pack} is enabled in Policy Group: {group}")
    packs = store().read("packs", organization)
    for version in packs[pack]:
        if tag in (None, version["versionTag"]):
            # It stays in the list, so that its tag is never used again.
            version["removed"] = True
    store().write("packs", organization, packs)
    return {}


def _groups_with(organization: str, pack: str, tag: str | None) -> list[str]:
    """Return the names of the groups that enable a version of a pack, or any version of it."""
    return [
        name
        for name, group in store().read("groups", organization).items()
        for applied in group["packs"]
        if applied["name"] == pack and tag in (None, applied["versionTag"])
    ]
