"""aws:dynamodb/globalTable:GlobalTable, a global table of version 2017.11.29.

It groups existing tables and isn't a table itself. It exists only in the state. Left out: the check
that the tables of the group exist.

Source: internal/service/dynamodb/global_table.go of terraform-provider-aws.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tools.sandbox.provider.aws import Aws, partition
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class GlobalTable(Echo):
    """A global table. Its id is its name, which is the name of its tables."""

    resource_type = "aws:dynamodb/globalTable:GlobalTable"
    title = "DynamoDB Global Table"
    required = frozenset({"replicas"})
    computed = frozenset({"arn"})
    optional_computed = frozenset({"region"})
    replace_on = frozenset({"name", "region"})
    sets: ClassVar[Mapping[str, str]] = {"replicas": "regionName"}
    autoname = "name"

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the ARN, which has no Region."""
        start = f"arn:{partition(aws.region_of(props))}:dynamodb::{aws.account_id}"
        return {"arn": f"{start}:global-table/{resource_id}"}
