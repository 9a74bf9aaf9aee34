"""aws-native:index:ExtensionResource: any CloudFormation type, with its own property names.

Its outputs are ``outputs`` and no more: neither the type nor the properties are among them, in a
preview as in the state. Source: provider/pkg/resources/extension_resource.go of pulumi-aws-native.
Left out: autoNaming, tagsProperty, createOnly and writeOnly do nothing. Which types reach the
account: see ``tools.sandbox.cloud_control``.
"""

from __future__ import annotations

from tools.sandbox import cloud_control
from tools.sandbox.native.resource import INPUTS, NativeResource
from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.properties import UNKNOWN, Props, Secret


class ExtensionResource(NativeResource):
    """A resource of any CloudFormation type. Its id is the identifier in the Cloud Control API."""

    kind = "aws-native:index:ExtensionResource"
    cfn = "any"
    what = "extension resource"
    required = frozenset({"properties", "type"})
    computed = frozenset({"outputs"})
    replace_on = frozenset({"type"})

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:  # noqa: ARG002
        """Nothing is known before an update."""
        return {"outputs": UNKNOWN}

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateResource."""
        handler = cloud_control.handler_of(inputs["type"])
        resource_id, model = handler.create(aws, aws.region, inputs["properties"])
        return resource_id, {"outputs": model, INPUTS: Secret(inputs)}

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """GetResource."""
        if INPUTS not in state:
            raise ProviderError("ExtensionResource import not implemented")
        handler = cloud_control.handler_of(state[INPUTS]["type"])
        model = handler.read(aws, aws.region, resource_id, state["outputs"])
        if model is None:
            return None
        found: Props = {"outputs": model}
        inputs = self.inputs_after_read(state[INPUTS], state, found)
        return {**found, INPUTS: Secret(inputs)}

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """UpdateResource."""
        handler = cloud_control.handler_of(planned["type"])
        before = old[INPUTS]["properties"]
        model = handler.update(aws, aws.region, resource_id, before, planned["properties"])
        return {"outputs": model, INPUTS: Secret(planned)}

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """DeleteResource."""
        handler = cloud_control.handler_of(state[INPUTS]["type"])
        handler.delete(aws, aws.region, resource_id, state["outputs"])

    def inputs_after_read(self, inputs: Props, old: Props, new: Props) -> Props:
        """Apply to the properties what differs between the old outputs and the new ones."""
        was, now = old["outputs"], new["outputs"]
        properties = dict(inputs["properties"])
        for prop in was.keys() | now.keys():
            if prop not in now:
                properties.pop(prop, None)
            elif now[prop] != was.get(prop):
                properties[prop] = now[prop]
        return {**inputs, "properties": properties}
