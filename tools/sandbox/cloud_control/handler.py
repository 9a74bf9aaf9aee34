"""The operations of a Cloud Control API resource handler.

Source: "Resource types that support Cloud Control API" in the AWS Cloud Control API User Guide.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod

from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.properties import Props


class Handler(ABC):
    """Creates, reads, updates and deletes the resources of one CloudFormation type."""

    @abstractmethod
    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Create a resource; return its identifier and its model."""

    @abstractmethod
    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Return the last model with current values, None if the resource doesn't exist."""

    @abstractmethod
    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Apply the differences between two desired states; return the model."""

    @abstractmethod
    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Delete the resource. Deleting a resource that doesn't exist isn't an error."""

    def read_back(self, aws: Aws, region: str, identifier: str, desired: Props) -> Props:
        """Return the model of a resource that was just created or updated.

        Raises:
            ProviderError: the resource doesn't exist.
        """
        model = self.read(aws, region, identifier, desired)
        if model is None:
            raise ProviderError("the resource was deleted during the update.")
        return model


class EchoHandler(Handler):
    """Creates nothing: the model is the desired state."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Return a random identifier and the desired state."""
        return str(uuid.uuid4()), desired

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Return the last model."""
        return model

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Return the desired state."""
        return desired

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Do nothing."""
