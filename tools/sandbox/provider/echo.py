"""Resource types that aren't created in the pretend account.

A preview is the same as for other types. An update only keeps the inputs and adds what AWS would
fill in. So a refresh never finds a change, and an import finds nothing.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props, without_internal
from tools.sandbox.provider.resource import Resource


class Echo(Resource):
    """A resource type whose resources exist only in the state."""

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return the id of a new resource: its name, or a random id."""
        name = inputs.get(self.autoname or "")
        return name if isinstance(name, str) else str(uuid.uuid4())

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the outputs that AWS fills in, where an empty string isn't enough."""
        return {}

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Return an id and the outputs."""
        inputs = without_internal(inputs)
        resource_id = self.new_id(aws, inputs)
        return resource_id, self._outputs(aws, resource_id, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Return the state; None for an import, which has no state."""
        return state or None

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Return the plan and what AWS would fill in."""
        return self._outputs(aws, resource_id, {**planned, "id": resource_id})

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Do nothing."""

    def _outputs(self, aws: Aws, resource_id: str, props: Props) -> Props:
        blank: Props = dict.fromkeys(self.computed | self.optional_computed, "")
        if "region" in blank:
            blank["region"] = aws.region
        if "tagsAll" in blank:
            blank["tagsAll"] = aws.all_tags(props)
        kept = {k: v for k, v in props.items() if k not in self.computed}
        outputs = {**blank, **kept, "id": resource_id}
        return {**outputs, **self.filled_in(aws, resource_id, outputs)}
