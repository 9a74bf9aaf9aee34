"""The commands, templates, and programs in docs/remediation.md encrypt tables as the page says.

The tests run the commands with the real AWS CLI and the programs with the real engine, in the
pretend account. The tests in tests/docs/test_remediation_guide.py compare the page with the files.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import yaml

from policies import POLICIES
from tests.project import UNDETERMINED, Project, reported
from tools.sandbox import Result, Sandbox

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples/remediation"
AWS_CLI = ROOT / "venv/aws-cli"
AWS_MANAGED, CUSTOMER_MANAGED, ALIAS = "aws-managed", "customer-managed", "alias"
MANAGERS = {AWS_MANAGED: "AWS", CUSTOMER_MANAGED: "CUSTOMER"}
REPLICA_REGION = "eu-west-1"


def run_script(
    sandbox: Sandbox, script: Path, folder: Path, path: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a script of the guide in a folder, with `path` before the sandbox's PATH."""
    environment = sandbox.environment()
    bash = shutil.which("bash")
    assert bash is not None, "bash is needed to run the guide's scripts"
    return subprocess.run(
        [bash, str(script)],
        cwd=folder,
        env={**environment, "PATH": path + environment["PATH"]},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


class Shell:
    """A folder with the guide's scripts and the AWS CLI, to run them in the pretend account."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        shutil.copytree(FOLDER / "cli", folder)

    def run(self, script: str, refused: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a script, and let AWS refuse one operation, such as "create-key"."""
        assert AWS_CLI.is_dir(), "the AWS CLI is not installed in venv/aws-cli: run `make setup`"
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        aws = programs / "aws"
        aws.write_text(
            f'#!/bin/sh\nif [ "$2" = "{refused}" ]; then exit 254; fi\n'
            f'PYTHONPATH="{AWS_CLI}" exec "{sys.executable}" -m awscli "$@"\n',
            encoding="utf-8",
        )
        aws.chmod(0o755)
        return run_script(self.sandbox, self.folder / script, self.folder, path=f"{programs}:")

    def use_table(self, name: str) -> None:
        """Replace the name of the table in all scripts."""
        for script in self.folder.glob("*.sh"):
            text = script.read_text(encoding="utf-8")
            script.write_text(text.replace("table=orders\n", f"table={name}\n"), encoding="utf-8")

    def output(self, script: str) -> str:
        """Run a script that must succeed, and return its output."""
        result = self.run(script)
        assert result.returncode == 0, result.stdout + result.stderr
        assert result.stderr == ""
        return result.stdout


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    return Shell(sandbox, tmp_path / "cli")


def read(file: str) -> str:
    return (FOLDER / file).read_text(encoding="utf-8")


def create_table(sandbox: Sandbox, name: str, region: str = "us-east-1") -> None:
    """Create a table with an AWS owned key."""
    sandbox.client("dynamodb", region).create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert encryption_of(sandbox, name, region) is None


def yaml_of(template: str) -> Any:
    """Read a YAML template without the lines that have intrinsic functions."""
    lines = [line for line in template.splitlines() if "!" not in line]
    return yaml.safe_load("\n".join(lines))


def encryption_of(sandbox: Sandbox, name: str, region: str = "us-east-1") -> Any:
    """Return the table's SSEDescription, or None if it has none."""
    client = sandbox.client("dynamodb", region)
    return client.describe_table(TableName=name)["Table"].get("SSEDescription")


def assert_encrypted(sandbox: Sandbox, encryption: Any, region: str, manager: str) -> None:
    """Assert that a table's KMS key is in its Region, has this manager, and rotates."""
    assert encryption is not None
    assert encryption["SSEType"] == "KMS"
    arn = encryption["KMSMasterKeyArn"]
    assert arn.split(":")[3] == region
    kms = sandbox.client("kms", region)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyManager"] == manager
    assert kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"] is True


# The AWS CLI.


@pytest.mark.parametrize("variant", MANAGERS)
def test_the_commands_encrypt_a_deployed_table(
    sandbox: Sandbox, shell: Shell, variant: str
) -> None:
    create_table(sandbox, "orders")
    output = json.loads(shell.output(f"{variant}.sh"))
    encryption = encryption_of(sandbox, "orders")
    assert output["KMSMasterKeyArn"] == encryption["KMSMasterKeyArn"]
    assert_encrypted(sandbox, encryption, "us-east-1", MANAGERS[variant])


def test_the_commands_create_a_key_with_a_policy_and_an_alias(
    sandbox: Sandbox, shell: Shell
) -> None:
    create_table(sandbox, "orders")
    shell.output("customer-managed.sh")
    key = encryption_of(sandbox, "orders")["KMSMasterKeyArn"]
    kms = sandbox.client("kms")
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert json.loads(policy) == json.loads(read("cli/key-policy.json"))
    assert kms.describe_key(KeyId="alias/dynamodb-tables")["KeyMetadata"]["Arn"] == key


def test_the_check_has_the_output_that_the_page_shows(sandbox: Sandbox, shell: Shell) -> None:
    create_table(sandbox, "orders")
    shell.output("customer-managed.sh")
    output = shell.output("check.sh")
    # The key's account and ID differ from the example's.
    key = encryption_of(sandbox, "orders")["KMSMasterKeyArn"]
    (example,) = re.findall(r'"(arn:aws:kms:us-east-1:[^"]+)"', read("cli/check.txt"))
    assert output.replace(key, example) == read("cli/check.txt")


@pytest.mark.parametrize(
    ("script", "refused"),
    [
        ("aws-managed.sh", "update-table"),
        ("customer-managed.sh", "create-key"),
        ("customer-managed.sh", "enable-key-rotation"),
        ("customer-managed.sh", "update-table"),
        ("check.sh", "describe-table"),
        ("check.sh", "describe-key"),
        ("switch-to-aws-managed.sh", "update-table"),
        ("switch-to-aws-managed.sh", "describe-table"),
        ("enable-key.sh", "describe-table"),
        ("enable-key.sh", "describe-key"),
        ("enable-key.sh", "enable-key"),
    ],
)
def test_a_script_fails_if_aws_refuses_an_operation(
    sandbox: Sandbox, shell: Shell, script: str, refused: str
) -> None:
    create_table(sandbox, "orders")
    if refused in ("describe-key", "enable-key"):
        shell.output("customer-managed.sh")
    assert shell.run(script, refused).returncode != 0


# CloudFormation.


@pytest.mark.parametrize("variant", MANAGERS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_template_creates_an_encrypted_table(sandbox: Sandbox, variant: str, form: str) -> None:
    template = read(f"cloudformation/{variant}.{form}")
    sandbox.client("cloudformation").create_stack(StackName="orders", TemplateBody=template)
    (table,) = sandbox.client("dynamodb").list_tables()["TableNames"]
    encryption = encryption_of(sandbox, table)
    assert_encrypted(sandbox, encryption, "us-east-1", MANAGERS[variant])


@pytest.mark.parametrize("variant", MANAGERS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_template_encrypts_an_existing_table(sandbox: Sandbox, variant: str, form: str) -> None:
    template = read(f"cloudformation/{variant}.{form}")
    parsed = json.loads(template) if form == "json" else yaml_of(template)
    del parsed["Resources"]["Orders"]["Properties"]["SSESpecification"]
    cloudformation = sandbox.client("cloudformation")
    cloudformation.create_stack(StackName="orders", TemplateBody=json.dumps(parsed))
    tables = sandbox.client("dynamodb").list_tables()["TableNames"]
    assert encryption_of(sandbox, tables[0]) is None
    cloudformation.update_stack(StackName="orders", TemplateBody=template)
    assert sandbox.client("dynamodb").list_tables()["TableNames"] == tables
    encryption = encryption_of(sandbox, tables[0])
    assert_encrypted(sandbox, encryption, "us-east-1", MANAGERS[variant])


# Pulumi.


def use(project: Project, program: str) -> None:
    """Copy one of the guide's programs into the project."""
    shutil.copy(FOLDER / "pulumi" / program / "__main__.py", project.folder)


def change(project: Project, pattern: str, replacement: str) -> None:
    """Replace the matches of a pattern in the project's program."""
    file = project.folder / "__main__.py"
    text = file.read_text(encoding="utf-8")
    changed = re.sub(pattern, replacement, text)
    assert changed != text
    file.write_text(changed, encoding="utf-8")


def strict(project: Project) -> tuple[str, str]:
    """Return the arguments that make the pack accept customer managed keys only."""
    config = project.folder / "policy-config.json"
    settings = {policy.name: {"requireCustomerManagedKey": True} for policy in POLICIES}
    config.write_text(json.dumps(settings), encoding="utf-8")
    return ("--policy-pack-config", str(config))


def assert_accepted(result: Result) -> None:
    """Assert that a command succeeded, without violations and warnings."""
    assert result.exit_code == 0, result.output
    assert "[mandatory]" not in result.output
    assert "[advisory]" not in result.output


@pytest.mark.parametrize("variant", MANAGERS)
def test_a_program_deploys_an_encrypted_table(project: Project, variant: str) -> None:
    use(project, variant)
    for result in (project.preview(), project.up(), project.analyze()):
        assert_accepted(result)
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", MANAGERS[variant])


@pytest.mark.parametrize("variant", MANAGERS)
def test_only_the_customer_managed_program_is_accepted_if_a_setting_requires_it(
    project: Project, variant: str
) -> None:
    use(project, variant)
    result = project.preview(*strict(project))
    accepted = variant == CUSTOMER_MANAGED
    assert (result.exit_code == 0) is accepted, result.output
    assert ("[mandatory]" in result.output) is not accepted


def test_a_global_table_has_a_key_in_each_region(project: Project) -> None:
    use(project, "global-table")
    assert_accepted(project.preview())
    assert project.preview(*strict(project)).exit_code == 0
    # The stand-in provider doesn't create replicas, so only the pack checks their keys.
    for result in (project.up(*strict(project)), project.analyze(*strict(project))):
        assert result.exit_code == 0, result.output
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", "CUSTOMER")
    assert project.sandbox.client("kms", REPLICA_REGION).list_keys()["Keys"] != []


def test_a_replica_with_a_key_in_another_region_is_rejected(project: Project) -> None:
    """The guide warns about this, and its program creates a key in the replica's Region."""
    use(project, "global-table")
    change(project, "    region=replica_region,\n", "")
    project.deploy()
    result = project.analyze()
    assert result.exit_code != 0
    assert (
        "has a replica in eu-west-1 that sets replicas[].kmsKeyArn to a key in us-east-1"
        in result.output
    )


def test_the_check_of_a_stack_reports_changes_outside_pulumi(project: Project) -> None:
    # The script of the guide expects the pack in this folder.
    (project.folder.parent / "dynamodb-kms-encryption").symlink_to(project.pack)
    use(project, CUSTOMER_MANAGED)
    project.deploy()
    check = (project.sandbox, FOLDER / "pulumi/check.sh", project.folder)
    before = run_script(*check)
    assert before.returncode == 0, before.stdout + before.stderr
    client = project.sandbox.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    client.update_table(TableName=name, SSESpecification={"Enabled": False})
    after = run_script(*check)
    assert after.returncode != 0
    assert "dynamodb-deployed-table-kms-encryption" in after.stdout + after.stderr


ENCRYPTION = r" *server_side_encryption=.*\n"
ENCRYPTION_WITHOUT_KEY = '    server_side_encryption={"enabled": True},\n'


@pytest.mark.parametrize("variant", MANAGERS)
def test_a_program_encrypts_an_existing_table(project: Project, variant: str) -> None:
    use(project, variant)
    change(project, ENCRYPTION, "")
    project.deploy()
    assert list(project.tables().values()) == [None]
    client = project.sandbox.client("dynamodb")
    names = client.list_tables()["TableNames"]
    use(project, variant)
    # The pack also checks the deployed table, but must not reject the update that encrypts it.
    result = project.up()
    assert result.exit_code == 0, result.output
    assert client.list_tables()["TableNames"] == names
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", MANAGERS[variant])


@pytest.mark.parametrize("left", ["", ENCRYPTION_WITHOUT_KEY], ids=["no block", "no key"])
def test_a_table_keeps_its_key_if_the_program_leaves_it_out(project: Project, left: str) -> None:
    use(project, CUSTOMER_MANAGED)
    project.deploy()
    before = project.tables()
    change(project, ENCRYPTION, left)
    project.deploy()
    assert project.tables() == before
    # The pack checks the program, so it rejects one without the block.
    result = project.preview()
    assert (result.exit_code == 0) is (left == ENCRYPTION_WITHOUT_KEY), result.output
    assert ("does not set serverSideEncryption, so" in result.output) is (left == "")


# A key by its alias, and other keys of deployed tables.

ALIAS_NAME = "alias/orders"
KEY = r"kms_key_arn\": [\w.]+"


def create_key(sandbox: Sandbox) -> str:
    """Create a key in the account, point the alias to it, and return its ARN."""
    kms = sandbox.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    aliases = [alias["AliasName"] for alias in kms.list_aliases()["Aliases"]]
    set_alias = kms.update_alias if ALIAS_NAME in aliases else kms.create_alias
    set_alias(AliasName=ALIAS_NAME, TargetKeyId=key)
    return str(key)


def key_of(project: Project) -> str:
    """Return the ARN of the key that encrypts the project's table."""
    (encryption,) = project.tables().values()
    return str(encryption["KMSMasterKeyArn"])


def name_of_table(project: Project) -> str:
    """Return the name of the project's table in the account."""
    (name,) = project.sandbox.client("dynamodb").list_tables()["TableNames"]
    return str(name)


def state_of(sandbox: Sandbox, key: str) -> str:
    return str(sandbox.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def assert_unchanged(project: Project) -> None:
    """Assert that neither a preview nor a refresh shows a change."""
    for result in (
        project.preview("--expect-no-changes"),
        project.run("refresh", "--yes", "--expect-no-changes"),
    ):
        assert_accepted(result)


def assert_shows_the_change(project: Project) -> None:
    preview = project.preview("--expect-no-changes")
    assert preview.exit_code != 0
    assert "orders update [diff: ~serverSideEncryption]" in preview.output
    assert_accepted(project.preview())


def test_the_key_behind_an_alias_shows_no_change(project: Project) -> None:
    key = create_key(project.sandbox)
    use(project, ALIAS)
    for result in (project.preview(*strict(project)), project.up(*strict(project))):
        assert_accepted(result)
    assert key_of(project) == key
    assert_unchanged(project)
    other = create_key(project.sandbox)
    assert_shows_the_change(project)
    assert_accepted(project.up())
    assert key_of(project) == other
    assert_unchanged(project)


def test_an_alias_as_the_key_shows_the_same_change_in_every_preview(project: Project) -> None:
    key = create_key(project.sandbox)
    use(project, ALIAS)
    change(project, r"alias\.target_key_arn", "alias.arn")
    for _ in range(2):
        assert_accepted(project.up())
        assert key_of(project) == key
        assert_shows_the_change(project)
        project.check("refresh", "--yes")
        assert_shows_the_change(project)


def test_an_alias_as_the_key_of_a_replica_replaces_it_in_every_update(project: Project) -> None:
    use(project, "global-table")
    change(project, r"    replicas=.*\n", "")
    change(
        project,
        r"\Z",
        """
alias = aws.kms.Alias("orders", target_key_id=replica_key.key_id, region=replica_region)
aws.dynamodb.TableReplica(
    "orders", global_table_arn=orders.arn, region=replica_region, kms_key_arn=alias.arn
)
""",
    )
    project.deploy()
    assert "TableReplica orders replace [diff: ~kmsKeyArn]" in project.preview().output


def test_the_key_behind_the_alias_of_the_aws_managed_key_is_refused(project: Project) -> None:
    use(project, ALIAS)
    change(project, ALIAS_NAME, "alias/aws/dynamodb")
    assert_accepted(project.up())
    assert_shows_the_change(project)
    refused = project.up()
    assert refused.exit_code != 0
    assert "already encrypted with given KMSMasterKeyId" in refused.output


def assert_warned_about_the_key(result: Result) -> None:
    """Assert that a command succeeded, with a warning that a table keeps its key."""
    assert result.exit_code == 0, result.output
    assert reported(result, UNDETERMINED) == {"orders"}
    assert "keeps the KMS key that it was deployed with" in result.output


def test_a_key_that_is_left_out_can_be_deleted_while_the_table_uses_it(project: Project) -> None:
    """The guide warns about this: the table's data would be lost, and one policy only warns."""
    use(project, CUSTOMER_MANAGED)
    assert_accepted(project.up())
    key = key_of(project)
    use(project, AWS_MANAGED)
    for result in (project.preview(), project.up(), project.analyze()):
        assert_warned_about_the_key(result)
    assert key_of(project) == key
    assert state_of(project.sandbox, key) == "PendingDeletion"


def test_the_commands_switch_a_table_to_the_aws_managed_key(project: Project, shell: Shell) -> None:
    use(project, CUSTOMER_MANAGED)
    project.deploy()
    old = key_of(project)
    change(project, r', "kms_key_arn": key.arn', "")
    assert_warned_about_the_key(project.up())
    assert key_of(project) == old

    shell.use_table(name_of_table(project))
    project.sandbox.account.hold_key_changes()
    finished = Timer(7, project.sandbox.account.finish_key_changes)
    finished.start()
    output = shell.output("switch-to-aws-managed.sh")
    assert not finished.is_alive(), "the script didn't wait until the change was complete"
    new = key_of(project)
    assert output.split() == ['"UPDATING"', f'"{new}"']

    project.check("refresh", "--yes")
    assert_unchanged(project)
    use(project, AWS_MANAGED)
    assert_accepted(project.up())
    assert key_of(project) == new
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", "AWS")
    assert state_of(project.sandbox, old) == "PendingDeletion"


def test_one_update_with_its_alias_switches_to_the_aws_managed_key(project: Project) -> None:
    use(project, CUSTOMER_MANAGED)
    project.deploy()
    account = key_of(project).split(":")[4]
    alias = f"arn:aws:kms:us-east-1:{account}:alias/aws/dynamodb"
    change(project, KEY, f'kms_key_arn": "{alias}"')
    assert_accepted(project.up())
    change(project, r', "kms_key_arn": "[^"]+"', "")
    assert_accepted(project.up("--expect-no-changes"))
    assert_unchanged(project)
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", "AWS")


# The class of the table in the SDK for Python doesn't accept a list as its key schema.
NATIVE = """
import pulumi_aws_native as native

statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
key = native.kms.Key(
    "orders",
    enable_key_rotation=True,
    key_policy={"Version": "2012-10-17", "Statement": [statement]},
)
pulumi.CustomResource("aws-native:dynamodb:Table", "orders", {
    "attributeDefinitions": [{"attributeName": "id", "attributeType": "S"}],
    "keySchema": [{"attributeName": "id", "keyType": "HASH"}],
    "billingMode": "PAY_PER_REQUEST",
    "sseSpecification": {"sseEnabled": True, "sseType": "KMS", "kmsMasterKeyId": key.arn},
})
"""


def test_aws_native_switches_to_the_aws_managed_key_by_leaving_the_key_out(
    project: Project,
) -> None:
    project.deploy(NATIVE)
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", "CUSTOMER")
    project.deploy(NATIVE.replace(', "kmsMasterKeyId": key.arn', ""))
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", "AWS")


def test_another_key_in_the_program_switches_the_table(project: Project) -> None:
    use(project, CUSTOMER_MANAGED)
    project.deploy()
    old = key_of(project)
    change(
        project, r"\norders = ", '\nnew = aws.kms.Key("new", enable_key_rotation=True)\norders = '
    )
    change(project, KEY, 'kms_key_arn": new.arn')
    assert_accepted(project.up())
    assert key_of(project) != old
    change(project, r"(?s)key = aws.kms.Key\(\n.*?\n\)\n", "")
    assert_accepted(project.up())
    assert state_of(project.sandbox, old) == "PendingDeletion"
    assert state_of(project.sandbox, key_of(project)) == "Enabled"


@pytest.mark.parametrize("pending_deletion", [False, True])
def test_a_disabled_key_must_be_enabled_before_another_replaces_it(
    project: Project, shell: Shell, pending_deletion: bool
) -> None:
    old = create_key(project.sandbox)
    use(project, ALIAS)
    project.deploy()
    kms = project.sandbox.client("kms")
    if pending_deletion:
        kms.schedule_key_deletion(KeyId=old)
    else:
        kms.disable_key(KeyId=old)
    new = create_key(project.sandbox)
    refused = project.up()
    assert refused.exit_code != 0
    assert f"{old} is " in refused.output
    assert key_of(project) == old
    shell.use_table(name_of_table(project))
    assert shell.output("enable-key.sh").splitlines()[-1] == '"ACTIVE"'
    assert_accepted(project.up())
    assert key_of(project) == new
