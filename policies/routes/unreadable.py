"""Resources that may declare tables in a way that the policy can't read.

Sources: Pulumi Registry, "aws.serverlessrepository.CloudFormationStack" and
"aws.servicecatalog.ProvisionedProduct".
"""

from __future__ import annotations

from collections.abc import Iterable

from ..encryption.table_types import names_table, why_unread
from ..encryption.tables import UnreadTables
from ..encryption.values import Hidden
from ..snapshot import Snapshot
from .route import Route


def _tables_hidden_by(reason: str) -> Route:
    """Return the route of a type whose tables can't be read, for a reason."""
    cause = Hidden(reason)

    def read(snapshot: Snapshot) -> Iterable[UnreadTables]:
        yield UnreadTables(snapshot.name, cause)

    return Route(read, frozenset())


APPLICATION = _tables_hidden_by("the template is in the AWS Serverless Application Repository")
PRODUCT = _tables_hidden_by("the template is in AWS Service Catalog")

_GLOBAL_TABLE_2017 = "aws_dynamodb_global_table"
"""A type without an encryption setting. Its tables are read where they are declared."""


def unread_route(resource_type: str) -> Route | None:
    """Return the route of a resource type that names a DynamoDB table and that no route reads.

    Args:
        resource_type: a type token of any package.

    Returns:
        A route that reports the type; None for a type that does not name a table.
    """
    if (
        not names_table(resource_type)
        or resource_type.startswith("pulumi:providers:")
        or resource_type.endswith(f":{_GLOBAL_TABLE_2017}")
    ):
        return None
    route = _tables_hidden_by(why_unread(resource_type))
    return route._replace(without_properties=True, unread=True)
