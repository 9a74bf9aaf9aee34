"""The pretend Pulumi Cloud: its data, its authorization, and the requests that it refuses.

tests/engine/test_organization.py tests it with the CLI and the policy pack.
"""

from __future__ import annotations

import base64
import gzip
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from tools.sandbox import Account, Result
from tools.sandbox.cloud import Cloud, Request, User
from tools.sandbox.cloud.stacks import PAGE

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PACKS = "/api/orgs/acme/policypacks"
GROUPS = "/api/orgs/acme/policygroups"
DEFAULT = f"{GROUPS}/default-policy-group"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A Cloud with an organization, its admin, a member, and a user of another organization."""
    with Cloud.start(tmp_path / "cloud") as running:
        running.invite("ana", "acme", role="admin")
        running.invite("dev", "acme")
        running.invite("eve", "other", role="admin")
        yield running
        # An error in the Cloud itself writes a traceback here.
        assert (running.folder / "server.log").read_text(encoding="utf-8") == ""


def call(
    cloud: Cloud,
    method: str,
    path: str,
    body: Any = None,
    *,
    auth: str = "token pul-ana",
    compress: bool = False,
) -> tuple[int, Any]:
    """Send a request as the CLI does, and return the status and the body of the response."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": auth, "Content-Type": "application/json"}
    if compress and data is not None:
        data, headers["Content-Encoding"] = gzip.compress(data), "gzip"
    url = path if path.startswith("http:") else cloud.endpoint + path
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 a local URL
    try:
        response = OPENER.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        content = response.read()
        return response.status, json.loads(content) if content else None


def ok(*args: Any, **options: Any) -> Any:
    status, response = call(*args, **options)
    assert status == 200, response
    return response


def publish(cloud: Cloud, tag: str, *policies: str, schema: Any = None) -> dict[str, Any]:
    """Publish a version of the pack `tiny`, whose tarball is not a real one."""
    listed = [{"name": name, "configSchema": schema} for name in policies or ("one",)]
    pack = {"name": "tiny", "displayName": "Tiny", "versionTag": tag, "policies": listed}
    created: dict[str, Any] = ok(cloud, "POST", PACKS, pack)
    ok(cloud, "PUT", created["uploadURI"], {"tag": tag}, auth="")
    ok(cloud, "POST", f"{PACKS}/tiny/versions/{tag}/complete")
    return created


def enable(cloud: Cloud, tag: str, config: Any = None, group: str = DEFAULT) -> tuple[int, Any]:
    pack = {"name": "tiny", "versionTag": tag, "config": config}
    return call(cloud, "PATCH", group, {"addPolicyPack": pack})


def new_stack(cloud: Cloud, name: str = "dev") -> str:
    ok(cloud, "POST", "/api/stacks/acme/orders", {"stackName": name})
    return f"/api/stacks/acme/orders/{name}"


def required(cloud: Cloud, stack: str) -> list[dict[str, Any]]:
    packs: list[dict[str, Any]] = ok(cloud, "GET", f"{stack}/policypacks")["requiredPolicies"]
    return packs


UPDATE: dict[str, Any] = {
    "options": {"dryRun": False},
    "config": {},
    "metadata": {"message": "", "environment": {}},
}


@pytest.mark.parametrize("auth", ["", "token", "token pul-nobody", "Bearer pul-ana"])
def test_an_invalid_token(cloud: Cloud, auth: str) -> None:
    status, response = call(cloud, "GET", "/api/user", auth=auth)
    assert status == 401
    assert response["message"] == "Unauthorized: No credentials provided or are invalid."


def test_other_users_see_nothing(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1.0.0")
    for path in (stack, f"{stack}/export", f"{stack}/policypacks", PACKS, GROUPS, DEFAULT):
        assert call(cloud, "GET", path, auth="token pul-eve")[0] == 404
    assert ok(cloud, "GET", "/api/user/stacks", auth="token pul-eve") == {"stacks": []}
    assert call(cloud, "HEAD", "/api/stacks/acme/orders", auth="token pul-eve")[0] == 404


def test_a_list_of_stacks_has_pages(cloud: Cloud) -> None:
    created = [f"s{number:02}" for number in range(PAGE + 1)]
    for name in created:
        new_stack(cloud, name)
    first = ok(cloud, "GET", "/api/user/stacks?organization=acme")
    token = first["continuationToken"]
    last = ok(cloud, "GET", f"/api/user/stacks?organization=acme&continuationToken={token}")
    assert "continuationToken" not in last
    assert [each["stackName"] for each in first["stacks"]] == created[:PAGE]
    assert [each["stackName"] for each in last["stacks"]] == created[PAGE:]


def test_permissions_for_a_stack(cloud: Cloud) -> None:
    path = new_stack(cloud)
    texts = {
        "ciphertexts": [ok(cloud, "POST", f"{path}/encrypt", {"plaintext": "aA=="})["ciphertext"]]
    }
    requests = [("GET", f"{path}/export", None), ("POST", f"{path}/batch-decrypt", texts)]
    expected = {"none": [404, 404], "list": [403, 403], "read": [200, 403]}
    permissions: tuple[Literal["none", "list", "read"], ...] = ("none", "list", "read")
    for permission in permissions:
        cloud.restrict("acme/orders/dev", "dev", permission)
        answers = [call(cloud, *request, auth="token pul-dev") for request in requests]
        assert [status for status, _ in answers] == expected[permission]
        listed = ok(cloud, "GET", "/api/user/stacks", auth="token pul-dev")["stacks"]
        assert bool(listed) == (permission != "none")
    assert answers[1][1]["message"] == (
        "Forbidden: You don't have permission for the stack 'acme/orders/dev'."
    )
    assert ok(cloud, *requests[1])["plaintexts"]


def test_members_cannot_change_policies(cloud: Cloud) -> None:
    publish(cloud, "1.0.0")
    for method, path in (
        ("POST", PACKS), ("POST", f"{PACKS}/tiny/versions/1.0.0/complete"),
        ("DELETE", f"{PACKS}/tiny"), ("DELETE", f"{PACKS}/tiny/versions/1.0.0"),
        ("POST", GROUPS), ("PATCH", DEFAULT), ("PATCH", f"{DEFAULT}/batch"), ("DELETE", DEFAULT),
        ("POST", EXCEPTIONS), ("DELETE", f"{EXCEPTIONS}/EXC-1"),
    ):  # fmt: skip
        assert call(cloud, method, path, {}, auth="token pul-dev")[0] == 403
    for path in (PACKS, f"{PACKS}/tiny/versions/1.0.0/schema", GROUPS, DEFAULT):
        assert call(cloud, "GET", path, auth="token pul-dev")[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/orgs/acme/members"),
        ("DELETE", "/api/user"),
        ("OPTIONS", "/api/user"),
        ("PATCH", "/api/stacks/acme/orders/dev/update/1/checkpointdelta"),
        ("GET", "/"),
    ],
)
def test_an_unknown_request_is_refused_and_recorded(cloud: Cloud, method: str, path: str) -> None:
    status, response = call(cloud, method, path)
    assert status == 404
    assert (
        response["message"] == f"Not Found: the pretend Pulumi Cloud doesn't know {method} {path}"
    )
    assert cloud.unknown() == [Request(method, path, 404, known=False)]
    ok(cloud, "GET", "/api/user")
    assert cloud.requests()[-1] == Request("GET", "/api/user", 200, known=True)


def test_a_version_is_published_once_it_is_complete_and_only_once(cloud: Cloud) -> None:
    pack = {"name": "tiny", "displayName": "Tiny", "versionTag": "1", "policies": [{"name": "a"}]}
    created = ok(cloud, "POST", PACKS, pack)
    assert call(cloud, "POST", f"{PACKS}/tiny/versions/1/complete")[0] == 400
    assert ok(cloud, "GET", PACKS) == {"policyPacks": []}
    assert enable(cloud, "1")[0] == 404
    # A version that was not completed can be created again, with another URL.
    assert publish(cloud, "1")["uploadURI"] != created["uploadURI"]
    assert call(cloud, "PUT", created["uploadURI"], {}, auth="")[0] == 403
    status, response = call(cloud, "POST", PACKS, pack)
    assert (status, response["message"]) == (
        400, "Bad Request: Policy Pack: tiny, Version Tag: 1 already exists",
    )  # fmt: skip
    pack["policies"] = [{"name": "a"}, {"name": "a"}]
    assert 'Duplicate policy name: "a"' in call(cloud, "POST", PACKS, pack)[1]["message"]


def test_the_tag_of_a_removed_version_cannot_be_used_again(cloud: Cloud) -> None:
    for tag in ("1", "2"):
        publish(cloud, tag)
    assert enable(cloud, "1")[0] == 200
    assert call(cloud, "DELETE", f"{PACKS}/tiny/versions/1")[0] == 400
    assert call(cloud, "DELETE", f"{PACKS}/tiny")[0] == 400
    ok(cloud, "DELETE", f"{PACKS}/tiny/versions/2")
    (pack,) = ok(cloud, "GET", PACKS)["policyPacks"]
    assert pack["versionTags"] == ["1"]
    assert enable(cloud, "2")[0] == 404
    again = {"name": "tiny", "displayName": "Tiny", "versionTag": "2", "policies": []}
    assert call(cloud, "POST", PACKS, again)[0] == 400
    assert call(cloud, "DELETE", f"{PACKS}/tiny/versions/3")[0] == 404


SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"one": {"days": 1}, "two": {"days": 2, "enforcementLevel": "advisory"}}, None),
        ({"one": {"days": "1"}, "two": {"days": 2}}, "one: days: '1' is not of type 'integer'"),
        ({"one": {"days": 1}}, "two: : 'days' is a required property"),
        (
            {"all": {"enforcementLevel": "strict"}, "one": {"days": 1}, "two": {"days": 2}},
            "all: 'strict' is not a valid enforcement level",
        ),
        # As in the CLI, settings of unknown policies are ignored.
        ({"three": {}, "one": {"days": 1, "more": 1}, "two": {"days": 2}}, None),
    ],
)
def test_settings_are_checked_when_a_pack_is_enabled(
    cloud: Cloud, config: Any, fault: str | None
) -> None:
    publish(cloud, "1", "one", "two", schema=SCHEMA)
    schemas = ok(cloud, "GET", f"{PACKS}/tiny/versions/1/schema")
    assert schemas == {"configSchema": {"one": SCHEMA, "two": SCHEMA}}
    status, response = enable(cloud, "1", config)
    if fault is None:
        assert status == 200, response
    else:
        assert status == 400
        assert response["message"] == f"Bad Request: policy pack configuration is invalid: {fault}"


def test_new_stacks_join_the_default_group_and_can_leave_it(cloud: Cloud) -> None:
    publish(cloud, "1")
    before = new_stack(cloud, "before")
    assert required(cloud, before) == []
    assert enable(cloud, "", {"one": {}})[0] == 200
    after = new_stack(cloud, "after")
    (pack,) = required(cloud, before)
    assert (pack["name"], pack["versionTag"], pack["config"]) == ("tiny", "1", {"one": {}})
    assert ok(cloud, "GET", pack["packLocation"], auth="") == {"tag": "1"}
    assert required(cloud, after) == required(cloud, before)
    leaving = {"removeStack": {"name": "after", "routingProject": "orders"}}
    ok(cloud, "PATCH", DEFAULT, leaving)
    assert required(cloud, after) == []
    ok(cloud, "DELETE", before)
    assert ok(cloud, "GET", DEFAULT)["stacks"] == []


def test_the_newest_version_and_the_last_settings_of_several_groups_apply(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    for tag in ("1", "2"):
        publish(cloud, tag)
    for name, mode in (("production", "preventative"), ("watched", "audit")):
        ok(cloud, "POST", GROUPS, {"name": name, "entityType": "stacks", "mode": mode})
        ok(cloud, "PATCH", f"{GROUPS}/{name}",
           {"addStack": {"name": "dev", "routingProject": "orders"}})  # fmt: skip
    production = f"{GROUPS}/production"

    def version_and_settings() -> tuple[str, Any]:
        (pack,) = required(cloud, stack)
        return pack["versionTag"], pack["config"]

    enable(cloud, "2", {"one": {"from": "watched"}}, f"{GROUPS}/watched")
    assert required(cloud, stack) == []
    enable(cloud, "2", {"one": {"from": "production"}}, production)
    enable(cloud, "1", {"one": {"from": "default"}})
    assert version_and_settings() == ("2", {"one": {"from": "production"}})
    enable(cloud, "", {"one": {"from": "default"}})
    assert version_and_settings() == ("2", {"one": {"from": "default"}})
    enable(cloud, "2", {"one": {"from": "production"}}, production)
    assert version_and_settings() == ("2", {"one": {"from": "production"}})
    # Publishing a later version doesn't enable it.
    publish(cloud, "3")
    assert version_and_settings()[0] == "2"
    not_enabled = {"removePolicyPack": {"name": "tiny", "versionTag": "1"}}
    assert call(cloud, "PATCH", production, not_enabled)[0] == 404
    ok(cloud, "PATCH", production, {"removePolicyPack": {"name": "tiny"}})
    assert version_and_settings() == ("2", {"one": {"from": "default"}})
    assert call(cloud, "DELETE", DEFAULT)[0] == 400
    ok(cloud, "DELETE", production)
    assert call(cloud, "GET", production)[0] == 404


def test_a_groups_lists_are_replaced_as_a_whole(cloud: Cloud) -> None:
    new_stack(cloud)
    for tag in ("1", "2"):
        publish(cloud, tag)
    enable(cloud, "1", {"one": {"kept": 1}})
    packs = ok(cloud, "GET", DEFAULT)["appliedPolicyPacks"]
    ok(cloud, "PATCH", DEFAULT, {"stacks": [], "policyPacks": packs})
    group = ok(cloud, "GET", DEFAULT)
    assert (group["stacks"], group["appliedPolicyPacks"]) == ([], packs)
    ok(cloud, "PATCH", DEFAULT, {"policyPacks": [{"name": "tiny", "version": 2}]})
    assert ok(cloud, "GET", DEFAULT)["appliedPolicyPacks"][0]["versionTag"] == "2"
    unknown = {"stacks": [{"name": "none", "routingProject": "orders"}]}
    assert call(cloud, "PATCH", DEFAULT, unknown)[0] == 404
    assert call(cloud, "PATCH", DEFAULT, {"newName": "mine"})[0] == 400


def test_what_no_one_can_do_to_a_default_group(cloud: Cloud) -> None:
    defaults = {group["name"]: group["mode"] for group in ok(cloud, "GET", GROUPS)["policyGroups"]}
    assert defaults == {
        "default-policy-group": "preventative", "default-accounts-policy-group": "audit",
    }  # fmt: skip
    for name in defaults:
        assert ok(cloud, "GET", f"{GROUPS}/{name}")["isOrgDefault"]
        for change in ({"newName": "mine"}, {"stackMatchRule": TEAM}):
            assert call(cloud, "PATCH", f"{GROUPS}/{name}", change)[0] == 400
        assert call(cloud, "DELETE", f"{GROUPS}/{name}")[0] == 400


def test_the_mode_of_a_new_group(cloud: Cloud) -> None:
    for name, words in (
        ("a", {"mode": "audit"}), ("b", {"entityType": "accounts"}),
        ("c", {"mode": "preventative"}), ("d", {"entityType": "stacks"}),
    ):  # fmt: skip
        ok(cloud, "POST", GROUPS, {"name": name, **words})
    groups = ok(cloud, "GET", GROUPS)["policyGroups"][2:]
    assert [group["mode"] for group in groups] == [*["audit"] * 2, *["preventative"] * 2]
    assert [group["entityType"] for group in groups] == [*["accounts"] * 2, *["stacks"] * 2]
    assert call(cloud, "POST", GROUPS, {"name": "e"})[0] == 400
    assert call(cloud, "PATCH", f"{GROUPS}/c", {"accountMatchRule": TEAM})[0] == 400
    ok(cloud, "PATCH", f"{GROUPS}/a", {"accountMatchRule": TEAM})
    assert ok(cloud, "GET", f"{GROUPS}/a")["accountMatchRule"] == TEAM
    # The pretend Cloud has no account to add.
    account = {"addInsightsAccount": {"name": "production-aws"}}
    assert call(cloud, "PATCH", f"{GROUPS}/a", account)[0] == 400


def tag(key: str, value: str) -> dict[str, Any]:
    """Return a rule as the CLI sends it: policy_group_rules_test.go, tagEqualsJSON."""
    left = {"context": {"__type": "PermissionExpressionStack"}, "key": key}
    return {
        "__type": "PermissionExpressionEqual",
        "left": {"__type": "PermissionExpressionTag", **left},
        "right": {"__type": "PermissionLiteralExpressionString", "value": value},
    }


TEAM = tag("team", "orders")


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        (TEAM, True),
        (tag("team", "web"), False),
        ({"__type": "PermissionExpressionNot", "node": tag("team", "web")}, True),
        ({"__type": "PermissionExpressionHasTag", "key": "env"}, True),
        ({"__type": "PermissionExpressionHasTag", "key": "owner"}, False),
        ({"__type": "PermissionExpressionAnd", "left": TEAM, "right": tag("env", "x")}, False),
        ({"__type": "PermissionExpressionOr", "left": TEAM, "right": tag("env", "x")}, True),
    ],
)
def test_a_rule_adds_stacks_by_their_tags(cloud: Cloud, rule: Any, holds: bool) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1")
    ok(cloud, "POST", GROUPS, {"name": "tagged", "mode": "preventative", "stackMatchRule": rule})
    assert enable(cloud, "1", group=f"{GROUPS}/tagged")[0] == 200
    ok(cloud, "PATCH", f"{stack}/tags", {"team": "orders", "env": "prod"})
    names = {group["name"] for group in ok(cloud, "GET", f"{stack}/policygroups")["policyGroups"]}
    assert names == {"default-policy-group", *(["tagged"] if holds else [])}
    assert bool(required(cloud, stack)) is holds
    # A stack that is added by its name stays when the rule is removed.
    ok(cloud, "PATCH", f"{GROUPS}/tagged", {"removeStackMatchRule": True})
    assert required(cloud, stack) == []
    ok(cloud, "PATCH", f"{GROUPS}/tagged",
       {"addStack": {"name": "dev", "routingProject": "orders"}})  # fmt: skip
    assert len(required(cloud, stack)) == 1


def test_a_batch_changes_everything_or_nothing(cloud: Cloud) -> None:
    new_stack(cloud)
    publish(cloud, "1")
    batch = f"{DEFAULT}/batch"
    added = {"addPolicyPack": {"name": "tiny", "versionTag": "1"}}
    assert call(cloud, "PATCH", batch, [added, {"newName": "mine"}])[0] == 400
    assert ok(cloud, "GET", DEFAULT)["appliedPolicyPacks"] == []
    removed = {"removeStack": {"name": "dev", "routingProject": "orders"}}
    ok(cloud, "PATCH", batch, [added, removed])
    group = ok(cloud, "GET", DEFAULT)
    assert (group["stacks"], len(group["appliedPolicyPacks"])) == ([], 1)
    ok(cloud, "POST", GROUPS, {"name": "a", "mode": "audit"})
    ok(cloud, "PATCH", f"{GROUPS}/a/batch", [{"newName": "b"}, {"stackMatchRule": TEAM}])
    assert ok(cloud, "GET", f"{GROUPS}/b")["stackMatchRule"] == TEAM


def test_a_version_is_read_back(cloud: Cloud) -> None:
    publish(cloud, "1", "one", "two")
    path = f"{PACKS}/tiny/versions/1"
    version = ok(cloud, "GET", path)
    assert [policy["name"] for policy in version.pop("policies")] == ["one", "two"]
    read = {"name": "tiny", "displayName": "Tiny", "version": 1, "versionTag": "1"}
    assert version == {**read, "applied": False}
    enable(cloud, "1")
    assert ok(cloud, "GET", path)["applied"] is True
    assert call(cloud, "GET", f"{PACKS}/tiny/versions/2")[0] == 404
    assert call(cloud, "GET", path, auth="token pul-eve")[0] == 404


def test_the_packs_that_only_audit_a_stack(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1")
    audit = f"{GROUPS}/default-accounts-policy-group"
    ok(cloud, "PATCH", audit, {"addStack": {"name": "dev", "routingProject": "orders"}})
    enable(cloud, "1", group=audit)
    assert required(cloud, stack) == []
    audited = ok(cloud, "GET", f"{stack}/policypacks?mode=audit")["requiredPolicies"]
    assert [pack["name"] for pack in audited] == ["tiny"]


def test_environments_are_replaced_when_a_pack_is_enabled_again(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1")
    pack = {"name": "tiny", "versionTag": "1", "environments": ["policies/keys"]}
    ok(cloud, "PATCH", DEFAULT, {"addPolicyPack": pack})
    assert ok(cloud, "GET", DEFAULT)["appliedPolicyPacks"][0]["environments"] == ["policies/keys"]
    assert required(cloud, stack)[0]["environments"] == ["policies/keys"]
    enable(cloud, "1")
    assert required(cloud, stack)[0]["environments"] == []


EXCEPTIONS = "/api/orgs/acme/policy/exceptions"
EXCEPTION: dict[str, Any] = {
    "policyPack": "tiny",
    "reason": "moved",
    "match": [{"policies": ["one"], "targets": ["urn:pulumi:dev::orders::a:b:C::name"]}],
}


def test_exceptions_are_sent_with_their_pack(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1")
    enable(cloud, "1")
    status, created = call(cloud, "POST", EXCEPTIONS, EXCEPTION)
    assert (status, created["id"], created["status"]) == (201, "EXC-1", "active")
    # The same request returns the exception that exists.
    assert call(cloud, "POST", EXCEPTIONS, EXCEPTION) == (200, created)
    call(cloud, "POST", EXCEPTIONS, {**EXCEPTION, "policyPack": "other"})
    sent = {"EXC-1": {"reason": "moved", "match": EXCEPTION["match"]}}
    assert required(cloud, stack)[0]["exceptions"] == sent
    created_update = ok(cloud, "POST", f"{stack}/preview", UPDATE)
    assert created_update["requiredPolicies"][0]["exceptions"] == sent

    def listed(query: str = "") -> list[str]:
        return [each["id"] for each in ok(cloud, "GET", EXCEPTIONS + query)["exceptions"]]

    assert listed() == ["EXC-2", "EXC-1"]
    assert listed("?policyPack=tiny") == ["EXC-1"]
    assert listed("?policy=two") == listed("?stack=orders/prod") == []
    assert listed("?policy=one&stack=orders/dev") == ["EXC-2", "EXC-1"]

    # A removed exception stays listed, and its ID is not used again.
    ok(cloud, "DELETE", f"{EXCEPTIONS}/EXC-1")
    assert required(cloud, stack)[0]["exceptions"] == {}
    assert listed() == ["EXC-2"]
    assert listed("?status=removed") == ["EXC-1"]
    removed = ok(cloud, "GET", f"{EXCEPTIONS}/EXC-1")
    assert (removed["status"], removed["removedBy"]["githubLogin"]) == ("removed", "ana")
    assert call(cloud, "POST", EXCEPTIONS, EXCEPTION)[1]["id"] == "EXC-3"
    assert call(cloud, "GET", f"{EXCEPTIONS}/EXC-9")[0] == 404


def test_an_exception_expires(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1")
    enable(cloud, "1")
    call(cloud, "POST", EXCEPTIONS, {**EXCEPTION, "expiresInSeconds": 3600})
    assert list(required(cloud, stack)[0]["exceptions"]) == ["EXC-1"]
    file = cloud.folder / "exceptions" / "acme.json"
    exceptions = json.loads(file.read_text(encoding="utf-8"))
    exceptions["EXC-1"]["expiresAt"] = "2020-01-01T00:00:00+00:00"
    file.write_text(json.dumps(exceptions), encoding="utf-8")
    assert required(cloud, stack)[0]["exceptions"] == {}
    assert ok(cloud, "GET", f"{EXCEPTIONS}/EXC-1")["status"] == "removed"


@pytest.mark.parametrize(
    "fault",
    [
        {"match": []}, {"match": EXCEPTION["match"] * 101}, {"reason": " "}, {"reason": "a" * 2049},
        {"expiresInSeconds": 60}, {"expiresInSeconds": 3601}, {"expiresInSeconds": 3651 * 86_400},
    ],
)  # fmt: skip
def test_a_wrong_exception_is_refused(cloud: Cloud, fault: dict[str, Any]) -> None:
    assert call(cloud, "POST", EXCEPTIONS, {**EXCEPTION, **fault})[0] == 400
    assert ok(cloud, "GET", EXCEPTIONS) == {"exceptions": []}


def test_an_update_needs_its_token_and_locks_the_stack(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    first, second = (ok(cloud, "POST", f"{stack}/update", UPDATE)["updateID"] for _ in range(2))
    started = ok(cloud, "POST", f"{stack}/update/{first}", {})
    assert started["version"] == 1
    status, response = call(cloud, "POST", f"{stack}/update/{second}", {})
    assert (status, response["message"]) == (
        409, "Conflict: Another update is currently in progress.",
    )  # fmt: skip
    state = {"version": 3, "deployment": {"resources": [{"urn": "a"}]}}
    path = f"{stack}/update/{first}/checkpoint"
    for auth in ("token pul-ana", "update-token none", ""):
        assert call(cloud, "PATCH", path, state, auth=auth)[0] == 403
    token = f"update-token {started['token']}"
    ok(cloud, "PATCH", path, state, auth=token, compress=True)
    # An invalid checkpoint doesn't replace the last one.
    ok(cloud, "PATCH", path, {"isInvalid": True, "version": 3}, auth=token)
    ok(cloud, "POST", f"{stack}/update/{first}/renew_lease", {"duration": 300}, auth=token)
    ok(cloud, "POST", f"{stack}/update/{first}/complete", {"status": "succeeded"}, auth=token)
    assert call(cloud, "PATCH", path, state, auth=token)[0] == 403
    assert ok(cloud, "GET", f"{stack}/export") == state
    assert ok(cloud, "GET", stack)["version"] == 1
    (update,) = ok(cloud, "GET", f"{stack}/updates")["updates"]
    assert update["result"] == "succeeded"
    assert ok(cloud, "GET", f"{stack}/updates/latest")["info"]["version"] == 1
    ok(cloud, "POST", f"{stack}/update/{second}", {})
    assert call(cloud, "DELETE", stack)[1]["message"] == (
        "Bad Request: Stack still contains resources."
    )
    ok(cloud, "DELETE", f"{stack}?force=true")
    assert call(cloud, "GET", stack)[0] == 404


def test_only_previews_and_updates_run_packs(cloud: Cloud) -> None:
    stack = new_stack(cloud)
    publish(cloud, "1")
    enable(cloud, "1")
    counts = {
        kind: len(ok(cloud, "POST", f"{stack}/{kind}", UPDATE)["requiredPolicies"])
        for kind in ("preview", "update", "refresh", "destroy")
    }
    assert counts == {"preview": 1, "update": 1, "refresh": 0, "destroy": 0}


def test_another_stack_cannot_decrypt_a_secret(cloud: Cloud) -> None:
    stack, other = new_stack(cloud), new_stack(cloud, "other")
    plain = [base64.b64encode(text).decode() for text in (b"hunter2", b"", b"hunter2")]
    secret = ok(cloud, "POST", f"{stack}/batch-encrypt", {"plaintexts": plain})["ciphertexts"]
    assert len({*secret, *plain}) == 5
    decrypted = ok(cloud, "POST", f"{stack}/batch-decrypt", {"ciphertexts": secret})["plaintexts"]
    assert [decrypted[text] for text in secret] == plain
    one = ok(cloud, "POST", f"{stack}/encrypt", {"plaintext": plain[0]})
    assert ok(cloud, "POST", f"{stack}/decrypt", one) == {"plaintext": plain[0]}
    assert call(cloud, "POST", f"{other}/decrypt", one)[0] == 400
    assert call(cloud, "POST", f"{stack}/decrypt", {"ciphertext": plain[0]})[0] == 400


def test_the_data_survives_a_restart(tmp_path: Path) -> None:
    with Cloud.start(tmp_path) as first:
        first.invite("ana", "acme", role="admin")
        stack = new_stack(first)
        publish(first, "1")
        enable(first, "1")
    with Cloud.start(tmp_path) as second:
        assert second.token("ana") == "pul-ana"
        assert ok(second, "GET", stack)["stackName"] == "dev"
        (pack,) = required(second, stack)
        assert ok(second, "GET", pack["packLocation"], auth="") == {"tag": "1"}


def test_the_life_of_a_stack_on_the_real_cli(
    cloud: Cloud, tmp_path: Path, sandbox_account: Account
) -> None:
    sandbox_account.reset()
    dev = User(tmp_path / "dev", cloud, "dev", account=sandbox_account)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: orders\nruntime: python\n")
    (folder / "__main__.py").write_text(
        "import pulumi, pulumi_aws as aws\n"
        "queue = aws.sqs.Queue('queue')\n"
        "pulumi.export('password', pulumi.Config().require_secret('password'))\n"
    )

    def run(*args: str) -> Result:
        result = dev.pulumi(*args, cwd=folder)
        assert result.exit_code == 0, result.output
        return result

    run("stack", "init", "acme/live")
    assert "already exists" in dev.pulumi("stack", "init", "acme/live", cwd=folder).output
    run("config", "set", "--secret", "password", "hunter2")
    assert run("config", "get", "password").stdout.strip() == "hunter2"
    run("preview")
    run("up", "--yes")
    assert run("stack", "output", "--show-secrets", "password").stdout.strip() == "hunter2"
    exported = run("stack", "export").stdout
    assert "hunter2" not in exported
    assert "hunter2" in run("stack", "export", "--show-secrets").stdout
    run("stack", "tag", "set", "team", "orders")
    assert "orders" in run("stack", "tag", "get", "team").stdout
    (listed,) = json.loads(run("stack", "ls", "--json").stdout)
    assert listed["name"] in ("acme/live", "live")
    assert listed["resourceCount"] == 3
    (folder / "state.json").write_text(exported)
    run("stack", "import", "--file", "state.json")
    run("refresh", "--yes")
    assert "still has resources" in dev.pulumi("stack", "rm", "--yes", cwd=folder).output
    run("destroy", "--yes")
    kinds = [update["kind"] for update in json.loads(run("stack", "history", "--json").stdout)]
    assert kinds == ["destroy", "refresh", "import", "update"]
    run("stack", "rm", "--yes")
    assert json.loads(run("stack", "ls", "--json").stdout) == []
    assert cloud.unknown() == []
