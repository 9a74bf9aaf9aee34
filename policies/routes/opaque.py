"""What makes resources from a template that is elsewhere, so that nobody can tell from here.

Sources: Pulumi Registry, "aws.serverlessrepository.CloudFormationStack" and
"aws.servicecatalog.ProvisionedProduct".
"""

from __future__ import annotations

from collections.abc import Iterable

from ..encryption import Hidden, Opaque
from .source import Source


def application(source: Source) -> Iterable[Opaque]:
    """Whatever an application of the Serverless Application Repository makes."""
    why = "its template is in the AWS Serverless Application Repository"
    yield Opaque(source.name, Hidden((), why))


def product(source: Source) -> Iterable[Opaque]:
    """Whatever a product of Service Catalog makes."""
    yield Opaque(source.name, Hidden((), "its template is in AWS Service Catalog"))
