"""aws-native:index:ExtensionResource, a resource of any CloudFormation type.

It has CloudFormation's property names. Its only output is `outputs`, in a preview and in the
state: neither the type nor the properties are outputs. Left out: autoNaming, tagsProperty,
createOnly and writeOnly, which are ignored.

Source: provider/pkg/resources/extension_resource.go of pulumi-aws-native.
"""

from __future__ import annotations

from tools.sandbox import cloud_control
from tools.sandbox.native.resource import INPUTS, NativeResource, with_drift
from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.properties import UNKNOWN, Props, Secret


class ExtensionResource(NativeResource):
    """A resource of any CloudFormation type. Its id is the identifier in the Cloud Control API."""

    resource_type = "aws-native:index:ExtensionResource"
    title = "extension resource"
    required = frozenset({"properties", "type"})
    computed = frozenset({"outputs"})
    replace_on = frozenset({"type"})

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:  # noqa: ARG002
        """Return an unknown output."""
        return {"outputs": UNKNOWN}

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call CreateResource."""
        handler = cloud_control.handler_of(inputs["type"])
        resource_id, model = handler.create(aws, aws.region, inputs["properties"])
        return resource_id, {"outputs": model, INPUTS: Secret(inputs)}

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call GetResource."""
        if INPUTS not in state:
            raise ProviderError("ExtensionResource import not implemented")
        handler = cloud_control.handler_of(state[INPUTS]["type"])
        model = handler.read(aws, aws.region, resource_id, state["outputs"])
        if model is None:
            return None
        outputs: Props = {"outputs": model}
        inputs = self.inputs_after_read(state[INPUTS], state, outputs)
        return {**outputs, INPUTS: Secret(inputs)}

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Call UpdateResource."""
        handler = cloud_control.handler_of(planned["type"])
        old_model = old[INPUTS]["properties"]
        model = handler.update(aws, aws.region, resource_id, old_model, planned["properties"])
        return {"outputs": model, INPUTS: Secret(planned)}

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call DeleteResource."""
        handler = cloud_control.handler_of(state[INPUTS]["type"])
        handler.delete(aws, aws.region, resource_id, state["outputs"])

    def inputs_after_read(self, inputs: Props, old: Props, new: Props) -> Props:
        """Return the inputs, with drift in their properties."""
        properties = with_drift(inputs["properties"], old["outputs"], new["outputs"])
        return {**inputs, "properties": properties}
