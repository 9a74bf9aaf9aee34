"""Read the state of a stack: what `pulumi stack export` writes, or the file of a backend.

The resources are passed to the rule as the engine passes them to policies. A damaged resource does
not hide the others: each fault is a sentence of the state.

Sources: Pulumi, sdk/go/common/apitype/core.go (the formats of `pulumi stack export` and of a
backend's files), pkg/resource/stack/deployment.go and sdk/go/common/resource/properties.go (secrets
and assets), and pkg/resource/deploy/analyze_snapshot.go (what `pulumi policy analyze` passes to
policies).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Literal, NoReturn

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
)

from policies.encryption.values import json_type, quoted
from policies.routes import route_of
from policies.routes.kms_keys import read_properties

_NEWEST_VERSION = 4
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public signature
_ASSETS = ("c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7")
_REDACTED = "[secret]"
"""What the engine passes to policies for a secret that it can't decrypt."""
_SEPARATORS = 3
_DEEPEST = 150
"""Policies read values that are nested less deeply."""
_PROVIDERS = "pulumi:providers:"
_EXTENSION = "aws-native:index:ExtensionResource"
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WITHOUT_TIME = 1
"""The year of Go's empty time."""

_OBJECTS = ("inputs", "outputs", "propertyDependencies")
_OPERATIONS = ("creating", "updating", "deleting", "reading", "importing")
_STRINGS = ("id", "parent", "provider")
_BOOLEANS = ("delete", "external")
_LISTS = ("ignoreChanges",)


class DamagedStateError(Exception):
    """A text is not the state of a stack, or nothing of it can be read. The message says why."""


@dataclass(frozen=True)
class Secret:
    """A secret value in a state.

    Attributes:
        value: the value; what the engine shows instead, if it is encrypted.
        is_readable: whether it is not encrypted.
    """

    value: Any
    is_readable: bool


@dataclass(frozen=True)
class Recorded:
    """A resource in a state.

    Attributes:
        urn: its URN.
        type: its type token.
        members: what the state records about it. Secrets are `Secret` objects.
        fault: why it can't be judged, as a clause; empty if it can.
    """

    urn: str
    type: str
    members: Mapping[str, Any]
    fault: str = ""

    @property
    def name(self) -> str:
        """Its name in the program."""
        return self.urn.split("::", _SEPARATORS)[-1]

    @property
    def id(self) -> str:
        """The ID that the provider assigned; empty if there is none."""
        return self.members.get("id") or ""

    @property
    def is_external(self) -> bool:
        """Whether the stack only reads it."""
        return bool(self.members.get("external"))

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the program declares."""
        return self.members.get("inputs") or {}

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the provider recorded."""
        outputs: Mapping[str, Any] = self.members.get("outputs") or {}
        model = outputs.get("outputs")
        if self.type != _EXTENSION or model is None or "type" not in self.inputs:
            return outputs
        # The only output is the deployed resource, and its type is only in the inputs.
        return {**outputs, "type": self.inputs["type"], "properties": model}


@dataclass(frozen=True)
class State:
    """The state of a stack.

    Attributes:
        stack: the name of the stack without its project; empty if the state has no resources.
        project: the name of its project; empty if the state has no resources.
        updated: when the stack was last updated; None if never, or if not recorded.
        resources: its resources, without those that the next update deletes.
        replaced: the resources with tables that were replaced, and that the next update deletes.
        faults: sentences about parts that are damaged. Such a part can hide tables.
        hides_keys: whether a damaged part can hide what is wrong with a table's key.
    """

    stack: str = ""
    project: str = ""
    updated: datetime | None = None
    resources: tuple[Recorded, ...] = ()
    replaced: tuple[Recorded, ...] = ()
    faults: tuple[str, ...] = ()
    hides_keys: bool = False

    @property
    def has_secrets(self) -> bool:
        """Whether an encrypted secret can decide about a table: in what a route reads, or a key."""
        return any(
            _has_encrypted(properties[name])
            for resource in (*self.resources, *self.replaced)
            if (names := _properties_of(resource.type))
            for properties in (resource.inputs, resource.outputs)
            for name in names & properties.keys()
        )


def parse(text: str | bytes) -> State:
    """Read the state of a stack.

    Args:
        text: what `pulumi stack export` writes, or the file of a stack in a self-managed backend.
            Bytes can have any encoding that JSON can have.

    Raises:
        DamagedStateError: it is not a state, or nothing of it can be read.
    """
    deployment = _deployment(_json(text))
    if deployment is None:
        return State()
    if not isinstance(deployment, dict):
        raise DamagedStateError(
            f"The deployment in the state is {json_type(deployment)} instead of an object."
        )
    entries = deployment.get("resources") or []
    if not isinstance(entries, list):
        raise DamagedStateError(
            f"The resources in the state are {json_type(entries)} instead of a list."
        )
    resources: list[Recorded] = []
    replaced: list[Recorded] = []
    urns: set[str] = set()
    faults: list[str] = []
    hides_keys = False
    for number, entry in enumerate(entries, 1):
        resource = _recorded(entry)
        if resource is None:
            faults.append(
                f"Resource {number} of the state has no valid URN or type, so it is not checked."
            )
            hides_keys = True
            continue
        if resource.members.get("delete") is True:
            if route_of(resource.type) is None:
                continue  # The stack does not have it any more.
            replaced.append(resource)
            if resource.fault:
                faults.append(_damaged(resource))
            continue
        resources.append(resource)
        if resource.urn in urns:
            faults.append(f"The state has {quoted(resource.name)} twice with the same URN.")
            hides_keys = True
        urns.add(resource.urn)
        if resource.fault:
            faults.append(_damaged(resource))
            hides_keys |= resource.type.startswith(_PROVIDERS) or bool(
                read_properties(resource.type)
            )
    faults += _interrupted(deployment.get("pending_operations") or [])
    first = next((resource.urn for resource in (*resources, *replaced)), None)
    stack, project = first.removeprefix("urn:pulumi:").split("::")[:2] if first else ("", "")
    manifest = deployment.get("manifest")
    updated = _time(manifest.get("time")) if isinstance(manifest, dict) else None
    return State(
        stack, project, updated, tuple(resources), tuple(replaced), tuple(faults), hides_keys
    )


def _damaged(resource: Recorded) -> str:
    return f"The state of {quoted(resource.name)} is damaged: {resource.fault}."


def _interrupted(operations: Any) -> Iterator[str]:
    """Yield a sentence for each interrupted operation whose table the state may not show."""
    if not isinstance(operations, list):
        yield f"The pending operations of the state are {_found(operations)} instead of a list."
        return
    for number, operation in enumerate(operations, 1):
        resource = _recorded(operation.get("resource")) if isinstance(operation, dict) else None
        if resource is None:
            yield (
                f"Pending operation {number} of the state has no resource with a valid URN or type."
            )
        elif route_of(resource.type) is not None:
            doing = operation.get("type")
            shown = doing if doing in _OPERATIONS else "changing"
            yield (
                f"An update was interrupted while {shown} {quoted(resource.name)}, so the state "
                "may not record what is deployed. Run `pulumi refresh`, which asks what to do "
                "with an interrupted creation."
            )


def is_urn(text: str) -> bool:
    """Return whether a text has the form of a URN."""
    return text.startswith("urn:pulumi:") and text.count("::") >= _SEPARATORS


def policy_resources(
    state: State, properties: Literal["inputs", "outputs"], *, with_secrets: bool = True
) -> list[PolicyResource]:
    """Return the resources of a state as the engine passes them to policies.

    Args:
        state: the state. Its damaged resources are left out.
        properties: which properties the policies see.
        with_secrets: whether to show the values of secrets that are not encrypted.
    """
    sound = [resource for resource in state.resources if not resource.fault]
    providers = {
        resource.urn: PolicyProviderResource(
            resource.type, plain(resource.inputs, with_secrets), resource.urn, resource.name
        )
        for resource in sound
        if resource.type.startswith(_PROVIDERS)
    }
    made = [
        PolicyResource(
            resource.type,
            # Only these are read.
            plain(getattr(resource, properties), with_secrets) if _is_read(resource) else {},
            resource.urn,
            resource.name,
            _options(resource),
            providers.get((resource.members.get("provider") or "").rpartition("::")[0]),
            None,
            [],
            {},
        )
        for resource in sound
    ]
    by_urn = {resource.urn: resource for resource in made}
    for recorded, resource in zip(sound, made, strict=True):
        resource.parent = by_urn.get(recorded.members.get("parent") or "")
        dependencies = recorded.members.get("propertyDependencies") or {}
        resource.property_dependencies = {
            name: [by_urn[urn] for urn in urns or () if urn in by_urn]
            for name, urns in dependencies.items()
        }
    return made


def plain(value: Any, with_secrets: bool = True) -> Any:
    """Return a value of a state without `Secret` objects.

    Args:
        value: the value.
        with_secrets: whether to show secrets that are not encrypted.
    """
    return _plain(value, with_secrets, 0)


def has_secret(value: Any) -> bool:
    """Return whether a value of a state contains a secret."""
    return any(True for _ in _secrets(value))


def _plain(value: Any, with_secrets: bool, depth: int) -> Any:
    if isinstance(value, Secret):
        return _plain(value.value, with_secrets, depth + 1) if with_secrets else _REDACTED
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        if value.get(_SIGNATURE) in _ASSETS:
            return _ASSET
        return {name: _plain(item, with_secrets, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, with_secrets, depth + 1) for item in value]
    return value


_ASSET = object()
"""An asset or archive. The policies see that it is none of JSON's values."""


def _secrets(value: Any) -> Iterator[Secret]:
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, Secret):
            yield each
            rest.append(each.value)
        elif isinstance(each, dict):
            rest.extend(each.values())
        elif isinstance(each, list):
            rest.extend(each)


def _has_encrypted(value: Any) -> bool:
    return any(not secret.is_readable for secret in _secrets(value))


def _is_read(resource: Recorded) -> bool:
    return route_of(resource.type) is not None or bool(read_properties(resource.type))


def _properties_of(resource_type: str) -> frozenset[str]:
    """Return the properties of a type that decide about tables."""
    if resource_type.startswith(_PROVIDERS):
        return frozenset(("region",))
    route = route_of(resource_type)
    return read_properties(resource_type) if route is None else route.properties


def _options(resource: Recorded) -> PolicyResourceOptions:
    ignored = resource.members.get("ignoreChanges") or []
    return PolicyResourceOptions(False, ignored, None, [], PolicyCustomTimeouts(0, 0, 0), [])


def _json(text: str | bytes) -> Any:
    try:
        decoded = text.decode(json.detect_encoding(text)) if isinstance(text, bytes) else text
    except ValueError as error:
        raise DamagedStateError("The state is not a text in UTF-8.") from error
    try:
        return _loads(decoded)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise DamagedStateError(f"The state is not JSON: {error.msg} ({place}).") from error
    except (ValueError, RecursionError) as error:
        raise DamagedStateError(
            "The state is not JSON that the CLI can read: it has NaN, Infinity, a number with too "
            "many digits, or values that are nested too deeply."
        ) from error


def _loads(text: str) -> Any:
    if _HALF_CHARACTER.search(text):
        # Go replaces half a character, which can't be written.
        whole = json.dumps(json.loads(text, parse_constant=_refuse), ensure_ascii=False)
        text = whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """Return a JSON object, or a secret."""
    value = dict(pairs)
    if value.get(_SIGNATURE) != _SECRET:
        return value
    plaintext = value.get("plaintext")
    try:
        if isinstance(plaintext, str):
            return Secret(_loads(plaintext), True)
    except (ValueError, RecursionError):
        pass
    return Secret(_REDACTED, False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _deployment(value: Any) -> Any:
    """Return the deployment of a state; None for a stack that was never updated."""
    if not isinstance(value, dict):
        found = "a secret" if isinstance(value, Secret) else json_type(value)
        raise DamagedStateError(f"The state is {found} instead of an object.")
    if "deployment" not in value and "checkpoint" not in value:
        raise DamagedStateError(
            "The state has no deployment. Write it with `pulumi stack export --file FILE`."
        )
    version = value.get("version", _NEWEST_VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version > _NEWEST_VERSION:
        raise DamagedStateError(
            f"The state has an unknown version. The audit reads versions up to {_NEWEST_VERSION}."
        )
    if "deployment" in value:
        return value["deployment"]
    checkpoint = value["checkpoint"]
    return checkpoint.get("latest") if isinstance(checkpoint, dict) else checkpoint


def _recorded(entry: Any) -> Recorded | None:
    """Return a resource; None if it has no valid URN or type."""
    if not isinstance(entry, dict):
        return None
    urn, kind = entry.get("urn"), entry.get("type")
    if not isinstance(urn, str) or not is_urn(urn) or not isinstance(kind, str) or not kind:
        return None
    return Recorded(urn, kind, entry, _fault(entry))


def _fault(entry: Mapping[str, Any]) -> str:
    for names, kind, expected in (
        (_OBJECTS, dict, "an object"),
        (_STRINGS, str, "a string"),
        (_BOOLEANS, bool, "a boolean"),
        (_LISTS, list, "a list"),
    ):
        for name in names:
            value = entry.get(name)
            if value is not None and not isinstance(value, kind):
                return f"{name} is {_found(value)} instead of {expected}"
    for name in (*_LISTS, *(entry.get("propertyDependencies") or ())):
        value = entry.get(name) if name in _LISTS else entry["propertyDependencies"][name]
        if not _is_list_of_strings(value or []):
            return f"{quoted(name)} is no list of strings"
    return ""


def _found(value: object) -> str:
    return "a secret" if isinstance(value, Secret) else json_type(value)


def _is_list_of_strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _time(value: object) -> datetime | None:
    """Return the time of a manifest; None if there is none."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    seconds, fraction, zone = match.groups()
    # Go writes nanoseconds.
    fraction = f"{(fraction or '.')[:7]:0<7}"
    try:
        time = datetime.fromisoformat(f"{seconds}{fraction}{zone.replace('Z', '+00:00')}")
        return None if time.year == _WITHOUT_TIME else time.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
