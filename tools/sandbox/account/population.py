"""Fill pretend accounts with an organization to audit: tables with each type and state of key.

`populate(account)` creates an organization with a management account, two member accounts, and a
suspended one. Each of the three active accounts has tables in four Regions. The member accounts
have a read-only role, which needs an external ID. Left out: the role in the management account, as
service-managed stack sets don't deploy to it.

Source: "Encryption at rest" and "Global tables" in the Amazon DynamoDB Developer Guide, "Key states
of AWS KMS keys" in the AWS KMS Developer Guide, "Activate trusted access for stack sets with AWS
Organizations" in the AWS CloudFormation User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audit.results import KeyType
from tools.sandbox.account import DEFAULT_ACCOUNT, Account, TableState

ROLE = "DynamoDBEncryptionAudit"
EXTERNAL_ID = "8f3b2c1d-audit"
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2")
_ACTIONS = (
    "account:ListRegions", "dynamodb:DescribeTable", "dynamodb:ListTables", "kms:DescribeKey",
    "kms:ListAliases",
)  # fmt: skip


@dataclass(frozen=True)
class TableThatExists:
    """A table, and what AWS shows of its encryption.

    Attributes:
        account: the table's account.
        region: the table's Region.
        name: its name.
        key_type: the type of the key that encrypts it, even if AWS doesn't show the key any more.
        key_arn: the ARN of the key; None for an AWS owned key.
        key_state: the KeyState that DescribeKey shows; None if it shows none.
        key_error: the code of the error with which DescribeKey answers; None if it answers, or for
            an AWS owned key.
        table_status: the table's TableStatus.
        sse_status: the Status of its SSEDescription; None for an AWS owned key.
    """

    account: str
    region: str
    name: str
    key_type: KeyType
    key_arn: str | None = None
    key_state: str | None = None
    key_error: str | None = None
    table_status: str = "ACTIVE"
    sse_status: str | None = None


@dataclass(frozen=True)
class PopulatedOrganization:
    """The organization that `populate` created.

    Attributes:
        id: the organization's ID.
        management: the ID of the management account.
        members: the IDs of the active member accounts: production and staging.
        suspended: the ID of the suspended account.
        role: the name of the role in each member account.
        external_id: the external ID that the role needs.
        regions: the Regions that have tables.
        tables: all tables, sorted by account, Region, and name.
    """

    id: str
    management: str
    members: tuple[str, ...]
    suspended: str
    role: str
    external_id: str
    regions: tuple[str, ...]
    tables: tuple[TableThatExists, ...]

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that have tables."""
        return (self.management, *self.members)


def populate(account: Account) -> PopulatedOrganization:
    """Create the organization in an account that is empty. This takes a few seconds."""
    organizations = account.client("organizations")
    created = organizations.create_organization(FeatureSet="ALL")["Organization"]
    production, staging, closed = (
        _member(organizations, name) for name in ("production", "staging", "closed")
    )
    organizations.close_account(AccountId=closed)
    for member in (production, staging):
        _create_role(account, member)
    tables: list[TableThatExists] = []
    for owner in (DEFAULT_ACCOUNT, production, staging):
        for region in REGIONS:
            _Filling(account, owner, region, tables).usual_tables()
    _Filling(account, production, "us-east-1", tables).key_states()
    _Filling(account, production, "eu-west-1", tables).global_table()
    _Filling(account, staging, "eu-central-1", tables).running_changes()
    _Filling(account, staging, "us-east-1", tables).keys_of(production)
    return PopulatedOrganization(
        id=created["Id"],
        management=DEFAULT_ACCOUNT,
        members=(production, staging),
        suspended=closed,
        role=ROLE,
        external_id=EXTERNAL_ID,
        regions=REGIONS,
        tables=tuple(sorted(tables, key=lambda t: (t.account, t.region, t.name))),
    )


def _member(organizations: Any, name: str) -> str:
    answer = organizations.create_account(Email=f"{name}@example.com", AccountName=name)
    member: str = answer["CreateAccountStatus"]["AccountId"]
    return member


def _create_role(account: Account, member: str) -> None:
    iam = account.client("iam", account=member)
    trust = _statement(
        Principal={"AWS": f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"},
        Action="sts:AssumeRole",
        Condition={"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    )
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
    read = _statement(Action=list(_ACTIONS), Resource="*")
    iam.put_role_policy(RoleName=ROLE, PolicyName="Read", PolicyDocument=read)


def _statement(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


class _Filling:
    """Creates tables in one Region of one account, and adds them to a list."""

    def __init__(
        self, account: Account, owner: str, region: str, tables: list[TableThatExists]
    ) -> None:
        self._account, self._owner, self._region, self._tables = account, owner, region, tables
        self._kms = account.client("kms", region, owner)
        self._dynamodb = account.client("dynamodb", region, owner)

    def usual_tables(self) -> None:
        """Create a table with each type of key, and one whose key has an alias."""
        self._create("sessions-aws-owned-key", None)
        self._create("carts-aws-managed-key", "alias/aws/dynamodb")
        self._create("orders-customer-managed-key", self._key())
        alias, key = "alias/orders", self._key()
        self._kms.create_alias(AliasName=alias, TargetKeyId=key)
        self._create("invoices-key-by-alias", alias)

    def key_states(self) -> None:
        """Create tables whose keys are not enabled, or that DynamoDB can't decrypt."""
        kms, account = self._kms, self._account
        where = (self._region, self._owner)
        changes: dict[str, Callable[[str], Any]] = {
            "Disabled": lambda key: kms.disable_key(KeyId=key),
            "PendingDeletion": lambda key: kms.schedule_key_deletion(
                KeyId=key, PendingWindowInDays=7
            ),
            "Unavailable": lambda key: account.set_key_state(key, "Unavailable", *where),
            "Creating": lambda key: account.set_key_state(key, "Creating", *where),
            "Updating": lambda key: account.set_key_state(key, "Updating", *where),
            "PendingReplicaDeletion": lambda key: account.set_key_state(
                key, "PendingReplicaDeletion", *where
            ),
        }
        for state, change in changes.items():
            key = self._key()
            self._create(f"orders-key-{_words(state)}", key, key_state=state)
            change(key)
        imported = self._imported_key()
        self._create("orders-key-pending-import", imported, key_state="PendingImport")
        kms.delete_imported_key_material(KeyId=imported)
        deleted = self._key()
        self._create("orders-key-deleted", deleted, key_state=None, key_error="NotFoundException")
        account.delete_key(deleted, *where)
        for name, state in (
            ("orders-inaccessible", TableState.INACCESSIBLE),
            ("orders-archived", TableState.ARCHIVED),
        ):
            key = self._key()
            self._create(name, key, key_state="Disabled", table_status=state.value)
            kms.disable_key(KeyId=key)
            account.set_table_state(name, state, *where)

    def running_changes(self) -> None:
        """Create tables whose encryption is changing."""
        for state in (TableState.ENABLING, TableState.UPDATING, TableState.DISABLING):
            name = f"orders-{state.value.lower()}"
            self._create(name, self._key(), table_status="UPDATING", sse_status=state.value)
            self._account.set_table_state(name, state, self._region, self._owner)

    def global_table(self) -> None:
        """Create a table with replicas in two other Regions, and one whose replica is inaccessible.

        Each replica has its own customer managed key.
        """
        regions = ("eu-central-1", "ap-southeast-2")
        for name in ("customers-global", "customers-global-replica-inaccessible"):
            self._create(name, self._key())
            for region in regions:
                there = _Filling(self._account, self._owner, region, self._tables)
                key = there._key()
                update = {"Create": {"RegionName": region, "KMSMasterKeyId": key}}
                self._dynamodb.update_table(TableName=name, ReplicaUpdates=[update])
                lost = name.endswith("inaccessible") and region == regions[0]
                status = TableState.INACCESSIBLE.value if lost else "ACTIVE"
                state = "Disabled" if lost else "Enabled"
                there._add(name, key, key_state=state, table_status=status)
                if lost:
                    there._kms.disable_key(KeyId=key)
                    self._account.set_table_state(
                        name, TableState.INACCESSIBLE, region, self._owner
                    )

    def keys_of(self, owner: str) -> None:
        """Create tables whose keys are in another account, which may show them or not."""
        kms = self._account.client("kms", self._region, owner)
        policy = _statement(
            Principal={"AWS": f"arn:aws:iam::{self._owner}:root"},
            Action=["kms:CreateGrant", "kms:DescribeKey"],
            Resource="*",
        )
        shared = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
        self._create("ledger-key-of-other-account", shared)
        hidden = kms.create_key()["KeyMetadata"]["Arn"]
        self._create(
            "ledger-key-of-other-account-hidden",
            hidden,
            key_state=None,
            key_error="AccessDeniedException",
        )

    def _key(self) -> str:
        arn: str = self._kms.create_key()["KeyMetadata"]["Arn"]
        return arn

    def _imported_key(self) -> str:
        """Return a key with imported material."""
        arn: str = self._kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["Arn"]
        self._kms.import_key_material(
            KeyId=arn,
            ImportToken=b"sandbox",
            EncryptedKeyMaterial=b"sandbox",
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
        return arn

    def _create(self, name: str, key: str | None, **shown: Any) -> None:
        sse: dict[str, Any] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
        answer = self._dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **({"SSESpecification": sse} if key else {}),
        )
        description = answer["TableDescription"].get("SSEDescription", {})
        managed = KeyType.AWS_MANAGED if key == "alias/aws/dynamodb" else KeyType.CUSTOMER_MANAGED
        self._add(name, description.get("KMSMasterKeyArn"), managed, **shown)

    def _add(
        self,
        name: str,
        arn: str | None,
        key_type: KeyType = KeyType.CUSTOMER_MANAGED,
        **shown: Any,
    ) -> None:
        usual = {"key_state": "Enabled", "sse_status": "ENABLED"} if arn else {}
        self._tables.append(
            TableThatExists(
                account=self._owner,
                region=self._region,
                name=name,
                key_type=key_type if arn else KeyType.AWS_OWNED,
                key_arn=arn,
                **{**usual, **shown},
            )
        )


def _words(state: str) -> str:
    """Return a key state as a part of a name: "PendingDeletion" as "pending-deletion"."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in state)[1:]
