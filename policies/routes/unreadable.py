"""Resources that create other resources from a template that the policy can't read.

Sources: Pulumi Registry, "aws.serverlessrepository.CloudFormationStack" and
"aws.servicecatalog.ProvisionedProduct".
"""

from __future__ import annotations

from collections.abc import Iterable

from ..encryption.tables import UnreadTables
from ..encryption.values import Hidden
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
