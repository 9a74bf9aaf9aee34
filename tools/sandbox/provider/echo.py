"""Resource types of which the account knows nothing: what was declared is what there is.

A preview is that of any other type. An update makes nothing: it keeps the inputs and fills in
what AWS would have. So a refresh never finds a change, and nothing can be imported.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import Props, without_internal
from tools.sandbox.provider.resource import Resource


class Echo(Resource):
    """A resource type whose resources are in the state only."""

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return the id of a new resource: its name where it has one."""
        name = inputs.get(self.autoname or "")
        return name if isinstance(name, str) else str(uuid.uuid4())

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return what AWS would fill in; a type overrides this for more than empty strings."""
        return {}

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Give it an id."""
        inputs = without_internal(inputs)
        resource_id = self.new_id(aws, inputs)
        return resource_id, self._outputs(aws, resource_id, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Return the state as it is; without one (an import) there is nothing to find."""
        return state or None

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Return the plan, with what AWS would fill in."""
        return self._outputs(aws, resource_id, {**planned, "id": resource_id})

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Nothing to remove."""

    def _outputs(self, aws: Aws, resource_id: str, props: Props) -> Props:
        blank: Props = dict.fromkeys(self.computed | self.optional_computed, "")
        if "region" in blank:
            blank["region"] = aws.region
        if "tagsAll" in blank:
            blank["tagsAll"] = {**aws.default_tags, **(props.get("tags") or {})}
        kept = {k: v for k, v in props.items() if k not in self.computed}
        outputs = {**blank, **kept, "id": resource_id}
        return {**outputs, **self.made(aws, resource_id, outputs)}
