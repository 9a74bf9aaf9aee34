"""Tables declared with Pulumi's AWS provider, versions 6 and 7.

Sources: Pulumi Registry, "aws.dynamodb.Table" and "aws.dynamodb.TableReplica" (property names);
terraform-provider-aws, internal/service/dynamodb/table.go (what the provider records: no block for
an AWS owned key, and an empty kmsKeyArn for the AWS managed key).
"""

from __future__ import annotations

from ..encryption.spelling import Spelling
from .tables import replica_route, table_route

TABLE_SPELLING = Spelling(
    block="serverSideEncryption",
    enabled="enabled",
    key="kmsKeyArn",
    replicas="replicas",
    replica_region="regionName",
    origins=("restoreSourceName", "restoreSourceTableArn", "restoreBackupArn", "importTable"),
)
REPLICA_SPELLING = Spelling(key="kmsKeyArn")

TABLE = table_route(TABLE_SPELLING, remediated=True)
REPLICA = replica_route(REPLICA_SPELLING)
