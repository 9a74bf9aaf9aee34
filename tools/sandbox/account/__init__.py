"""The pretend AWS account: moto's server with AWS's behaviour for encryption at rest.

`Account.start(folder)` returns the account of a folder, and starts its process if it isn't
running. The process has any number of accounts: each 12-digit account ID is one. For the
differences from moto, see `corrections`, `accounts`, `regions`, `states` and `config_aggregator` in
this package. Left out: all that moto leaves out, such as IAM permissions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tools.sandbox.account import server
from tools.sandbox.account.calls import DEFAULT_ACCOUNT, Call
from tools.sandbox.account.errors import Error
from tools.sandbox.account.faults import (
    SERVICE_CONTROL_POLICY,
    Deleted,
    Denied,
    Fault,
    Reset,
    Slow,
    Text,
)
from tools.sandbox.account.states import TableState
from tools.sandbox.service import Service

__all__ = [
    "DEFAULT_ACCOUNT",
    "SERVICE_CONTROL_POLICY",
    "Account",
    "Call",
    "Credentials",
    "Deleted",
    "Denied",
    "Error",
    "Fault",
    "Reset",
    "Slow",
    "TableState",
    "Text",
]


@dataclass(frozen=True)
class Credentials:
    """Credentials of a pretend account. They are valid until a reset.

    Attributes:
        access_key: the access key ID.
        secret_key: the secret access key.
        token: the session token; None for the default account.
    """

    access_key: str
    secret_key: str
    token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which boto3 and the AWS CLI use the credentials."""
        variables = {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key}
        return variables | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})


@dataclass(frozen=True)
class Account(Service):
    """A running pretend account. It is empty when its process starts (`fresh`)."""

    title = "pretend AWS account"
    module = "tools.sandbox.account.server"

    def reset(self) -> None:
        """Delete all resources, faults, and logged calls, and finish changes that are held."""
        self.command(server.RESET)

    def hold_key_changes(self) -> None:
        """Let each change of a table's key run until `finish_key_changes`, as AWS needs time.

        The status of such a table's SSEDescription is UPDATING. Without this, a change takes no
        time.
        """
        self.command(server.HOLD)

    def finish_key_changes(self) -> None:
        """Finish the changes that are held, and let later ones take no time."""
        self.command(server.FINISH)

    def set_regions(self, statuses: Mapping[str, str], account: str = DEFAULT_ACCOUNT) -> None:
        """Set the opt-in status of Regions, such as `{"af-south-1": "ENABLED"}`."""
        self.command(server.REGIONS, account=account, statuses=dict(statuses))

    def set_table_state(
        self,
        table: str,
        state: TableState,
        region: str = "us-east-1",
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        """Set what DescribeTable shows of a table, such as that it is inaccessible."""
        self.command(
            server.TABLE_STATE, table=table, state=state.value, region=region, account=account
        )

    def set_key_state(
        self, key_id: str, state: str, region: str = "us-east-1", account: str = DEFAULT_ACCOUNT
    ) -> None:
        """Set a key's state to Creating, Updating, Unavailable, or PendingReplicaDeletion.

        To end it, set it to Enabled. Calls of AWS KMS lead to the other states.
        """
        self.command(server.KEY_STATE, key_id=key_id, state=state, region=region, account=account)

    def delete_key(
        self, key_id: str, region: str = "us-east-1", account: str = DEFAULT_ACCOUNT
    ) -> None:
        """Delete a key, as AWS KMS does when its waiting period has ended."""
        self.command(server.DELETE_KEY, key_id=key_id, region=region, account=account)

    def create_tables(
        self,
        prefix: str,
        count: int,
        region: str = "us-east-1",
        account: str = DEFAULT_ACCOUNT,
        sse: Mapping[str, Any] | None = None,
    ) -> list[str]:
        """Create tables quickly, and return their names: the prefix and five digits.

        Args:
            prefix: the prefix of the names.
            count: the number of tables.
            region: the Region.
            account: the account.
            sse: their SSESpecification; None for the AWS owned key.
        """
        names: list[str] = self.command(
            server.CREATE_TABLES,
            prefix=prefix,
            count=count,
            region=region,
            account=account,
            sse=None if sse is None else dict(sse),
        )
        return names

    def set_recorded_types(
        self, types: Sequence[str], region: str = "us-east-1", account: str = DEFAULT_ACCOUNT
    ) -> None:
        """Set the types that AWS Config records, such as "AWS::DynamoDB::Table". Default: all."""
        self.command(server.RECORDED_TYPES, types=list(types), region=region, account=account)

    def set_source_status(
        self, source: str, region: str, status: str, code: str = "", message: str = ""
    ) -> None:
        """Set whether aggregators of AWS Config can collect from an account or an organization.

        Args:
            source: the ID of the account or organization.
            region: the Region that they collect from.
            status: SUCCEEDED, FAILED, or OUTDATED. After FAILED, they have no record from there.
            code: AWS Config's error code.
            message: its message.
        """
        self.command(
            server.SOURCE_STATUS, source=source, region=region, status=status, code=code,
            message=message,
        )  # fmt: skip

    def add_config_records(
        self, *records: str, resource_type: str = "AWS::DynamoDB::Table"
    ) -> None:
        """Let queries of AWS Config's aggregators return records as they are, after the others."""
        self.command(server.CONFIG_RECORDS, resource_type=resource_type, records=list(records))

    def inject(self, *faults: Fault) -> None:
        """Add faults, which happen to calls until a reset."""
        for fault in faults:
            self.command(server.FAULT, fault=fault.to_json())

    def remove_faults(self) -> None:
        """Remove all faults."""
        self.command(server.REMOVE_FAULTS)

    def calls(self) -> list[Call]:
        """Return the calls of AWS APIs since the last reset, in the order of their arrival."""
        return [Call(**call) for call in self.command(server.CALLS)]

    def call_counts(self) -> Counter[str]:
        """Return the number of calls of each IAM action, such as "dynamodb:DescribeTable"."""
        return Counter(self.command(server.COUNTS))

    def credentials(self, account: str = DEFAULT_ACCOUNT) -> Credentials:
        """Return credentials of an account."""
        if account == DEFAULT_ACCOUNT:
            return Credentials("testing", "testing")
        return Credentials(**self.command(server.CREDENTIALS, account=account))

    def client(
        self, service: str, region: str = "us-east-1", account: str = DEFAULT_ACCOUNT
    ) -> Any:
        """Return a boto3 client of an account, without retries. It is valid until a reset."""
        return self.client_of(self.credentials(account), service, region)

    def client_of(self, credentials: Credentials, service: str, region: str = "us-east-1") -> Any:
        """Return a boto3 client with credentials, without retries."""
        # boto3 is slow to import, and not every use of the sandbox needs it.
        import boto3  # noqa: PLC0415
        import botocore.session  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        core = botocore.session.get_session()
        core.register_component("data_loader", _loader())
        session = boto3.session.Session(
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
            region_name=region,
            botocore_session=core,
        )
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        make: Any = session.client
        return make(service, endpoint_url=self.endpoint, config=config)


@cache
def _loader() -> Any:
    """Return what reads botocore's descriptions of services, once for all clients.

    Otherwise each client takes about 0.2 seconds.
    """
    import botocore.session  # noqa: PLC0415

    return botocore.session.get_session().get_component("data_loader")
