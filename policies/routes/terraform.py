"""Tables declared through Terraform: the dynamic bridge and pulumi-terraform-module.

The bridge spells properties as Pulumi does. A module's children spell them as Terraform does. A
block is an object or a list with one object in either.

Sources: Terraform Registry, hashicorp/aws, "aws_dynamodb_table" and "aws_dynamodb_table_replica";
pulumi-terraform-module (children have the type `<package>:tf:<Terraform type>`); Pulumi Registry,
"Any Terraform Provider".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..encryption.spelling import Spelling
from ..encryption.tables import Declaration, UnreadTables
from ..encryption.values import Hidden
from ..snapshot import Snapshot
from . import pulumi_aws
from .route import Route
from .tables import replica_route, table_route

BRIDGE_TABLE_SPELLING = replace(pulumi_aws.TABLE_SPELLING, blocks_are_lists=True)
BRIDGE_REPLICA_SPELLING = pulumi_aws.REPLICA_SPELLING
MODULE_TABLE_SPELLING = Spelling(
    block="server_side_encryption",
    enabled="enabled",
    key="kms_key_arn",
    replicas="replica",
    replica_region="region_name",
    origins=(
        "restore_source_name",
        "restore_source_table_arn",
        "restore_backup_arn",
        "import_table",
    ),
    blocks_are_lists=True,
    assign=" = ",
    opens=" ",
    separator="; ",
)
MODULE_REPLICA_SPELLING = Spelling(key="kms_key_arn", assign=" = ")

_WHY_UNREAD = Hidden(
    "the engine doesn't show the properties of a Terraform module's resources to stack policies. "
    "To check them, run `pulumi policy analyze`"
)


def _module_route(route: Route) -> Route:
    # A module's children are views: they have inputs, but the engine runs no resource policy on
    # them in a preview or update, and shows a stack policy none of their properties.
    def read(snapshot: Snapshot) -> Iterable[Declaration]:
        if snapshot.is_empty:
            return (UnreadTables(snapshot.name, _WHY_UNREAD),)
        return route.read(snapshot)

    return route._replace(read=read, without_properties=True)


BRIDGE_TABLE = table_route(BRIDGE_TABLE_SPELLING, remediated=True)
BRIDGE_REPLICA = replica_route(BRIDGE_REPLICA_SPELLING)
MODULE_TABLE = _module_route(table_route(MODULE_TABLE_SPELLING))
MODULE_REPLICA = _module_route(replica_route(MODULE_REPLICA_SPELLING))
