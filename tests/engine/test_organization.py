"""The pack in Pulumi Cloud, on the real CLI: published once, and every stack is held to it.

The developer here passes no flag and has nothing installed: the CLI itself downloads the pack,
installs its requirements into the pack's own virtualenv and runs it. That home is shared by the
tests below, which ask something else of it; the first command in it is its own test.
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

from tests.engine.conftest import EXAMPLES, Project
from tests.engine.test_routes import DECLARED, DEPLOYED, UNDETERMINED, told
from tools.demo import organization
from tools.sandbox import Account, Result
from tools.sandbox.cloud import Cloud, Request, User

PACK = "acme/dynamodb-kms-encryption"
OLD, NEW = "0.1.0", "0.2.0"
STRICT = {
    policy: {"requireCustomerManagedKey": True} for policy in (DECLARED, DEPLOYED, UNDETERMINED)
}


def copy_pack(pack: Path, folder: Path, version: str) -> Path:
    """Copy what the pack needs, as another version. Its virtualenv is that of the tests."""
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
    """The organization acme in a pretend Pulumi Cloud.

    admin: a user who may change its policies; developer: one who may not.
    published: version → what publishing it printed.
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
        """Enable a version, with a settings file where there are settings."""
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
            made = folder / version
            made.mkdir()
            packs[version] = copy_pack(pack, made, version)
            published[version] = admin.pulumi("policy", "publish", "acme", cwd=made)
        yield Organization(cloud, admin, developer, packs, published)
        # All that the CLI asked for was there: nothing was passed over.
        assert cloud.unknown() == []
        assert (cloud.folder / "server.log").read_text(encoding="utf-8") == ""


@pytest.fixture
def acme(shared: Organization, sandbox_account: Account) -> Iterator[Organization]:
    """The organization, with the pack published in two versions, and not enabled."""
    sandbox_account.reset()
    yield shared
    shared.policy("disable", PACK)


@pytest.fixture
def stack(acme: Organization, tmp_path: Path) -> Callable[..., Project]:
    """Makes a stack of the developer's: of an example, and of a name of its own."""

    def make(example: str, suffix: str = "") -> Project:
        folder = tmp_path / f"{example}{suffix}"
        shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("Pulumi.*.yaml"))
        name = f"acme/{re.sub(r'[^a-z0-9]', '-', tmp_path.name)}{suffix}"
        created = acme.developer.pulumi("stack", "init", name, cwd=folder)
        assert created.exit_code == 0, created.output
        return Project(acme.developer, folder, acme.packs[OLD])

    return make


def installed(user: User) -> set[str]:
    """The packs in a user's Pulumi home that are complete: with a virtualenv of their own."""
    found = set()
    for project in user.installed_packs.rglob("PulumiPolicy.yaml"):
        libraries = project.parent.glob("venv/lib/*/site-packages/pulumi_policy")
        if any(libraries):
            found.add(project.parent.name)
    return found


def rejections(output: str) -> str:
    """The lines of the output that are headings of mandatory violations."""
    return "\n".join(line for line in output.splitlines() if "[mandatory]" in line)


@pytest.fixture(scope="module")
def first_preview(shared: Organization, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What the developer's first command prints, in a home where no pack is installed."""
    folder = shutil.copytree(EXAMPLES / "insecure", tmp_path_factory.mktemp("first") / "insecure",
                             ignore=shutil.ignore_patterns("Pulumi.*.yaml"))  # fmt: skip
    shared.enable(OLD, {DECLARED: {"enforcementLevel": "mandatory"}})
    made = shared.developer.pulumi("stack", "init", "acme/first", cwd=folder)
    assert made.exit_code == 0, made.output
    assert installed(shared.developer) == set()
    result = shared.developer.pulumi("preview", cwd=folder)
    shared.policy("disable", PACK)
    return result


def test_a_user_who_has_nothing_installed_is_held_to_the_pack(
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
    assert told(first_preview.output) == {"orders", "sessions"}
    assert f"    ❌ dynamodb-kms-encryption@v{OLD}\n" in first_preview.output

    # From then on it is there.
    acme.enable(OLD)
    insecure = stack("insecure")
    result = insecure.run("up", "--yes")
    assert result.exit_code != 0
    assert "Downloading" not in result.output
    assert told(result.output) == {"orders", "sessions"}
    assert insecure.tables() == {}

    secure = stack("secure")
    for words in (("preview",), ("up", "--yes"), ("preview", "--expect-no-changes")):
        result = secure.run(*words)
        assert result.exit_code == 0, result.output
        assert f"    ✅ dynamodb-kms-encryption@v{OLD}\n" in result.output
    assert set(secure.tables()) == {"orders", "sessions"}


@pytest.mark.usefixtures("first_preview")
def test_pulumi_cloud_is_told_of_each_violation(
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
    assert {it["resourceUrn"].rpartition("::")[2] for it in violations} == {"orders", "sessions"}
    for violation in violations:
        assert violation["policyName"] == DECLARED
        assert violation["policyPackName"] == "dynamodb-kms-encryption"
        assert violation["policyPackVersionTag"] == OLD
        assert violation["enforcementLevel"] == "mandatory"


@pytest.mark.usefixtures("first_preview")
def test_a_second_version_with_other_settings_and_back(
    acme: Organization, stack: Callable[..., Project]
) -> None:
    secure = stack("secure")
    assert "No policy packs to install" in secure.run("policy", "install").output
    acme.enable("latest", STRICT)
    # As a step of its own, such as in the image of a CI job.
    result = secure.run("policy", "install")
    assert result.exit_code == 0, result.output
    assert "Successfully installed 1 policy pack" in result.output
    assert any(NEW in name for name in installed(acme.developer))

    result = secure.run("preview")
    assert result.exit_code != 0
    assert "Downloading" not in result.output
    assert f"dynamodb-kms-encryption@v{NEW}" in result.output
    # Its key is the AWS managed one. That of the other is known when it is made: an advisory.
    assert told(rejections(result.output)) == {"sessions"}

    acme.enable(OLD, STRICT)
    result = secure.run("preview")
    assert result.exit_code != 0
    assert f"dynamodb-kms-encryption@v{OLD}" in result.output
    assert f"dynamodb-kms-encryption@v{NEW}" not in result.output

    # Enabling is all that there is to say: settings of before do not stay.
    acme.enable(OLD)
    assert secure.run("preview").exit_code == 0

    assert acme.policy("disable", PACK).exit_code == 0
    insecure = stack("insecure")
    result = insecure.run("up", "--yes")
    assert result.exit_code == 0, result.output
    assert "Policies:" not in result.output
    assert set(insecure.tables()) == {"orders", "sessions"}

    # What was deployed meanwhile is found as soon as the pack holds again.
    acme.enable(OLD)
    result = insecure.run("preview")
    assert result.exit_code != 0
    assert told(result.output, DEPLOYED) == {"orders", "sessions"}


@pytest.mark.usefixtures("first_preview")
def test_advisory_in_development_and_mandatory_in_production(
    acme: Organization, stack: Callable[..., Project]
) -> None:
    projects = {}
    for group, config in (("development", {"all": "advisory"}), ("production", None)):
        projects[group] = stack("insecure", f"-{group}")
        name = json.loads(projects[group].run("stack", "ls", "--json").stdout)
        current = next(it["name"] for it in name if it["current"]).rpartition("/")[2]
        words = ("--org", "acme")
        made = acme.policy("group", "new", group, "--entity-type", "stacks", "--yes", *words)
        assert made.exit_code == 0, made.output
        added = acme.policy("group", "edit", group, "--add-stack", f"insecure/{current}", *words)
        assert added.exit_code == 0, added.output
        acme.enable(OLD, config, "--policy-group", group)
    try:
        listed = acme.policy("group", "ls", "acme")
        assert re.search(r"development +N +1 +1", listed.output), listed.output

        told_only = projects["development"].run("up", "--yes")
        assert told_only.exit_code == 0, told_only.output
        assert told_only.output.count("[advisory]") >= 2
        assert told(told_only.output) == {"orders", "sessions"}
        assert "[mandatory]" not in told_only.output

        rejected = projects["production"].run("up", "--yes")
        assert rejected.exit_code != 0
        assert told(rejected.output) == {"orders", "sessions"}
        assert "[mandatory]" in rejected.output
    finally:
        for group in projects:
            acme.policy("group", "rm", group, "--yes", "--org", "acme")


WRONG_SETTINGS: dict[str, dict[str, Any]] = {
    "a wrong type": {DECLARED: {"requireCustomerManagedKey": "yes"}},
    "no reason": {DEPLOYED: {"exemptions": [{"table": "orders"}]}},
    "a day that is none": {
        UNDETERMINED: {"exemptions": [{"table": "a", "reason": "b", "expires": "soon"}]}
    },
}


@pytest.mark.parametrize("config", WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_wrong_settings_are_refused_before_they_hold(
    acme: Organization, config: dict[str, Any]
) -> None:
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


def test_right_settings_are_valid(acme: Organization) -> None:
    config = {"all": "advisory", **STRICT}
    valid = acme.policy("validate-config", PACK, NEW, "--config", str(acme.settings_file(config)))
    assert valid.exit_code == 0, valid.output
    assert "Policy Pack configuration is valid." in valid.output


def test_a_version_is_published_once(acme: Organization) -> None:
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


def test_a_version_that_is_removed_is_not_free_again(
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


def test_who_may_change_what(acme: Organization) -> None:
    dev = acme.developer
    for words in (("enable", PACK, "latest"), ("disable", PACK), ("rm", PACK, OLD, "--yes")):
        refused = dev.pulumi("policy", *words, cwd=acme.cloud.folder)
        assert refused.exit_code != 0
        assert "[403] Forbidden" in refused.output
    assert dev.pulumi("policy", "ls", "acme", cwd=acme.cloud.folder).exit_code == 0


def test_a_wrong_token(acme: Organization) -> None:
    wrong = {"PULUMI_ACCESS_TOKEN": "pul-nobody"}
    for words in (("whoami",), ("policy", "enable", PACK, "latest")):
        refused = acme.admin.pulumi(*words, cwd=acme.cloud.folder, env=wrong)
        assert refused.exit_code != 0
        assert "Unauthorized: No credentials provided or are invalid." in refused.output


def test_what_the_pretend_cloud_does_not_know_is_told_and_noted(
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


def test_nothing_of_the_users_own_is_touched(acme: Organization, tmp_path: Path) -> None:
    # What the CLI would take for its home and its login, were it not told otherwise.
    env = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    for words in (("whoami",), ("policy", "ls", "acme"), ("org", "get-default")):
        assert acme.admin.pulumi(*words, cwd=acme.cloud.folder, env=env).exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_players_story_is_true(
    tmp_path: Path, sandbox_account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make organization` fails where a command ends otherwise than it says."""
    sandbox_account.reset()
    with Cloud.start(tmp_path / "cloud") as cloud:
        organization.tell(tmp_path, sandbox_account, cloud)
        assert cloud.unknown() == []
    printed = capsys.readouterr().out
    assert re.findall(r"=> (\w+)", printed) == ["Rejected", "Accepted", "Accepted"]
    assert "Policy Pack configuration is valid." in printed
