"""aws:dynamodb/tableReplica:TableReplica.

Source: internal/service/dynamodb/table_replica.go of terraform-provider-aws. What a replica is in
the account: see ``tools.sandbox.account.replicas``. Point-in-time recovery, tags and deletion protection
stay in the state.
"""

from __future__ import annotations

from typing import Any

from tools.sandbox.provider.aws import Aws, error_code
from tools.sandbox.provider.properties import Props, without_internal
from tools.sandbox.provider.resource import Failure, Resource, valid_arn

_LOCAL = (
    "deletionProtectionEnabled", "globalTableArn", "pointInTimeRecovery", "tableClassOverride",
    "tags", "tagsAll",
)  # fmt: skip


class TableReplica(Resource):
    """A replica of a table in another Region. Its id is "<name>:<Region of the table>"."""

    kind = "aws:dynamodb/tableReplica:TableReplica"
    what = "DynamoDB Table Replica"
    required = frozenset({"globalTableArn"})
    computed = frozenset({"arn", "tagsAll"})
    optional_computed = frozenset({"deletionProtectionEnabled", "kmsKeyArn", "region"})
    replace_on = frozenset({"globalTableArn", "kmsKeyArn", "region"})

    def check_values(self, inputs: Props) -> list[Failure]:
        """Refuse what isn't an ARN."""
        return [
            Failure(prop, f'"{prop}" ({inputs[prop]}) is an invalid ARN')
            for prop in ("globalTableArn", "kmsKeyArn")
            if prop in inputs and not valid_arn(inputs[prop])
        ]

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """UpdateTable with ReplicaUpdates, called in the table's Region."""
        inputs = without_internal(inputs)
        parts = str(inputs["globalTableArn"]).split(":", 5)
        home, name = parts[3], parts[5].removeprefix("table/")
        words: dict[str, Any] = {"RegionName": aws.region_of(inputs)}
        if inputs.get("kmsKeyArn"):
            words["KMSMasterKeyId"] = inputs["kmsKeyArn"]
        self._send(aws, home, name, {"Create": words})
        resource_id = f"{name}:{home}"
        state = {
            "deletionProtectionEnabled": False,
            **inputs,
            "tagsAll": {**aws.default_tags, **(inputs.get("tags") or {})},
        }
        return resource_id, self.read(aws, resource_id, state) or {}

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """DescribeTable in the replica's Region. A key shows even where AWS manages it."""
        region = aws.region_of(state)
        client: Any = aws.dynamodb(region)
        name, _ = resource_id.split(":")
        try:
            table = client.describe_table(TableName=name)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return None
        return {
            "id": resource_id,
            "arn": table["TableArn"],
            "kmsKeyArn": table.get("SSEDescription", {}).get("KMSMasterKeyArn", ""),
            "region": region,
            **{prop: state[prop] for prop in _LOCAL if prop in state},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:  # noqa: ARG002
        """Nothing that reaches the account can change in place."""
        return self.read(aws, resource_id, planned) or {}

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """UpdateTable with ReplicaUpdates; a table that is gone has no replicas."""
        name, home = resource_id.split(":")
        try:
            self._send(aws, home, name, {"Delete": {"RegionName": aws.region_of(state)}})
        except Exception as error:
            if error_code(error) not in ("ResourceNotFoundException", "ValidationException"):
                raise

    def _send(self, aws: Aws, home: str, name: str, update: dict[str, Any]) -> None:
        call: Any = aws.dynamodb(home).update_table
        call(TableName=name, ReplicaUpdates=[update])
