"""The spelling SSESpecification, which CloudFormation, Cloud Control and AWS Native share.

Sources: AWS CloudFormation Template Reference, "AWS::DynamoDB::Table SSESpecification",
"AWS::DynamoDB::GlobalTable SSESpecification" and "ReplicaSSESpecification"; Pulumi Registry,
"aws-native.dynamodb.Table" and "aws-native.dynamodb.GlobalTable".
"""

from __future__ import annotations

from dataclasses import replace

from ..encryption.spelling import Spelling

_NATIVE_PAGES = "https://www.pulumi.com/registry/packages/aws-native/api-docs/dynamodb"

PASCAL_TABLE = Spelling(
    block="SSESpecification",
    enabled="SSEEnabled",
    sse_type="SSEType",
    key="KMSMasterKeyId",
    origins=("ImportSourceSpecification",),
)
PASCAL_GLOBAL_TABLE = replace(
    PASCAL_TABLE,
    replicas="Replicas",
    replica_region="Region",
    replica_block="SSESpecification",
    origins=(),
)
CAMEL_TABLE = Spelling(
    block="sseSpecification",
    enabled="sseEnabled",
    sse_type="sseType",
    key="kmsMasterKeyId",
    origins=("importSourceSpecification",),
    page=f"{_NATIVE_PAGES}/table/",
)
CAMEL_GLOBAL_TABLE = replace(
    CAMEL_TABLE,
    replicas="replicas",
    replica_region="region",
    replica_block="sseSpecification",
    origins=(),
    page=f"{_NATIVE_PAGES}/globaltable/",
)
