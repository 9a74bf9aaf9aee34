"""What all resource types of the stand-in have in common: check, plan, compare.

The rules are those of a provider that the Pulumi Terraform bridge makes: the plan is the old state
overlaid by the new inputs; what the program leaves out and AWS fills in ("optional + computed")
keeps its old value, and is unknown before there is one. A removed block of that kind therefore
changes nothing: a well known trap with serverSideEncryption.
"""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.properties import (
    UNKNOWN,
    Props,
    has_unknown,
    without_internal,
    without_unknown,
)

# How Terraform's provider tells an ARN, any service's (verify.ValidARN in
# internal/verify/validate.go of terraform-provider-aws).
_ARN = re.compile(r"^arn:[\w-]+:([a-zA-Z0-9\-])+:([a-z]{2}-([a-z]+-)+\d{1})?:(\d{12}|aws|)?:(.+)$")


class Failure(NamedTuple):
    """An input that Check refuses: the path of the property, and why."""

    path: str
    reason: str


class Change(NamedTuple):
    """A property that an update changes: its path, "add", "delete" or "update", and the cost."""

    path: str
    kind: str
    replaces: bool


class Resource(ABC):
    """One resource type. The class attributes describe the properties, the methods do the work."""

    kind: ClassVar[str]
    what: ClassVar[str]
    required: ClassVar[frozenset[str]] = frozenset()
    # Known only after an update.
    computed: ClassVar[frozenset[str]] = frozenset()
    # Filled in by AWS where the program leaves them out.
    optional_computed: ClassVar[frozenset[str]] = frozenset()
    # The same, inside a block: property -> names.
    nested_computed: ClassVar[Mapping[str, frozenset[str]]] = {}
    replace_on: ClassVar[frozenset[str]] = frozenset()
    defaults: ClassVar[Mapping[str, Any]] = {}
    # Blocks for which "off" and "left out" are the same.
    off_is_absent: ClassVar[frozenset[str]] = frozenset()
    # Lists without an order: property -> what tells their members apart.
    sets: ClassVar[Mapping[str, str]] = {}
    # The property that gets a name of its own, and what that name begins with.
    autoname: ClassVar[str | None] = None
    autoname_prefix: ClassVar[str] = ""
    name_prefix: ClassVar[str | None] = None

    # --- the API, one method a verb -------------------------------------------------------

    @abstractmethod
    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """Make the resource; return its id and its outputs."""

    @abstractmethod
    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """Return the outputs as AWS has them now, None when the resource is gone."""

    @abstractmethod
    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Change what differs between the old state and the plan; return the outputs."""

    @abstractmethod
    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """Remove the resource; one that is gone already is no error."""

    # --- check ----------------------------------------------------------------------------

    def check(self, name: str, old: Props, new: Props, seed: bytes) -> tuple[Props, list[Failure]]:
        """Fill in defaults and the name, and say which inputs are wrong."""
        inputs = _with_marks(without_internal(new))
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
        """Say which values are wrong; types that can tell override this."""
        return []

    def _name(self, name: str, old: Props, inputs: Props, seed: bytes) -> str:
        if self.autoname in old.get("__defaults", []):
            return str(old[self.autoname or ""])
        # The engine's seed makes preview and update agree on the name.
        digits = random.Random(seed or None)  # noqa: S311 a name, no secret
        suffix = "".join(digits.choices("0123456789abcdef", k=7))
        prefix = inputs.get(self.name_prefix or "")
        if isinstance(prefix, str):
            return f"{prefix}{suffix}"
        start = "" if name.startswith(self.autoname_prefix) else self.autoname_prefix
        return f"{start}{name}-{suffix}"

    # --- plan -----------------------------------------------------------------------------

    def plan(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return the outputs that an update would leave, ``UNKNOWN`` where nobody can tell.

        Args:
            aws: the provider's configuration.
            old: the state; empty when the resource is to be created.
            new: the checked inputs.
        """
        new = without_internal(new)
        planned: Props = {}
        for prop in self.computed | self.optional_computed:
            planned[prop] = old.get(prop) if old else UNKNOWN
        for prop, value in new.items():
            if prop in self.off_is_absent and _is_off(value) and old and _is_off(old.get(prop)):
                continue
            planned[prop] = self._overlay(prop, old.get(prop), value)
        if "region" in self.optional_computed and "region" not in new:
            planned["region"] = old.get("region") or aws.region
        if "tagsAll" in self.computed:
            planned["tagsAll"] = self._all_tags(aws, old, new)
        return planned

    def wanted(self, aws: Aws, old: Props, new: Props) -> Props:
        """Return what an update is to bring about: the plan, as far as it is known."""
        return without_unknown(self.plan(aws, old, new))

    def _all_tags(self, aws: Aws, old: Props, new: Props) -> Any:
        tags = new.get("tags") or {}
        if tags is UNKNOWN:
            return UNKNOWN
        # Without any tag a create can't tell (SetTagsDiff in internal/verify/diff.go).
        return {**aws.default_tags, **tags} or ({} if old else UNKNOWN)

    def own_tags(self, aws: Aws, tags: Props, state: Props) -> Props:
        """Return the resource's tags without those that come from the provider's defaultTags."""
        declared = state.get("tags") or {}
        defaults = aws.default_tags
        return {k: v for k, v in tags.items() if k in declared or defaults.get(k) != v}

    def _overlay(self, prop: str, old: Any, new: Any) -> Any:
        names = self.nested_computed.get(prop, frozenset())
        if isinstance(new, dict) and names:
            return _filled(new, old if isinstance(old, dict) else {}, names)
        if isinstance(new, list) and names and prop in self.sets:
            key = self.sets[prop]
            olds = {o.get(key): o for o in old or [] if isinstance(o, dict)}
            return [_filled(n, olds.get(n.get(key), {}), names) for n in new if isinstance(n, dict)]
        return new

    # --- diff -----------------------------------------------------------------------------

    def diff(self, aws: Aws, state: Props, old_inputs: Props, new: Props) -> list[Change]:
        """Compare the new inputs with the state, so that drift shows up, too."""
        inputs, state = without_internal(new), without_internal(state)
        if "region" in self.optional_computed and "region" not in inputs:
            # A provider that moves takes its resources along.
            inputs["region"] = aws.region
        changes = []
        for prop, value in inputs.items():
            old = state.get(prop)
            if prop in self.off_is_absent and _is_off(value) and _is_off(old):
                continue
            for path, kind in self._compare(prop, old, value):
                changes.append(Change(path, kind, prop in self.replace_on))
        for prop in without_internal(old_inputs):
            stays = prop in self.optional_computed | self.computed or prop in inputs
            if not stays and state.get(prop) not in (None, "", [], {}, False):
                changes.append(Change(prop, "delete", prop in self.replace_on))
        return changes

    def needs_delete_first(self, new: Props, changes: list[Change]) -> bool:
        """A name that the program chose can't be taken twice, so the old one must go first."""
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
                and (has_unknown(value) or not _same(old.get(name), value))
            ]
        if has_unknown(new):
            return [(prop, "add" if old is None else "update")]
        if prop in self.sets and isinstance(new, list):
            same = self._same_set(prop, old, new)
        else:
            same = _same(old, new)
        return [] if same else [(prop, "add" if old is None else "update")]

    def _same_set(self, prop: str, old: Any, new: list[Any]) -> bool:
        key = self.sets[prop]
        olds = {o.get(key): o for o in old or [] if isinstance(o, dict)}
        if len(olds) != len(new):
            return False
        return all(
            n.get(key) in olds and all(_same(olds[n[key]].get(k), v) for k, v in n.items())
            for n in new
        )

    # --- refresh --------------------------------------------------------------------------

    def inputs_after_read(self, inputs: Props, old: Props, new: Props) -> Props:
        """Return the inputs of a resource that was read again.

        What drifted in AWS takes its new value, what is gone there is dropped; the rest stays as
        the program wrote it. A resource that is read for the first time takes all it can.
        """
        if not inputs:
            only_out = self.computed | {"region"}
            return {
                prop: value
                for prop, value in new.items()
                if prop not in only_out
                and not prop.startswith("__")
                and value not in (None, "", [], {})
            }
        kept: Props = {}
        for prop, value in inputs.items():
            if prop.startswith("__") or prop not in new or _same(old.get(prop), new[prop]):
                kept[prop] = value
            elif new[prop] is not None:
                kept[prop] = _reshaped(value, new[prop])
        return kept


def valid_arn(value: Any) -> bool:
    """Tell whether Terraform's provider takes a value for an ARN: empty, unknown, or like one."""
    return value in ("", UNKNOWN) or (isinstance(value, str) and bool(_ARN.match(value)))


def _with_marks(inputs: Props) -> Props:
    """Give every block the (empty) list of defaults that the bridge gives it."""
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


def _is_off(value: Any) -> bool:
    return not value or (isinstance(value, dict) and value.get("enabled") is False)


def _same(old: Any, new: Any) -> bool:
    """Compare as Terraform does: what isn't there equals what is empty."""
    if isinstance(new, dict) and isinstance(old, dict):
        return all(_same(old.get(k), new.get(k)) for k in old.keys() | new.keys())
    if isinstance(new, list) and isinstance(old, list):
        return len(old) == len(new) and all(map(_same, old, new))
    empty = (None, "", 0, False)
    if any(old is e or old == e for e in empty) and any(new is e or new == e for e in empty):
        return True
    return bool(old == new) or str(old) == str(new)


def _reshaped(written: Any, found: Any) -> Any:
    """Give a block that drifted the fields that the program wrote, and those that are set."""
    if isinstance(written, dict) and isinstance(found, dict):
        wanted = {k: v for k, v in found.items() if k in written or v not in (None, "", 0)}
        return {**wanted, **({"__defaults": []} if "__defaults" in written else {})}
    return found
