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

_NAMES_TABLE = re.compile(r"(?:tables?|dynamo|dynamodb)(?:v?[0-9]+)?(?:replicas?)?$")


def unread_route(resource_type: str) -> Route | None:
    """Return the route of a resource type that names a DynamoDB table and that no route reads.

    Args:
        resource_type: a type token of any package.

    Returns:
        A route that reports the type; None for a type that does not name a table.
    """
    token = resource_type.lower()
    if "dynamo" not in token or token.startswith("pulumi:providers:"):
        return None
    name = re.sub(r"[^a-z0-9]", "", token.rpartition(":")[2])
    if not _NAMES_TABLE.search(name):
        return None
    shown = one_line(resource_type, _LONGEST_TYPE)
    cause = Hidden(f"this policy pack does not read resources of type {shown}")

    def read(snapshot: Snapshot) -> Iterable[UnreadTables]:
        yield UnreadTables(snapshot.name, cause)

    return Route(read, frozenset(), without_properties=True, unread=True)


_LONGEST_TYPE = 200
