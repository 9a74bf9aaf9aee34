"""aws:dynamodb/tableReplica:TableReplica.

Point-in-time recovery, tags and deletion protection stay in the state. For what a replica is in the
pretend account, see `tools.sandbox.account.replicas`.

Source: internal/service/dynamodb/table_replica.go of terraform-provider-aws.
"""

from __future__ import annotations

from typing import Any

from tools.sandbox.provider.aws import Aws, ignoring
from tools.sandbox.provider.properties import Props, without_internal
from tools.sandbox.provider.resource import Failure, Resource, invalid_arns

_AS_DECLARED = (
    "deletionProtectionEnabled", "globalTableArn", "pointInTimeRecovery", "tableClassOverride",
    "tags", "tagsAll",
)  # fmt: skip


class TableReplica(Resource):
    """A replica of a table in another Region. Its id is "<name>:<Region of the table>"."""

    resource_type = "aws:dynamodb/tableReplica:TableReplica"
    title = "DynamoDB Table Replica"
    required = frozenset({"globalTableArn"})
    computed = frozenset({"arn", "tagsAll"})
    optional_computed = frozenset({"deletionProtectionEnabled", "kmsKeyArn", "region"})
    replace_on = frozenset({"globalTableArn", "kmsKeyArn", "region"})

    def check_values(self, inputs: Props) -> list[Failure]:
        """Reject values that aren't ARNs."""
        return invalid_arns(inputs, "globalTableArn", "kmsKeyArn")

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call UpdateTable with ReplicaUpdates in the table's Region."""
        inputs = without_internal(inputs)
        parts = str(inputs["globalTableArn"]).split(":", 5)
        resource_id = f"{parts[5].removeprefix('table/')}:{parts[3]}"
        replica: dict[str, Any] = {"RegionName": aws.region_of(inputs)}
        if inputs.get("kmsKeyArn"):
            replica["KMSMasterKeyId"] = inputs["kmsKeyArn"]
        _update_replicas(aws, resource_id, {"Create": replica})
        state = {"deletionProtectionEnabled": False, **inputs, "tagsAll": aws.all_tags(inputs)}
        return resource_id, self.read_back(aws, resource_id, state)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call DescribeTable in the replica's Region. An AWS managed key is in the state, too."""
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
            **{prop: state[prop] for prop in _AS_DECLARED if prop in state},
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:  # noqa: ARG002
        """Return the plan, as no change in place reaches the account."""
        return self.read_back(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call UpdateTable with ReplicaUpdates, unless the table or the replica doesn't exist."""
        with ignoring("ResourceNotFoundException", "ValidationException"):
            _update_replicas(aws, resource_id, {"Delete": {"RegionName": aws.region_of(state)}})


def _update_replicas(aws: Aws, resource_id: str, update: dict[str, Any]) -> None:
    name, region = resource_id.split(":")
    call: Any = aws.dynamodb(region).update_table
    call(TableName=name, ReplicaUpdates=[update])
