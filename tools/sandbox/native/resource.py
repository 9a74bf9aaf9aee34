"""Check, plan and compare resources as `aws-native` does.

Source: provider/pkg/provider/{provider,previewOutputs}.go of pulumi-aws-native.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

from abc import ABC

from tools.sandbox import cloud_control
from tools.sandbox.native.naming import to_cfn, to_sdk
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import UNKNOWN, Props, Secret
from tools.sandbox.provider.resource import Change, Failure, Resource

INPUTS = "__inputs"


class NativeResource(Resource, ABC):
    """A resource type of the Cloud Control API. Its `title` is its CloudFormation type."""

    def check(self, name: str, old: Props, new: Props, seed: bytes) -> tuple[Props, list[Failure]]:
        """Return the inputs with a name, and the required inputs that are missing."""
        inputs = dict(new)
        prop = self.autoname
        if prop and prop not in inputs:
            # Old inputs don't show whether their name was generated or declared.
            inputs[prop] = old.get(prop) or self._name(name, {}, inputs, seed)
        failures = [
            Failure(prop, f"required property {prop!r} is missing")
            for prop in sorted(self.required)
            if prop not in inputs
        ]
        return inputs, failures

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the inputs, and the read-only properties as unknown.

        In an update, ids, names and ARNs keep their values (populateStableOutputs).
        """
        name = self.resource_type.rsplit(":", 1)[-1]
        prefix = name[:1].lower() + name[1:]
        stable = {"arn", "id", "name", f"{prefix}Arn", f"{prefix}Id", f"{prefix}Name"}
        known = {prop: old[prop] for prop in self.computed & stable if prop in old}
        return {**new, **dict.fromkeys(self.computed, UNKNOWN), **known}

    def desired(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the inputs, which the Cloud Control API takes as the desired state."""
        return new

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare the new inputs with the old inputs, so drift shows only after a refresh."""
        changes = []
        for prop in sorted(old_inputs.keys() | new.keys()):
            if prop not in new:
                changes.append(Change(prop, "delete", prop in self.replace_on))
            elif prop not in old_inputs:
                changes.append(Change(prop, "add", prop in self.replace_on))
            elif new[prop] != old_inputs[prop]:
                changes.append(Change(prop, "update", prop in self.replace_on))
        return changes

    def needs_delete_first(self, new: Props, changes: list[Change]) -> bool:
        """Return true for a replacement, as the real provider always deletes first."""
        return bool(changes)

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Call CreateResource."""
        handler = cloud_control.handler_of(self.title)
        resource_id, model = handler.create(aws, aws.region, to_cfn(inputs))
        filled_in = self.filled_in(aws, inputs)
        resource_id = str(filled_in.pop("id", resource_id))
        return resource_id, {**to_sdk(model), **filled_in, INPUTS: Secret(inputs)}

    def filled_in(self, aws: Aws, inputs: Props) -> Props:
        """Return the id and the outputs that AWS fills in, for a type that isn't created."""
        return {}

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Call GetResource."""
        handler = cloud_control.handler_of(self.title)
        model = to_cfn({k: v for k, v in state.items() if k != INPUTS})
        current = handler.read(aws, aws.region, resource_id, model)
        if not current:
            return None
        outputs = to_sdk(current)
        inputs = self.inputs_after_read(state.get(INPUTS, {}), state, outputs)
        return {**outputs, INPUTS: Secret(inputs)}

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Call UpdateResource."""
        handler = cloud_control.handler_of(self.title)
        old_model = to_cfn(old.get(INPUTS, {}))
        model = handler.update(aws, aws.region, resource_id, old_model, to_cfn(planned))
        kept = {prop: old[prop] for prop in self.computed if prop in old}
        return {**kept, **to_sdk(model), INPUTS: Secret(planned)}

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Call DeleteResource."""
        model = to_cfn({k: v for k, v in state.items() if k != INPUTS})
        cloud_control.handler_of(self.title).delete(aws, aws.region, resource_id, model)

    def inputs_after_read(self, inputs: Props, old: Props, new: Props) -> Props:
        """Return the inputs with the differences between the old outputs and the new ones."""
        return with_drift(inputs, old, new, ignored=self.computed | {INPUTS})


def with_drift(
    inputs: Props, old: Props, new: Props, ignored: frozenset[str] = frozenset()
) -> Props:
    """Return inputs with the differences between old outputs and new ones.

    Args:
        inputs: the old inputs.
        old: the outputs before the refresh.
        new: the outputs after the refresh.
        ignored: outputs that can't be inputs.
    """
    changed = {k: v for k, v in new.items() if v != old.get(k) and k not in ignored}
    deleted = old.keys() - new.keys() - ignored
    return {k: v for k, v in {**inputs, **changed}.items() if k not in deleted}
