"""What all types of the ``aws-native`` stand-in have in common."""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from tools.sandbox import cloud_control
from tools.sandbox.native.naming import to_cfn, to_sdk
from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import UNKNOWN, Props, Secret
from tools.sandbox.provider.resource import Change, Failure, Resource

INPUTS = "__inputs"


class NativeResource(Resource, ABC):
    """A resource type that goes to the Cloud Control API, which may only echo it."""

    cfn: ClassVar[str]

    def check(self, name: str, old: Props, new: Props, seed: bytes) -> tuple[Props, list[Failure]]:
        """Fill in the name, and say what is missing. Unlike the bridge it leaves no marks."""
        inputs = dict(new)
        prop = self.autoname
        if prop and prop not in inputs:
            # The old inputs don't tell a name that was filled in from one that was given.
            inputs[prop] = old.get(prop) or self._name(name, {}, inputs, seed)
        failures = [
            Failure(prop, f"required property {prop!r} is missing")
            for prop in sorted(self.required)
            if prop not in inputs
        ]
        return inputs, failures

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the inputs, and the read-only properties as unknown.

        In an update only ids, names and ARNs are taken for stable, as populateStableOutputs does.
        """
        word = self.kind.rsplit(":", 1)[-1]
        own = word[:1].lower() + word[1:]
        stable = {"arn", "id", "name", f"{own}Arn", f"{own}Id", f"{own}Name"}
        known = {prop: old[prop] for prop in self.computed & stable if prop in old}
        return {**new, **dict.fromkeys(self.computed, UNKNOWN), **known}

    def wanted(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the inputs: the Cloud Control API is told what is desired, and no plan."""
        return new

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare inputs with inputs: what AWS has plays no part before a refresh."""
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
        """The real provider always deletes first."""
        return bool(changes)

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateResource."""
        handler = cloud_control.handler_of(self.cfn)
        resource_id, model = handler.create(aws, aws.region, to_cfn(inputs))
        made = self.made(aws, inputs)
        resource_id = str(made.pop("id", resource_id))
        return resource_id, {**to_sdk(model), **made, INPUTS: Secret(inputs)}

    def made(self, aws: Aws, inputs: Props) -> Props:
        """Return the id and what AWS would fill in, where the account only echoes."""
        return {}

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """GetResource."""
        handler = cloud_control.handler_of(self.cfn)
        model = to_cfn({k: v for k, v in state.items() if k != INPUTS})
        found = handler.read(aws, aws.region, resource_id, model)
        if not found:
            return None
        outputs = to_sdk(found)
        inputs = self.inputs_after_read(state.get(INPUTS, {}), state, outputs)
        return {**outputs, INPUTS: Secret(inputs)}

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """UpdateResource."""
        handler = cloud_control.handler_of(self.cfn)
        before = to_cfn(old.get(INPUTS, {}))
        model = handler.update(aws, aws.region, resource_id, before, to_cfn(planned))
        kept = {prop: old[prop] for prop in self.computed if prop in old}
        return {**kept, **to_sdk(model), INPUTS: Secret(planned)}

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """DeleteResource."""
        model = to_cfn({k: v for k, v in state.items() if k != INPUTS})
        cloud_control.handler_of(self.cfn).delete(aws, aws.region, resource_id, model)

    def inputs_after_read(self, inputs: Props, old: Props, new: Props) -> Props:
        """Apply to the inputs what differs between the old outputs and the new ones."""
        inputs = dict(inputs)
        skipped = self.computed | {INPUTS}
        for prop in (old.keys() | new.keys()) - skipped:
            if prop not in new:
                inputs.pop(prop, None)
            elif new[prop] != old.get(prop):
                inputs[prop] = new[prop]
        return inputs
