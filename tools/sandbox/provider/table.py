"""aws:dynamodb/table:Table.

Left out: imports, and restores from a backup. Replicas stay as declared: use
aws:dynamodb/tableReplica:TableReplica to create one in the pretend account.

Source: internal/service/dynamodb/table.go of terraform-provider-aws, and "CreateTable",
"UpdateTable" and "DescribeTable" in the Amazon DynamoDB API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider import table_requests as requests
from tools.sandbox.provider import table_state as state_of
from tools.sandbox.provider.aws import Aws, ProviderError, ignoring
from tools.sandbox.provider.properties import Props, listed, without_internal
from tools.sandbox.provider.resource import Failure, Resource, valid_arn

# DescribeTable doesn't return these, or moto doesn't store them.
_AS_DECLARED = (
    "onDemandThroughput",
    "restoreDateTime",
    "restoreSourceName",
    "restoreSourceTableArn",
    "restoreToLatestTime",
)
_BLOCK_OFF: dict[str, Any] = {"enabled": False}


class Table(Resource):
    """A DynamoDB table. Its id is its name."""

    resource_type = "aws:dynamodb/table:Table"
    title = "DynamoDB Table"
    computed = frozenset({"arn", "streamArn", "streamLabel", "tagsAll"})
    optional_computed = frozenset({
        "attributes", "hashKey", "pointInTimeRecovery", "readCapacity", "region",
        "serverSideEncryption", "streamViewType", "ttl", "warmThroughput", "writeCapacity",
    })  # fmt: skip
    nested_computed: ClassVar[Mapping[str, frozenset[str]]] = {
        "serverSideEncryption": frozenset({"kmsKeyArn"}),
        "pointInTimeRecovery": frozenset({"recoveryPeriodInDays"}),
        "ttl": frozenset(),
        "warmThroughput": frozenset({"readUnitsPerSecond", "writeUnitsPerSecond"}),
        "replicas": frozenset({"arn", "kmsKeyArn", "streamArn", "streamLabel"}),
    }
    replace_on = frozenset({
        "hashKey", "importTable", "localSecondaryIndexes", "name", "rangeKey", "region",
        "restoreBackupArn", "restoreDateTime", "restoreSourceName", "restoreSourceTableArn",
        "restoreToLatestTime",
    })  # fmt: skip
    defaults: ClassVar[Mapping[str, Any]] = {"billingMode": "PROVISIONED"}
    off_is_absent = frozenset({"serverSideEncryption", "pointInTimeRecovery", "ttl"})
    sets: ClassVar[Mapping[str, str]] = {
        "attributes": "name",
        "globalSecondaryIndexes": "name",
        "localSecondaryIndexes": "name",
        "replicas": "regionName",
    }
    autoname = "name"

    def check_values(self, inputs: Props) -> list[Failure]:
        """Reject a block without `enabled`, and a key that isn't an ARN (of any service)."""
        failures = []
        for block in ("serverSideEncryption", "pointInTimeRecovery"):
            value = inputs.get(block)
            if isinstance(value, dict) and "enabled" not in value:
                failures.append(_missing(f"{block}.enabled"))
        keys = [("serverSideEncryption.kmsKeyArn", inputs.get("serverSideEncryption"))]
        for index, replica in enumerate(listed(inputs.get("replicas"))):
            keys.append((f"replicas[{index}].kmsKeyArn", replica))
            if isinstance(replica, dict) and "regionName" not in replica:
                failures.append(_missing(f"replicas[{index}].regionName"))
        for path, owner in keys:
            arn = owner.get("kmsKeyArn", "") if isinstance(owner, dict) else ""
            if not valid_arn(arn):
                reason = f'expected an ARN: "kmsKeyArn" ({arn}) is an invalid ARN'
                failures.append(Failure(path, reason))
        return failures

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call CreateTable or restore a table, then set TTL and point-in-time recovery."""
        inputs = without_internal(inputs)
        client, name = aws.dynamodb(aws.region_of(inputs)), str(inputs["name"])
        if inputs.get("importTable") or inputs.get("restoreBackupArn"):
            raise ProviderError("the sandbox can't create tables from imports or backups.")
        if inputs.get("restoreSourceName") or inputs.get("restoreSourceTableArn"):
            self._restore(client, name, inputs)
        else:
            call: Any = client.create_table
            call(**requests.create_request(aws, inputs))
        if inputs.get("ttl", _BLOCK_OFF).get("enabled"):
            requests.set_ttl(client, name, inputs["ttl"])
        if inputs.get("pointInTimeRecovery", _BLOCK_OFF).get("enabled"):
            requests.set_recovery(client, name, inputs["pointInTimeRecovery"])
        return name, self.read_back(aws, name, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call DescribeTable, and the calls for tags, TTL and backups."""
        region = aws.region_of(state)
        client = aws.dynamodb(region)
        try:
            table: Any = client.describe_table(TableName=resource_id)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return None
        on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
        throughput = {} if on_demand else table["ProvisionedThroughput"]
        keys = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
        tags = state_of.tags(client, table["TableArn"])
        stream, warm = table.get("StreamSpecification", {}), table.get("WarmThroughput", {})
        return {
            "id": table["TableName"],
            "arn": table["TableArn"],
            "attributes": [
                {"name": a["AttributeName"], "type": a["AttributeType"]}
                for a in table["AttributeDefinitions"]
            ],
            "billingMode": "PAY_PER_REQUEST" if on_demand else "PROVISIONED",
            "deletionProtectionEnabled": bool(table.get("DeletionProtectionEnabled")),
            "globalSecondaryIndexes": [
                state_of.index(index, on_demand)
                for index in table.get("GlobalSecondaryIndexes", [])
            ],
            "hashKey": keys["HASH"],
            "localSecondaryIndexes": [
                state_of.index(index, None) for index in table.get("LocalSecondaryIndexes", [])
            ],
            "name": table["TableName"],
            "pointInTimeRecovery": state_of.recovery(client, resource_id),
            "rangeKey": keys.get("RANGE"),
            "readCapacity": throughput.get("ReadCapacityUnits", 0),
            "region": region,
            "replicas": state_of.replicas(table["TableArn"], state.get("replicas")),
            **{prop: state[prop] for prop in _AS_DECLARED if prop in state},
            "serverSideEncryption": state_of.encryption(aws, region, table.get("SSEDescription")),
            "streamArn": table.get("LatestStreamArn", ""),
            "streamEnabled": bool(stream.get("StreamEnabled")),
            "streamLabel": table.get("LatestStreamLabel", ""),
            "streamViewType": stream.get("StreamViewType", ""),
            "tableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
            "tags": aws.own_tags(tags, state),
            "tagsAll": tags,
            "ttl": state_of.ttl(client, resource_id),
            "warmThroughput": {
                "readUnitsPerSecond": warm.get("ReadUnitsPerSecond", 0),
                "writeUnitsPerSecond": warm.get("WriteUnitsPerSecond", 0),
            },
            "writeCapacity": throughput.get("WriteCapacityUnits", 0),
            "__meta": '{"schema_version":"1"}',
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Call UpdateTable for each kind of change, as one call can't mix them."""
        client = aws.dynamodb(aws.region_of(planned))
        send: Any = client.update_table
        for request in requests.update_requests(old, planned):
            send(TableName=resource_id, **request)
        if planned.get("ttl") != old.get("ttl") and planned.get("ttl"):
            requests.set_ttl(client, resource_id, planned["ttl"])
        recovery = planned.get("pointInTimeRecovery")
        if recovery != old.get("pointInTimeRecovery") and recovery:
            requests.set_recovery(client, resource_id, recovery)
        requests.set_tags(
            client, old["arn"], old.get("tagsAll") or {}, planned.get("tagsAll") or {}
        )
        return self.read_back(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call DeleteTable."""
        with ignoring("ResourceNotFoundException"):
            aws.dynamodb(aws.region_of(state)).delete_table(TableName=resource_id)

    def _restore(self, client: Any, name: str, inputs: Props) -> None:
        request: dict[str, Any] = {
            "TargetTableName": name,
            "SourceTableName": inputs.get("restoreSourceName")
            or str(inputs["restoreSourceTableArn"]).rsplit("/", 1)[-1],
            "UseLatestRestorableTime": bool(inputs.get("restoreToLatestTime", True)),
        }
        if "serverSideEncryption" in inputs:
            request["SSESpecificationOverride"] = requests.specification(
                inputs["serverSideEncryption"]
            )
        client.restore_table_to_point_in_time(**request)


def _missing(path: str) -> Failure:
    name = path.rsplit(".", 1)[-1]
    return Failure(path, f'Missing required argument: the argument "{name}" is required')
