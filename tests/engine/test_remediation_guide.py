"""The remediation guide's commands, templates and programs do what docs/remediation.md says.

The commands are run by the real AWS CLI and the programs by the real engine, all in the pretend
account. That the page shows these files is tested in tests/docs/test_remediation_guide.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.conftest import Project
from tools.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples/remediation"
AWS_CLI = ROOT / "venv/aws-cli"
POLICIES = (
    "dynamodb-table-kms-encryption",
    "dynamodb-deployed-table-kms-encryption",
    "dynamodb-undetermined-table-kms-encryption",
)
AWS_MANAGED, CUSTOMER_MANAGED = "aws-managed", "customer-managed"
MANAGERS = {AWS_MANAGED: "AWS", CUSTOMER_MANAGED: "CUSTOMER"}
REPLICA_REGION = "eu-west-1"
REGIONS = ("ap-south-1", REPLICA_REGION, "us-east-1")


class Shell:
    """A folder with the guide's files for the command line, to run its scripts in."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        shutil.copytree(FOLDER / "cli", folder)

    def run(self, script: str, refused: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a script to its end, with `aws` on PATH.

        refused: the operation, such as "create-key", that AWS refuses.
        """
        assert AWS_CLI.is_dir(), "the AWS CLI is not installed in venv/aws-cli: run `make setup`"
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        # The pretend account has every Region of AWS enabled, and the CLI takes its time to start.
        some = f"--region-names {' '.join(REGIONS)}"
        aws = programs / "aws"
        aws.write_text(
            f'#!/bin/sh\nif [ "$2" = "{refused}" ]; then exit 254; fi\n'
            f'if [ "$2" = describe-regions ]; then set -- "$@" {some}; fi\n'
            f'PYTHONPATH="{AWS_CLI}" exec "{sys.executable}" -m awscli "$@"\n',
            encoding="utf-8",
        )
        aws.chmod(0o755)
        env = self.sandbox.environment()
        env["PATH"] = f"{programs}:{env['PATH']}"
        bash = shutil.which("bash")
        assert bash is not None, "bash is needed to run the guide's scripts"
        return subprocess.run(
            [bash, script],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def printed(self, script: str) -> str:
        """Run a script that goes well; return what it printed."""
        result = self.run(script)
        assert result.returncode == 0, result.stdout + result.stderr
        assert result.stderr == ""
        return result.stdout


@pytest.fixture
def shell(sandbox: Sandbox, tmp_path: Path) -> Shell:
    """The guide's scripts, in the pretend account."""
    return Shell(sandbox, tmp_path / "cli")


def shown(file: str) -> str:
    """The text of one of the guide's files."""
    return (FOLDER / file).read_text(encoding="utf-8")


def create_table(sandbox: Sandbox, name: str, region: str = "us-east-1") -> None:
    """Create a table as it was found: with nothing said about encryption."""
    sandbox.client("dynamodb", region).create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert encryption_of(sandbox, name, region) is None


def yaml_of(template: str) -> Any:
    """A template without its functions, which YAML alone can't read."""
    plain = "".join(it for it in template.splitlines(keepends=True) if "!" not in it)
    return yaml.safe_load(plain)


def encryption_of(sandbox: Sandbox, name: str, region: str = "us-east-1") -> Any:
    """The table's SSEDescription, None where there is none."""
    client = sandbox.client("dynamodb", region)
    return client.describe_table(TableName=name)["Table"].get("SSEDescription")


def assert_encrypted(sandbox: Sandbox, encryption: Any, region: str, manager: str) -> None:
    """Assert that a table has a KMS key of its Region, with that manager, and that it rotates."""
    assert encryption is not None
    assert encryption["SSEType"] == "KMS"
    arn = encryption["KMSMasterKeyArn"]
    assert arn.split(":")[3] == region
    kms = sandbox.client("kms", region)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyManager"] == manager
    assert kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"] is True


# The command line.


@pytest.mark.parametrize("variant", MANAGERS)
def test_the_commands_encrypt_a_table_that_is_deployed_already(
    sandbox: Sandbox, shell: Shell, variant: str
) -> None:
    create_table(sandbox, "orders")
    printed = json.loads(shell.printed(f"{variant}.sh"))
    encryption = encryption_of(sandbox, "orders")
    assert printed["KMSMasterKeyArn"] == encryption["KMSMasterKeyArn"]
    assert_encrypted(sandbox, encryption, "us-east-1", MANAGERS[variant])


def test_the_commands_give_the_new_key_its_policy_and_its_alias(
    sandbox: Sandbox, shell: Shell
) -> None:
    create_table(sandbox, "orders")
    shell.printed("customer-managed.sh")
    key = encryption_of(sandbox, "orders")["KMSMasterKeyArn"]
    kms = sandbox.client("kms")
    policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert json.loads(policy) == json.loads(shown("cli/key-policy.json"))
    assert kms.describe_key(KeyId="alias/dynamodb-tables")["KeyMetadata"]["Arn"] == key


def test_the_audit_prints_what_the_page_says(sandbox: Sandbox, shell: Shell) -> None:
    for table in ("orders", "sessions"):
        create_table(sandbox, table)
    shell.printed("aws-managed.sh")
    assert shell.printed("audit.sh") == shown("cli/audit.txt")


def test_the_audit_of_all_regions_prints_what_the_page_says(sandbox: Sandbox, shell: Shell) -> None:
    for table, region in (
        ("orders", "us-east-1"),
        ("sessions", "us-east-1"),
        ("invoices", REPLICA_REGION),
    ):
        create_table(sandbox, table, region)
    shell.printed("aws-managed.sh")
    printed = shell.printed("audit-regions.sh").splitlines()
    assert sorted(printed) == sorted(shown("cli/audit-regions.txt").splitlines())


def test_the_check_prints_what_the_page_says(sandbox: Sandbox, shell: Shell) -> None:
    create_table(sandbox, "orders")
    shell.printed("customer-managed.sh")
    printed = shell.printed("check.sh")
    # Only which key it is differs: account and id.
    key = encryption_of(sandbox, "orders")["KMSMasterKeyArn"]
    (example,) = re.findall(r'"(arn:aws:kms:us-east-1:[^"]+)"', shown("cli/check.txt"))
    assert printed.replace(key, example) == shown("cli/check.txt")


@pytest.mark.parametrize(
    ("script", "refused"),
    [
        ("aws-managed.sh", "update-table"),
        ("customer-managed.sh", "create-key"),
        ("customer-managed.sh", "enable-key-rotation"),
        ("customer-managed.sh", "update-table"),
        ("audit.sh", "describe-table"),
        ("audit-regions.sh", "describe-regions"),
        ("audit-regions.sh", "list-tables"),
        ("audit-regions.sh", "describe-table"),
        ("check.sh", "describe-table"),
        ("check.sh", "describe-key"),
    ],
)
def test_a_script_does_not_go_on_where_aws_refuses(
    sandbox: Sandbox, shell: Shell, script: str, refused: str
) -> None:
    """An audit that ends well without having looked would be read as good news."""
    create_table(sandbox, "orders")
    if refused == "describe-key":
        shell.printed("aws-managed.sh")
    assert shell.run(script, refused).returncode != 0


# CloudFormation.


@pytest.mark.parametrize("variant", MANAGERS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_template_creates_an_encrypted_table(sandbox: Sandbox, variant: str, form: str) -> None:
    template = shown(f"cloudformation/{variant}.{form}")
    sandbox.client("cloudformation").create_stack(StackName="orders", TemplateBody=template)
    (table,) = sandbox.client("dynamodb").list_tables()["TableNames"]
    encryption = encryption_of(sandbox, table)
    assert_encrypted(sandbox, encryption, "us-east-1", MANAGERS[variant])


@pytest.mark.parametrize("variant", MANAGERS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_template_encrypts_the_table_that_is_there(
    sandbox: Sandbox, variant: str, form: str
) -> None:
    template = shown(f"cloudformation/{variant}.{form}")
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
    """Make one of the guide's programs the project's."""
    shutil.copy(FOLDER / "pulumi" / program / "__main__.py", project.folder)


def strict(project: Project) -> tuple[str, str]:
    """The words that let the pack accept customer managed keys only."""
    config = project.folder / "policy-config.json"
    settings = {policy: {"requireCustomerManagedKey": True} for policy in POLICIES}
    config.write_text(json.dumps(settings), encoding="utf-8")
    return ("--policy-pack-config", str(config))


@pytest.mark.parametrize("variant", MANAGERS)
def test_a_program_deploys_an_encrypted_table(project: Project, variant: str) -> None:
    use(project, variant)
    for result in (project.preview(), project.up(), project.analyze()):
        assert result.exit_code == 0, result.output
        assert "[mandatory]" not in result.output
        assert "[advisory]" not in result.output
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", MANAGERS[variant])


@pytest.mark.parametrize("variant", MANAGERS)
def test_only_the_customer_managed_program_is_accepted_where_that_is_required(
    project: Project, variant: str
) -> None:
    use(project, variant)
    result = project.preview(*strict(project))
    accepted = variant == CUSTOMER_MANAGED
    assert (result.exit_code == 0) is accepted, result.output
    assert ("[mandatory]" in result.output) is not accepted


def test_a_global_table_has_a_key_of_its_own_in_each_region(project: Project) -> None:
    use(project, "global-table")
    result = project.preview()
    assert result.exit_code == 0, result.output
    assert "[mandatory]" not in result.output
    assert "[advisory]" not in result.output
    assert project.preview(*strict(project)).exit_code == 0
    # The provider's stand-in makes no replicas, so the pack's word must do for theirs.
    for result in (project.up(*strict(project)), project.analyze(*strict(project))):
        assert result.exit_code == 0, result.output
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", "CUSTOMER")
    assert project.sandbox.client("kms", REPLICA_REGION).list_keys()["Keys"] != []


def test_a_replica_with_the_key_of_another_region_is_found(project: Project) -> None:
    """What the guide warns of, and why its program makes a key in the Region of the replica."""
    use(project, "global-table")
    program = project.folder / "__main__.py"
    text = program.read_text(encoding="utf-8")
    elsewhere = text.replace("    region=replica_region,\n", "")
    assert elsewhere != text
    program.write_text(elsewhere, encoding="utf-8")
    project.deploy()
    result = project.analyze()
    assert result.exit_code != 0
    assert "has a replica in eu-west-1 with a key of us-east-1" in result.output


def switch(project: Project, specification: dict[str, Any]) -> None:
    """Change how the project's one table is encrypted, outside Pulumi."""
    client = project.sandbox.client("dynamodb")
    (name,) = client.list_tables()["TableNames"]
    client.update_table(TableName=name, SSESpecification=specification)


def test_the_check_of_a_stack_finds_what_was_changed_outside_pulumi(project: Project) -> None:
    """The script of the guide, beside a folder of the pack as it names it."""
    (project.folder.parent / "dynamodb-kms-encryption").symlink_to(project.pack)
    use(project, CUSTOMER_MANAGED)
    project.deploy()

    def check() -> subprocess.CompletedProcess[str]:
        bash = shutil.which("bash")
        assert bash is not None
        return subprocess.run(
            [bash, str(FOLDER / "pulumi/check.sh")],
            cwd=project.folder,
            env=project.sandbox.environment(),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    before = check()
    assert before.returncode == 0, before.stdout + before.stderr
    switch(project, {"Enabled": False})
    after = check()
    assert after.returncode != 0
    assert "dynamodb-deployed-table-kms-encryption" in after.stdout + after.stderr


@pytest.mark.parametrize("variant", MANAGERS)
def test_a_program_encrypts_the_table_that_is_there(project: Project, variant: str) -> None:
    use(project, variant)
    program = project.folder / "__main__.py"
    text = program.read_text(encoding="utf-8")
    before = re.sub(r" *server_side_encryption=.*\n", "", text)
    assert before != text
    program.write_text(before, encoding="utf-8")
    project.deploy()
    assert list(project.tables().values()) == [None]
    client = project.sandbox.client("dynamodb")
    names = client.list_tables()["TableNames"]
    program.write_text(text, encoding="utf-8")
    # The pack looks at what is deployed, too, but must not stand in the way of the remedy.
    result = project.up()
    assert result.exit_code == 0, result.output
    assert client.list_tables()["TableNames"] == names
    (encryption,) = project.tables().values()
    assert_encrypted(project.sandbox, encryption, "us-east-1", MANAGERS[variant])


BLOCK = '    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},\n'
BLOCK_WITHOUT_KEY = '    server_side_encryption={"enabled": True},\n'


@pytest.mark.parametrize("left", ["", BLOCK_WITHOUT_KEY], ids=["no block", "no key"])
def test_what_a_program_leaves_out_stays_as_it_was(project: Project, left: str) -> None:
    """Without the block, and without the key in it, the customer managed key stays."""
    use(project, CUSTOMER_MANAGED)
    project.deploy()
    before = project.tables()
    program = project.folder / "__main__.py"
    text = program.read_text(encoding="utf-8")
    assert BLOCK in text
    program.write_text(text.replace(BLOCK, left), encoding="utf-8")
    project.deploy()
    assert project.tables() == before
    # The pack goes by what the program declares, and rejects one without the block all the same.
    result = project.preview()
    assert (result.exit_code == 0) is (left == BLOCK_WITHOUT_KEY), result.output
    assert ("declares no serverSideEncryption" in result.output) is (left == "")
