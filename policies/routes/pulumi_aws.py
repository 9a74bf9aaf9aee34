"""Tables declared with Pulumi's AWS provider, versions 6 and 7.

Sources: Pulumi Registry, "aws.dynamodb.Table" and "aws.dynamodb.TableReplica" (property names);
terraform-provider-aws, internal/service/dynamodb/table.go and table_replica.go (what the provider
records: no block for an AWS owned key, an empty kmsKeyArn for the AWS managed key, and the key
behind an alias; kmsKeyArn is optional and computed, so a program that leaves it out keeps the
deployed key).
"""

from __future__ import annotations

from ..encryption.spelling import Spelling
from .tables import replica_route, table_route

_PAGES = "https://www.pulumi.com/registry/packages/aws/api-docs/dynamodb"

TABLE_SPELLING = Spelling(
    block="serverSideEncryption",
    enabled="enabled",
    key="kmsKeyArn",
    replicas="replicas",
    replica_region="regionName",
    origins=("restoreSourceName", "restoreSourceTableArn", "restoreBackupArn", "importTable"),
    keeps_key=True,
    page=f"{_PAGES}/table/",
)
REPLICA_SPELLING = Spelling(key="kmsKeyArn", keeps_key=True, page=f"{_PAGES}/tablereplica/")

TABLE = table_route(TABLE_SPELLING, remediated=True)
REPLICA = replica_route(REPLICA_SPELLING)
