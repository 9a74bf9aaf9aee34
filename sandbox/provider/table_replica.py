"""aws:dynamodb/tableReplica:TableReplica, as far as a preview goes.

Source: internal/service/dynamodb/table_replica.go of terraform-provider-aws. A preview shows what
the real one shows; an update says that the account can't replicate, instead of pretending.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import NoReturn

from sandbox.provider.aws import Aws, ProviderError
from sandbox.provider.properties import Props
from sandbox.provider.resource import Failure, Resource, valid_arn


class TableReplica(Resource):
    """A replica of a global table in another Region: preview only."""

    kind = "aws:dynamodb/tableReplica:TableReplica"
    what = "DynamoDB Table Replica"
    required = frozenset({"globalTableArn"})
    computed = frozenset({"arn", "tagsAll"})
    optional_computed = frozenset({"deletionProtectionEnabled", "kmsKeyArn", "region"})
    replace_on = frozenset({"globalTableArn", "kmsKeyArn", "region"})

    def check_values(self, inputs: Props) -> list[Failure]:
        """Refuse what isn't an ARN."""
        return [
            Failure(prop, f'"{prop}" ({inputs[prop]}) is an invalid ARN')
            for prop in ("globalTableArn", "kmsKeyArn")
            if prop in inputs and not valid_arn(inputs[prop])
        ]

    def create(self, aws: Aws, inputs: Props) -> NoReturn:
        """Refuse: see the module."""
        raise ProviderError("the sandbox's account can't replicate tables; a preview works.")

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """No replica was ever made, so none is found."""
        return None

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> NoReturn:
        """Refuse: see the module."""
        raise ProviderError("the sandbox's account can't replicate tables; a preview works.")

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Nothing to remove."""
