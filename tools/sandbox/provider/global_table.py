"""aws:dynamodb/globalTable:GlobalTable, the kind of 2017: a group of tables, no table itself.

Source: internal/service/dynamodb/global_table.go of terraform-provider-aws. The account knows no
such groups, so an update only echoes; it doesn't ask for the tables that the group needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tools.sandbox.provider.aws import Aws, partition
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class GlobalTable(Echo):
    """A global table of version 2017.11.29. Its id is its name, which is that of its tables."""

    kind = "aws:dynamodb/globalTable:GlobalTable"
    what = "DynamoDB Global Table"
    required = frozenset({"replicas"})
    computed = frozenset({"arn"})
    optional_computed = frozenset({"region"})
    replace_on = frozenset({"name", "region"})
    sets: ClassVar[Mapping[str, str]] = {"replicas": "regionName"}
    autoname = "name"

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the ARN, which has no Region in it."""
        account = aws.arn("dynamodb", aws.region_of(props), "x").split(":")[4]
        where = partition(aws.region_of(props))
        return {"arn": f"arn:{where}:dynamodb::{account}:global-table/{resource_id}"}
