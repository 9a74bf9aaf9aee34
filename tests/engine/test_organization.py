"""The pack in Pulumi Cloud: published, enabled with settings, and enforced on every stack.

The developer passes no option and has no pack installed. The CLI downloads the pack, installs its
requirements into the pack's own virtual environment, and runs it. The tests share the developer's
Pulumi home, so `first_preview` runs the first command in it.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine.test_policy_config import written
from tests.project import DECLARED, DEPLOYED, UNDETERMINED, Project, for_all_policies, reported
from tests.tools.release.cli import run
from tools import CHECKOUT
from tools.demo import organization as demo
from tools.sandbox import Account, Result, organization
from tools.sandbox import __main__ as sandbox_command
from tools.sandbox.cloud import Cloud, Request, User

PACK = "acme/dynamodb-kms-encryption"
OLD, NEW = "0.1.0", "0.2.0"
STRICT = for_all_policies(requireCustomerManagedKey=True)


def copy_pack(pack: Path, folder: Path, version: str) -> Path:
    """Copy the pack with another version. It uses the virtual environment of the tests."""
    shutil.copytree(pack / "policies", folder / "policies")
    for name in (".gitignore", "PulumiPolicy.yaml", "__main__.py", "requirements.txt"):
        shutil.copy(pack / name, folder)
    project = folder / "PulumiPolicy.yaml"
    text = re.sub(r"(?m)^version: .*$", f"version: {version}", project.read_text(encoding="utf-8"))
    project.write_text(text, encoding="utf-8")
    (folder / "venv").symlink_to(sys.prefix)
    return folder


@dataclass
class Organization:
    """The organization acme in the pretend Pulumi Cloud.

    Attributes:
        cloud: the pretend Cloud.
        admin: a user who may change policies.
        developer: a user who may not.
        packs: the folder of each version of the pack.
        published: what publishing each version printed.
    """

    cloud: Cloud
    admin: User
    developer: User
    packs: dict[str, Path]
    published: dict[str, Result]

    def policy(self, *words: str) -> Result:
        """Run a `pulumi policy` command as the admin."""
        return self.admin.pulumi("policy", *words, cwd=self.cloud.folder)

    def enable(self, version: str, config: dict[str, Any] | None = None, *words: str) -> None:
        """Enable a version, with settings if there are any."""
        if config is not None:
            words = ("--config", str(self.settings_file(config)), *words)
        result = self.policy("enable", PACK, version, *words)
        assert result.exit_code == 0, result.output

    def settings_file(self, config: dict[str, Any]) -> Path:
        """Write a settings file."""
        file = self.cloud.folder / "settings.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        return file


@pytest.fixture(scope="module")
def shared(
    tmp_path_factory: pytest.TempPathFactory, sandbox_account: Account, pack: Path
) -> Iterator[Organization]:
    folder = tmp_path_factory.mktemp("organization")
    with Cloud.start(folder / "cloud") as cloud:
        cloud.invite("ana", "acme", role="admin")
        cloud.invite("dev", "acme")
        admin = User(folder / "ana", cloud, "ana", account=sandbox_account)
        developer = User(folder / "dev", cloud, "dev", account=sandbox_account)
        packs, published = {}, {}
        for version in (OLD, NEW):
            copy = folder / version
            copy.mkdir()
            packs[version] = copy_pack(pack, copy, version)
            published[version] = admin.pulumi("policy", "publish", "acme", cwd=copy)
        yield Organization(cloud, admin, developer, packs, published)
        # The pretend Cloud knew every request of the CLI.
        assert cloud.unknown() == []
        assert (cloud.folder / "server.log").read_text(encoding="utf-8") == ""


@pytest.fixture
def acme(shared: Organization, sandbox_account: Account) -> Iterator[Organization]:
    """The organization with two published versions of the pack, none of them enabled."""
    sandbox_account.reset()
    yield shared
    shared.policy("disable", PACK)


@pytest.fixture
def stack(acme: Organization, tmp_path: Path) -> Callable[..., Project]:
    """Creates a stack of the developer from an example, with a name that no other test uses."""

    def create(example: str, suffix: str = "") -> Project:
        name = f"acme/{re.sub(r'[^a-z0-9]', '-', tmp_path.name)}{suffix}"
        folder = tmp_path / f"{example}{suffix}"
        return Project.of_example(example, acme.developer, folder, acme.packs[OLD], stack=name)

    return create


def installed(user: User) -> set[str]:
    """Return the packs in a user's Pulumi home that have a virtual environment."""
    return {
        file.parent.name
        for file in user.installed_packs.rglob("PulumiPolicy.yaml")
        if any(file.parent.glob("venv/lib/*/site-packages/pulumi_policy"))
    }


@pytest.fixture(scope="module")
def first_preview(shared: Organization, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The developer's first preview, before any pack is installed."""
    shared.enable(OLD, {DECLARED: {"enforcementLevel": "mandatory"}})
    folder = tmp_path_factory.mktemp("first") / "insecure"
    project = Project.of_example(
        "insecure", shared.developer, folder, shared.packs[OLD], stack="acme/first"
    )
    assert installed(shared.developer) == set()
    result = project.run("preview")
    shared.policy("disable", PACK)
    return result


def test_the_cli_installs_and_runs_the_enabled_pack(
    acme: Organization, first_preview: Result, stack: Callable[..., Project]
) -> None:
    for version, result in acme.published.items():
        assert result.exit_code == 0, result.output
        assert f'Publishing "dynamodb-kms-encryption" - version {version} to "acme"' in (
            result.output
        )
    assert first_preview.exit_code != 0
    for step in ("Downloading policy pack", "Installing policy pack"):
        assert f"{step} dynamodb-kms-encryption@v{OLD}" in first_preview.output
    assert any(OLD in name for name in installed(acme.developer))
    assert reported(first_preview) == {"orders", "sessions"}
    assert f"    ❌ dynamodb-kms-encryption@v{OLD}\n" in first_preview.output

    # Later commands use the installed pack.
    acme.enable(OLD)
    insecure = stack("insecure")
    result = insecure.run("up", "--yes")
    assert result.exit_code != 0
    assert "Downloading" not in result.output
    assert reported(result) == {"orders", "sessions"}
    assert insecure.tables() == {}

    secure = stack("secure")
    for words in (("preview",), ("up", "--yes"), ("preview", "--expect-no-changes")):
        result = secure.run(*words)
        assert result.exit_code == 0, result.output
        assert f"    ✅ dynamodb-kms-encryption@v{OLD}\n" in result.output
    assert set(secure.tables()) == {"orders", "sessions"}


@pytest.mark.usefixtures("first_preview")
def test_the_cli_reports_each_violation_to_pulumi_cloud(
    acme: Organization, stack: Callable[..., Project]
) -> None:
    acme.enable(OLD)
    insecure = stack("insecure")
    assert insecure.run("preview").exit_code != 0
    name = json.loads(insecure.run("stack", "ls", "--json").stdout)[0]["name"]
    violations = [
        event["policyEvent"]
        for event in acme.cloud.events(f"acme/insecure/{name.rpartition('/')[2]}")
        if "policyEvent" in event
    ]
    names = {violation["resourceUrn"].rpartition("::")[2] for violation in violations}
    assert names == {"orders", "sessions"}
    for violation in violations:
        assert violation["policyName"] == DECLARED
        assert violation["policyPackName"] == "dynamodb-kms-encryption"
        assert violation["policyPackVersionTag"] == OLD
        assert violation["enforcementLevel"] == "mandatory"


@pytest.mark.usefixtures("first_preview")
def test_a_newer_version_with_settings_and_a_rollback(
    acme: Organization, stack: Callable[..., Project]
) -> None:
    secure = stack("secure")
    assert "No policy packs to install" in secure.run("policy", "install").output
    acme.enable("latest", STRICT)
    # A CI image can install the pack in a separate step.
    result = secure.run("policy", "install")
    assert result.exit_code == 0, result.output
    assert "Successfully installed 1 policy pack" in result.output
    assert any(NEW in name for name in installed(acme.developer))

    result = secure.run("preview")
    assert result.exit_code != 0
    assert "Downloading" not in result.output
    assert f"dynamodb-kms-encryption@v{NEW}" in result.output
    # 'sessions' has the AWS managed key. The key of 'orders' is unknown, which is an advisory.
    assert reported(result) == {"sessions"}

    acme.enable(OLD, STRICT)
    result = secure.run("preview")
    assert result.exit_code != 0
    assert f"dynamodb-kms-encryption@v{OLD}" in result.output
    assert f"dynamodb-kms-encryption@v{NEW}" not in result.output

    # Enabling without settings removes the settings.
    acme.enable(OLD)
    assert secure.run("preview").exit_code == 0

    assert acme.policy("disable", PACK).exit_code == 0
    insecure = stack("insecure")
    result = insecure.run("up", "--yes")
    assert result.exit_code == 0, result.output
    assert "Policies:" not in result.output
    assert set(insecure.tables()) == {"orders", "sessions"}

    # Tables deployed in the meantime are reported.
    acme.enable(OLD)
    result = insecure.run("preview")
    assert result.exit_code != 0
    assert reported(result, DEPLOYED) == {"orders", "sessions"}


@pytest.mark.usefixtures("first_preview")
def test_advisory_in_development_and_mandatory_in_production(
    acme: Organization, stack: Callable[..., Project]
) -> None:
    projects = {}
    for group, config in (("development", {"all": "advisory"}), ("production", None)):
        projects[group] = stack("insecure", f"-{group}")
        stacks = json.loads(projects[group].run("stack", "ls", "--json").stdout)
        (current,) = (s["name"].rpartition("/")[2] for s in stacks if s["current"])
        org = ("--org", "acme")
        created = acme.policy("group", "new", group, "--entity-type", "stacks", "--yes", *org)
        assert created.exit_code == 0, created.output
        added = acme.policy("group", "edit", group, "--add-stack", f"insecure/{current}", *org)
        assert added.exit_code == 0, added.output
        acme.enable(OLD, config, "--policy-group", group)
    try:
        listed = acme.policy("group", "ls", "acme")
        assert re.search(r"development +N +1 +1", listed.output), listed.output

        accepted = projects["development"].run("up", "--yes")
        assert accepted.exit_code == 0, accepted.output
        assert reported(accepted, level="advisory") == {"orders", "sessions"}
        assert "[mandatory]" not in accepted.output

        rejected = projects["production"].run("up", "--yes")
        assert rejected.exit_code != 0
        assert reported(rejected) == {"orders", "sessions"}
    finally:
        for group in projects:
            acme.policy("group", "rm", group, "--yes", "--org", "acme")


WRONG_SETTINGS: dict[str, dict[str, Any]] = {
    "a wrong type": {DECLARED: {"requireCustomerManagedKey": "yes"}},
    "no reason": {DEPLOYED: {"exemptions": [{"table": "orders"}]}},
    "an invalid date": {
        UNDETERMINED: {"exemptions": [{"table": "a", "reason": "b", "expires": "soon"}]}
    },
}


@pytest.mark.parametrize("config", WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_the_cli_rejects_wrong_settings(acme: Organization, config: dict[str, Any]) -> None:
    file = str(acme.settings_file(config))
    for words in (
        ("validate-config", PACK, OLD),
        ("enable", PACK, OLD),
        ("enable", PACK, "latest"),
    ):
        refused = acme.policy(*words, "--config", file)
        assert refused.exit_code != 0
        assert "policy pack configuration is invalid" in refused.output
    groups = acme.policy("group", "get", "default-policy-group", "--org", "acme", "--output=json")
    assert json.loads(groups.stdout)["appliedPolicyPacks"] == []


def test_the_cli_accepts_valid_settings(acme: Organization) -> None:
    config = {"all": "advisory", **STRICT}
    valid = acme.policy("validate-config", PACK, NEW, "--config", str(acme.settings_file(config)))
    assert valid.exit_code == 0, valid.output
    assert "configuration is valid." in valid.output.lower()


NEWEST = pytest.mark.needs_engine("3.274.1", "older CLIs don't have these commands and options")


@NEWEST
@pytest.mark.usefixtures("first_preview")
def test_a_group_by_tags_and_what_applies_to_a_stack(
    acme: Organization, stack: Callable[..., Project]
) -> None:
    org = ("--org", "acme")
    insecure = stack("insecure")
    rule = ("--stack-rule", "team=orders,!sandbox")
    created = acme.policy("group", "new", "tagged", "--mode", "preventative", *rule, "--yes", *org)
    assert created.exit_code == 0, created.output
    try:
        assert "Stack rule:            team=orders,!sandbox" in created.output
        acme.enable(OLD, None, "--policy-group", "tagged")
        acme.enable(OLD, {"all": "advisory"})
        assert insecure.run("preview").exit_code == 0

        # With the same version in both groups, the settings that were modified last apply.
        insecure.check("stack", "tag", "set", "team", "orders")
        listed = insecure.check("stack", "policy", "ls").output
        assert re.search(r"default-policy-group +preventative +Y\ntagged +preventative +N", listed)
        assert re.search(rf"dynamodb-kms-encryption +{re.escape(OLD)} +preventative", listed)
        assert insecure.run("preview").exit_code == 0
        acme.enable(OLD, None, "--policy-group", "tagged")
        assert insecure.run("preview").exit_code != 0

        edited = acme.policy("group", "edit", "tagged", "--stack-rule", "", *org)
        assert "Stack rule" not in edited.output
        assert insecure.run("preview").exit_code == 0
        refused = acme.policy("group", "edit", "tagged", "--account-rule", "env=prod", *org)
        assert refused.exit_code != 0
        audit = acme.policy("group", "new", "audited", "--mode", "audit", "--account-rule",
                            "env=prod", "--yes", *org)  # fmt: skip
        assert "Account rule:          env=prod" in audit.output
    finally:
        for group in ("tagged", "audited"):
            acme.policy("group", "rm", group, "--yes", *org)


@NEWEST
def test_what_no_one_can_do_to_the_default_groups(acme: Organization) -> None:
    org = ("--org", "acme")
    for group in ("default-policy-group", "default-accounts-policy-group"):
        for words in (
            ("edit", group, "--name", "mine"),
            ("edit", group, "--stack-rule", "team=orders"),
            ("remove", group, "--yes"),
        ):
            refused = acme.policy("group", *words, *org)
            assert refused.exit_code != 0
            assert "[400] Bad Request" in refused.output


@NEWEST
def test_the_policies_of_a_published_version(acme: Organization) -> None:
    shown = acme.policy("get", PACK, OLD)
    assert shown.exit_code == 0, shown.output
    for policy in (DECLARED, DEPLOYED, UNDETERMINED):
        assert re.search(rf"^{policy} +(mandatory|advisory) +high ", shown.output, re.M)


@NEWEST
@pytest.mark.usefixtures("first_preview")
def test_an_exception_of_pulumi_cloud(
    acme: Organization, stack: Callable[..., Project], tmp_path: Path
) -> None:
    insecure = stack("insecure")
    urns = re.findall(r"urn:\S+::(?:orders|sessions)\b", insecure.run("preview", "--urns").output)
    assert len(set(urns)) == 2
    exceptions = {"ours": {"reason": "moved, JIRA-123", "targets": sorted(set(urns))}}
    _, file = written(tmp_path, {"exceptions": exceptions})

    def exception(*words: str) -> Result:
        result = acme.admin.pulumi("policy", "exception", *words, cwd=tmp_path)
        assert result.exit_code == 0, result.output
        return result

    # The exceptions of a file are not stored in Pulumi Cloud.
    acme.enable(OLD, json.loads(Path(file).read_text(encoding="utf-8")))
    assert insecure.run("preview").exit_code != 0

    new = ("new", PACK, "--file", file, "--expires-in", "30d", "--yes", "--output", "json")
    created = json.loads(exception(*new).stdout)
    result = insecure.run("preview")
    assert result.exit_code == 0, result.output
    assert f"· [exempted]  {DECLARED}  (2 violations)" in result.output
    result = insecure.run("up", "--yes", "--show-policy-exceptions")
    assert result.exit_code == 0, result.output
    for policy in (DECLARED, DEPLOYED):
        assert f"· [exempted] [mandatory] [severity: high]  {policy}  " in result.output
    assert f"{created['id']}: moved, JIRA-123" in result.output
    assert set(insecure.tables()) == {"orders", "sessions"}
    # `policy analyze` runs a local pack, which doesn't get the exceptions of Pulumi Cloud.
    assert insecure.analyze().exit_code != 0

    assert created["id"] in exception("list", "--org", "acme").output
    exception("remove", created["id"], "--org", "acme", "--yes")
    result = insecure.run("preview")
    assert result.exit_code != 0
    assert reported(result) == reported(result, DEPLOYED) == {"orders", "sessions"}


@NEWEST
def test_enabling_a_pack_without_a_file_clears_settings_and_environments(
    acme: Organization,
) -> None:
    def applied() -> dict[str, Any]:
        words = ("group", "get", "default-policy-group", "--org", "acme", "--output=json")
        (pack,) = json.loads(acme.policy(*words).stdout)["appliedPolicyPacks"]
        return {key: pack.get(key) for key in ("config", "environments")}

    acme.enable(OLD, {**STRICT, "environments": ["policies/table-encryption"]})
    assert applied()["environments"] == ["policies/table-encryption"]
    assert set(applied()["config"]) == set(STRICT)
    acme.enable(OLD)
    assert applied() == {"config": None, "environments": None}


def test_a_version_can_be_published_only_once(acme: Organization) -> None:
    again = acme.admin.pulumi("policy", "publish", "acme", cwd=acme.packs[OLD])
    assert again.exit_code != 0
    assert (
        "error: Publish policy pack failed: [400] Bad Request: "
        f"Policy Pack: dynamodb-kms-encryption, Version Tag: {OLD} already exists"
    ) in again.output
    listed = acme.policy("ls", "acme", "--json")
    assert json.loads(listed.stdout) == [
        {"name": "dynamodb-kms-encryption", "versions": [OLD, NEW]}
    ]


def test_a_removed_version_can_not_be_published_again(
    acme: Organization, tmp_path: Path, sandbox_account: Account
) -> None:
    with Cloud.start(tmp_path / "cloud") as cloud:
        cloud.invite("ana", "acme", role="admin")
        ana = User(tmp_path / "ana", cloud, "ana", account=sandbox_account)

        def run(*words: str) -> Result:
            return ana.pulumi("policy", *words, cwd=acme.packs[OLD])

        assert run("publish", "acme").exit_code == 0
        assert run("enable", PACK, OLD).exit_code == 0
        refused = run("rm", PACK, OLD, "--yes")
        assert refused.exit_code != 0
        assert "is enabled in Policy Group: default-policy-group" in refused.output
        assert run("disable", PACK, "--version", OLD).exit_code == 0
        assert run("rm", PACK, OLD, "--yes").exit_code == 0
        assert json.loads(run("ls", "acme", "--json").stdout) == []
        assert "already exists" in run("publish", "acme").output


def test_a_member_can_not_change_policies(acme: Organization) -> None:
    dev = acme.developer
    for words in (("enable", PACK, "latest"), ("disable", PACK), ("rm", PACK, OLD, "--yes")):
        refused = dev.pulumi("policy", *words, cwd=acme.cloud.folder)
        assert refused.exit_code != 0
        assert "[403] Forbidden" in refused.output
    assert dev.pulumi("policy", "ls", "acme", cwd=acme.cloud.folder).exit_code == 0


def test_an_invalid_token(acme: Organization) -> None:
    wrong = {"PULUMI_ACCESS_TOKEN": "pul-invalid"}
    for words in (("whoami",), ("policy", "enable", PACK, "latest")):
        refused = acme.admin.pulumi(*words, cwd=acme.cloud.folder, env=wrong)
        assert refused.exit_code != 0
        assert "Unauthorized: No credentials provided or are invalid." in refused.output


def test_the_pretend_cloud_names_requests_that_it_does_not_know(
    tmp_path: Path, sandbox_account: Account
) -> None:
    with Cloud.start(tmp_path / "cloud") as cloud:
        cloud.invite("ana", "acme", role="admin")
        ana = User(tmp_path / "ana", cloud, "ana", account=sandbox_account)
        result = ana.pulumi("policy", "issue", "list", "--org", "acme", cwd=tmp_path)
        path = "/api/orgs/acme/policyresults/issues"
        assert result.exit_code != 0
        assert f"the pretend Pulumi Cloud doesn't know POST {path}" in result.output
        assert cloud.unknown() == [Request("POST", path, 404, known=False)]


def test_the_users_home_is_not_changed(acme: Organization, tmp_path: Path) -> None:
    # Without the sandbox's settings, the CLI would use these for its home and login.
    env = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    for words in (("whoami",), ("policy", "ls", "acme"), ("org", "get-default")):
        assert acme.admin.pulumi(*words, cwd=acme.cloud.folder, env=env).exit_code == 0
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def sandbox_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of `tools/pulumi`, whose processes are stopped after the test."""
    monkeypatch.setenv("SANDBOX_DIR", str(tmp_path / "sandbox"))
    yield tmp_path / "sandbox"
    assert sandbox_command.main(["stop"]) == 0


def shell(command: str) -> str:
    """Run a command in the checkout as a reader does, and return what it printed."""
    completed = run("sh", "-e", "-c", command, cwd=CHECKOUT)
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


@NEWEST
def test_the_demo_follows_the_page_and_the_reader_can_go_on(
    sandbox_folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`make organization` runs the demo. It fails if a command doesn't end as expected."""
    assert demo.main() is None
    printed = capfd.readouterr().out
    assert re.findall(r"=> (\w+)", printed) == [*["Accepted"] * 2, "Rejected", *["Accepted"] * 2]
    assert "configuration is valid." in printed
    exempted, final, *_ = printed.split("$ tools/pulumi --as developer preview")[2:]
    for output, level in ((exempted, "advisory"), (final, "mandatory")):
        assert reported(Result(0, output, ""), level=level) == {"orders"}
    cloud = Cloud.find(sandbox_folder / "organization" / "cloud")
    assert cloud is not None
    assert cloud.unknown() == []

    page = (CHECKOUT / "docs/organization.md").read_text(encoding="utf-8")
    lines = iter(page.splitlines())
    commands = re.findall(r"^\$ (tools/.*policy.*)$", printed, re.M)
    assert len(commands) > 10
    for command in commands:
        for printed_form, form in (
            (r"tools/pulumi --as \w+", "pulumi"),
            (r"\bacme\b", "my-org"),
            (re.escape(f"{sandbox_folder}/organization/"), ""),
            (r" insecure/", " shop/"),
        ):
            command = re.sub(printed_form, form, command)  # noqa: PLW2901 one form after another
        # The page has the commands in the same order.
        assert command in lines

    *go_on, stop = demo.GO_ON
    assert all(f"\n{command}\n" in printed for command in demo.GO_ON)
    outputs = [shell(command) for command in go_on]
    assert "insecure/production" in outputs[0]
    assert "5 created" in outputs[1]
    assert "Policies:" not in outputs[3]

    # A second demonstration starts clean.
    organization.create()
    assert "dynamodb-kms-encryption" not in shell("tools/pulumi --as admin policy ls acme")
    shell(stop)
    assert not sandbox_folder.exists()
    assert Cloud.find(cloud.folder) is None
