"""aws:cloudcontrol/resource:Resource.

For the CloudFormation types that are created in the pretend account, see
`tools.sandbox.cloud_control`. Left out: the schema of a type, and imports.

Source: internal/service/cloudcontrol/resource.go of terraform-provider-aws.
"""

from __future__ import annotations

import json

from tools.sandbox import cloud_control
from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.properties import UNKNOWN, Props, has_unknown, without_internal
from tools.sandbox.provider.resource import Failure, Resource


class CloudControlResource(Resource):
    """A resource of any CloudFormation type. Its id is the identifier in the Cloud Control API."""

    resource_type = "aws:cloudcontrol/resource:Resource"
    title = "Cloud Control API (AWS) Resource"
    required = frozenset({"desiredState", "typeName"})
    computed = frozenset({"properties"})
    optional_computed = frozenset({"region", "schema"})
    replace_on = frozenset({"region", "typeName"})

    def check_values(self, inputs: Props) -> list[Failure]:
        """Reject a desired state that isn't a JSON object."""
        text = inputs.get("desiredState", UNKNOWN)
        if has_unknown(text):
            return []
        try:
            _model(inputs, "desiredState")
        except ValueError:
            return [Failure("desiredState", '"desiredState" contains an invalid JSON')]
        return []

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the plan; a new desired state makes the properties unknown."""
        planned = super().plan(aws, old, new)
        if planned.get("desiredState") != old.get("desiredState"):
            planned["properties"] = UNKNOWN
        return planned

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call CreateResource."""
        inputs = without_internal(inputs)
        handler = cloud_control.handler_of(inputs["typeName"])
        resource_id, model = handler.create(
            aws, aws.region_of(inputs), _model(inputs, "desiredState")
        )
        return resource_id, _outputs(aws, resource_id, inputs, model)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call GetResource."""
        if "typeName" not in state:
            raise ProviderError("the sandbox can't import a resource of the Cloud Control API.")
        handler = cloud_control.handler_of(state["typeName"])
        model = handler.read(aws, aws.region_of(state), resource_id, _model(state, "properties"))
        return None if model is None else _outputs(aws, resource_id, state, model)

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Call UpdateResource."""
        handler = cloud_control.handler_of(planned["typeName"])
        model = handler.update(
            aws,
            aws.region_of(planned),
            resource_id,
            _model(old, "desiredState"),
            _model(planned, "desiredState"),
        )
        return _outputs(aws, resource_id, planned, model)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call DeleteResource."""
        handler = cloud_control.handler_of(state["typeName"])
        handler.delete(aws, aws.region_of(state), resource_id, _model(state, "properties"))


def _outputs(aws: Aws, resource_id: str, props: Props, model: Props) -> Props:
    return {
        **props,
        "id": resource_id,
        "properties": json.dumps(model, separators=(",", ":")),
        "region": aws.region_of(props),
        "schema": props.get("schema") or "{}",
    }


def _model(props: Props, prop: str) -> Props:
    model = json.loads(props.get(prop) or "{}")
    if not isinstance(model, dict):
        raise ValueError("not an object")
    return model
