"""Check, plan and compare resources as a bridged Terraform provider does.

The plan is the old state overlaid with the new inputs. A property that AWS fills in when the
program leaves it out ("optional + computed") keeps its old value, and is unknown for a new
resource. Removing such a block therefore changes nothing, which is a well-known trap with
serverSideEncryption.

Source: pkg/tfbridge/{provider,schema,names}.go of pulumi-terraform-bridge.
"""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from tools.sandbox.provider.aws import Aws, ProviderError
from tools.sandbox.provider.comparison import by_key, is_off, same, same_set
from tools.sandbox.provider.properties import (
    UNKNOWN,
    Props,
    has_unknown,
    without_internal,
    without_unknown,
)

# verify.ValidARN in internal/verify/validate.go of terraform-provider-aws accepts any service.
_ARN = re.compile(r"^arn:[\w-]+:([a-zA-Z0-9\-])+:([a-z]{2}-([a-z]+-)+\d{1})?:(\d{12}|aws|)?:(.+)$")


class Failure(NamedTuple):
    """An invalid input: the path of the property, and the reason."""

    path: str
    reason: str


class Change(NamedTuple):
    """A property that an update changes.

    Attributes:
        path: the path of the property.
        kind: "add", "delete" or "update".
        replaces: whether the change replaces the resource.
    """

    path: str
    kind: str
    replaces: bool


class Resource(ABC):
    """One resource type: its properties and what each operation does.

    Attributes:
        resource_type: the type, such as "aws:kms/key:Key".
        title: the type's name in messages.
        required: the required inputs.
        computed: outputs that are known only after an update.
        optional_computed: properties that AWS fills in when the program leaves them out.
        nested_computed: the same for the properties of a block, by the block's name.
        replace_on: properties whose change replaces the resource.
        defaults: default values of inputs.
        off_is_absent: blocks for which `enabled: false` equals leaving the block out.
        sets: lists without an order, with the property that identifies their members.
        autoname: the property that gets a generated name.
        autoname_prefix: what a generated name begins with.
        name_prefix: the input that sets the beginning of the generated name.
    """

    resource_type: ClassVar[str]
    title: ClassVar[str]
    required: ClassVar[frozenset[str]] = frozenset()
    computed: ClassVar[frozenset[str]] = frozenset()
    optional_computed: ClassVar[frozenset[str]] = frozenset()
    nested_computed: ClassVar[Mapping[str, frozenset[str]]] = {}
    replace_on: ClassVar[frozenset[str]] = frozenset()
    defaults: ClassVar[Mapping[str, Any]] = {}
    off_is_absent: ClassVar[frozenset[str]] = frozenset()
    sets: ClassVar[Mapping[str, str]] = {}
    autoname: ClassVar[str | None] = None
    autoname_prefix: ClassVar[str] = ""
    name_prefix: ClassVar[str | None] = None

    # --- calls of the AWS API -------------------------------------------------------------

    @abstractmethod
    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Create the resource; return its id and its outputs."""

    @abstractmethod
    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Return the resource's current outputs, None if it doesn't exist."""

    @abstractmethod
    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Apply the differences between the old state and the plan; return the outputs."""

    @abstractmethod
    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Delete the resource. Deleting a resource that doesn't exist isn't an error."""

    def read_back(self, aws: Aws, resource_id: str, state: Props) -> Props:
        """Return the outputs of a resource that was just created or updated.

        Raises:
            ProviderError: the resource doesn't exist.
        """
        outputs = self.read(aws, resource_id, state)
        if outputs is None:
            raise ProviderError("the resource was deleted during the update.")
        return outputs

    # --- check ----------------------------------------------------------------------------

    def check(self, name: str, old: Props, new: Props, seed: bytes) -> tuple[Props, list[Failure]]:
        """Return the inputs with defaults and a name, and the inputs that are invalid."""
        inputs = _with_default_marks(without_internal(new))
        filled = []
        for prop, default in self.defaults.items():
            if prop not in inputs:
                inputs[prop] = default
                filled.append(prop)
        prop = self.autoname or ""
        if prop and prop not in inputs:
            filled.append(prop)
            inputs[prop] = self._name(name, old, inputs, seed)
        inputs["__defaults"] = sorted(filled)
        failures = [
            Failure(prop, f"Missing required argument: the argument {prop!r} is required.")
            for prop in sorted(self.required)
            if prop not in inputs
        ]
        return inputs, failures + self.check_values(inputs)

    def check_values(self, inputs: Props) -> list[Failure]:  # noqa: ARG002
        """Return the inputs with invalid values."""
        return []

    def _name(self, name: str, old: Props, inputs: Props, seed: bytes) -> str:
        if self.autoname in old.get("__defaults", []):
            return str(old[self.autoname or ""])
        # The engine's seed makes preview and update agree on the name.
        digits = random.Random(seed or None)  # noqa: S311 not a secret
        suffix = "".join(digits.choices("0123456789abcdef", k=7))
        prefix = inputs.get(self.name_prefix or "")
        if isinstance(prefix, str):
            return f"{prefix}{suffix}"
        start = "" if name.startswith(self.autoname_prefix) else self.autoname_prefix
        return f"{start}{name}-{suffix}"

    # --- plan -----------------------------------------------------------------------------

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the outputs that a preview shows, `UNKNOWN` where only the update knows them.

        Args:
            aws: the provider's configuration.
            old: the state; empty for a new resource.
            new: the checked inputs.
        """
        new = without_internal(new)
        planned: Props = {}
        for prop in self.computed | self.optional_computed:
            planned[prop] = old.get(prop) if old else UNKNOWN
        for prop, value in new.items():
            if prop in self.off_is_absent and is_off(value) and old and is_off(old.get(prop)):
                continue
            planned[prop] = self._overlay(prop, old.get(prop), value)
        if "region" in self.optional_computed and "region" not in new:
            planned["region"] = old.get("region") or aws.region
        if "tagsAll" in self.computed:
            planned["tagsAll"] = self._all_tags(aws, old, new)
        return planned

    def desired(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the properties that `update` applies: the known part of the plan."""
        return without_unknown(self.plan(aws, old, new))

    def _all_tags(self, aws: Aws, old: Props, new: Props) -> Any:
        tags = new.get("tags") or {}
        if tags is UNKNOWN:
            return UNKNOWN
        # A new resource without tags: unknown (SetTagsDiff in internal/verify/diff.go).
        return {**aws.default_tags, **tags} or ({} if old else UNKNOWN)

    def _overlay(self, prop: str, old: Any, new: Any) -> Any:
        names = self.nested_computed.get(prop, frozenset())
        if isinstance(new, dict) and names:
            return _filled(new, old if isinstance(old, dict) else {}, names)
        if isinstance(new, list) and names and prop in self.sets:
            key = self.sets[prop]
            members = by_key(old, key)
            return [
                _filled(member, members.get(member.get(key), {}), names)
                for member in new
                if isinstance(member, dict)
            ]
        return new

    # --- diff -----------------------------------------------------------------------------

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare the new inputs with the state, so that drift is a change, too."""
        inputs, state = without_internal(new), without_internal(state)
        if "region" in self.optional_computed and "region" not in inputs:
            # Changing the provider's Region changes the Region of its resources.
            inputs["region"] = aws.region
        changes = []
        for prop, value in inputs.items():
            old = state.get(prop)
            if prop in self.off_is_absent and is_off(value) and is_off(old):
                continue
            for path, kind in self._compare(prop, old, value):
                changes.append(Change(path, kind, prop in self.replace_on))
        for prop in without_internal(old_inputs):
            kept = prop in self.optional_computed | self.computed or prop in inputs
            if not kept and state.get(prop) not in (None, "", [], {}, False):
                changes.append(Change(prop, "delete", prop in self.replace_on))
        return changes

    def needs_delete_first(self, new: Props, changes: list[Change]) -> bool:
        """Return whether the old resource must be deleted first, as names can't be shared."""
        if self.autoname is None or not any(change.replaces for change in changes):
            return False
        renamed = any(change.path == self.autoname for change in changes)
        return not renamed and self.autoname not in new.get("__defaults", [])

    def _compare(self, prop: str, old: Any, new: Any) -> list[tuple[str, str]]:
        if isinstance(new, dict) and isinstance(old, dict) and prop in self.nested_computed:
            skip = self.nested_computed[prop]
            return [
                (f"{prop}.{name}", "update" if name in old else "add")
                for name, value in new.items()
                if not (name in skip and value == "")
                and (has_unknown(value) or not same(old.get(name), value))
            ]
        if has_unknown(new):
            return [(prop, "add" if old is None else "update")]
        if prop in self.sets and isinstance(new, list):
            unchanged = same_set(old, new, self.sets[prop])
        else:
            unchanged = same(old, new)
        return [] if unchanged else [(prop, "add" if old is None else "update")]

    # --- refresh --------------------------------------------------------------------------

    def inputs_after_read(self, inputs: Props, old: Props, new: Props) -> Props:
        """Return the inputs of a resource after a refresh or an import.

        A property that drifted takes its new value, and a property that AWS no longer has is
        left out. The others keep the program's values. An import takes every property that can
        be an input.
        """
        if not inputs:
            skipped = self.computed | {"id", "region"}
            return {
                k: v
                for k, v in new.items()
                if k not in skipped and not k.startswith("__") and v not in (None, "", [], {})
            }
        kept: Props = {}
        for prop, value in inputs.items():
            if prop.startswith("__") or prop not in new or same(old.get(prop), new[prop]):
                kept[prop] = value
            elif new[prop] is not None:
                kept[prop] = _reshaped(value, new[prop])
        return kept


def valid_arn(value: Any) -> bool:
    """Return whether Terraform's provider accepts a value as an ARN. It accepts "", too."""
    return value in ("", UNKNOWN) or (isinstance(value, str) and bool(_ARN.match(value)))


def invalid_arns(inputs: Props, *props: str) -> list[Failure]:
    """Return a failure for each of some properties that is set to something else than an ARN."""
    return [
        Failure(prop, f'"{prop}" ({inputs[prop]}) is an invalid ARN')
        for prop in props
        if prop in inputs and not valid_arn(inputs[prop])
    ]


def _with_default_marks(inputs: Props) -> Props:
    """Add the bridge's (empty) list of defaults to every block."""
    return {
        prop: {"__defaults": [], **value}
        if isinstance(value, dict) and prop not in ("parameters", "tags")
        else [{"__defaults": [], **v} if isinstance(v, dict) else v for v in value]
        if isinstance(value, list)
        else value
        for prop, value in inputs.items()
    }


def _filled(new: Props, old: Props, names: frozenset[str]) -> Props:
    missing = {n: old.get(n, UNKNOWN) for n in names if new.get(n) in (None, "")}
    return {**new, **missing}


def _reshaped(declared: Any, current: Any) -> Any:
    """Return a block that drifted, without empty properties that the program doesn't declare."""
    if not (isinstance(declared, dict) and isinstance(current, dict)):
        return current
    block = {k: v for k, v in current.items() if k in declared or v not in (None, "", 0)}
    return {**block, **({"__defaults": []} if "__defaults" in declared else {})}
