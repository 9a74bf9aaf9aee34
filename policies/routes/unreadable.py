"""Resources that may declare tables in a way that the policy can't read.

Sources: Pulumi Registry, "aws.serverlessrepository.CloudFormationStack" and
"aws.servicecatalog.ProvisionedProduct".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..encryption.tables import UnreadTables
from ..encryption.values import Hidden, one_line
from ..snapshot import Snapshot
from .route import Route


def read_application(snapshot: Snapshot) -> Iterable[UnreadTables]:
    """Read an application of the Serverless Application Repository."""
    yield UnreadTables(
        snapshot.name, Hidden("the template is in the AWS Serverless Application Repository")
    )


def read_product(snapshot: Snapshot) -> Iterable[UnreadTables]:
    """Read a product of AWS Service Catalog."""
    yield UnreadTables(snapshot.name, Hidden("the template is in AWS Service Catalog"))


APPLICATION = Route(read_application, frozenset())
PRODUCT = Route(read_product, frozenset())

_NAMES_DYNAMODB = re.compile(r"(?i:dynamo)|(?<![A-Za-z])ddb|Ddb|DDB")
_NAMES_TABLE = re.compile(
    r"""
    # A table, or what contains one, and not what belongs to one, such as an item.
    table(?!
        s?(v?[0-9]+)?(replicas?)?
        (access|alarm|arn|autoscal|backup|capacity|contributor|dashboard|data|destination|entry
        |event|export|grant|index|insight|item|kinesis|metric|monitor|name|permission|polic
        |read|record|resourcepolic|role|row|scal|seed|stream|subscription|tag|target|trigger|write)
    )
    # A component that is named for the service alone.
    | (dynamo(db)?|ddb)(v?[0-9]+)?(component|construct|database|module|resource|stack|store)?$
    """,
    re.VERBOSE,
)
_GLOBAL_TABLE_2017 = "aws_dynamodb_global_table"
"""A type without an encryption setting. Its tables are read where they are declared."""


def unread_route(resource_type: str) -> Route | None:
    """Return the route of a resource type that names a DynamoDB table and that no route reads.

    Args:
        resource_type: a type token of any package.

    Returns:
        A route that reports the type; None for a type that does not name a table.
    """
    if not _NAMES_DYNAMODB.search(resource_type) or resource_type.startswith("pulumi:providers:"):
        return None
    name = resource_type.rpartition(":")[2]
    if name == _GLOBAL_TABLE_2017 or not _NAMES_TABLE.search(
        re.sub(r"[^a-z0-9]", "", name.lower())
    ):
        return None
    shown = one_line(resource_type, _LONGEST_TYPE)
    cause = Hidden(f"this policy pack does not read resources of type {shown}")

    def read(snapshot: Snapshot) -> Iterable[UnreadTables]:
        yield UnreadTables(snapshot.name, cause)

    return Route(read, frozenset(), without_properties=True, unread=True)


_LONGEST_TYPE = 200
