"""What a resource handler does, and the one for types of which the account knows nothing."""

# Not every handler needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props


class Handler(ABC):
    """Makes, reads, changes and removes the resources of one CloudFormation type."""

    @abstractmethod
    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Make a resource; return its identifier and its model."""

    @abstractmethod
    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Return the model as it is now, from the last one; None when the resource is gone."""

    @abstractmethod
    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Change what differs between two desired states; return the model."""

    @abstractmethod
    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Remove the resource; one that is gone already is no error."""


class EchoHandler(Handler):
    """Makes nothing: the model is what was desired."""

    def create(self, aws: Aws, region: str, desired: Props) -> tuple[str, Props]:
        """Give it an identifier."""
        return str(uuid.uuid4()), desired

    def read(self, aws: Aws, region: str, identifier: str, model: Props) -> Props | None:
        """Return the last model."""
        return model

    def update(self, aws: Aws, region: str, identifier: str, old: Props, desired: Props) -> Props:
        """Return what is desired."""
        return desired

    def delete(self, aws: Aws, region: str, identifier: str, model: Props) -> None:
        """Nothing to remove."""
