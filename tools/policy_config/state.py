"""The tables in a stack's state, as the policies see them.

Sources: Pulumi, sdk/go/common/apitype/core.go (the format of `pulumi stack export`);
pkg/resource/deploy/analyze_snapshot.go (what `pulumi policy analyze` passes to policies).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
)

from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.keys import KmsKey
from policies.encryption.rule import judge
from policies.encryption.settings import RuleSettings
from policies.encryption.tables import ConditionalTable
from policies.encryption.verdicts import Violation
from policies.findings import findings
from policies.routes import routed
from policies.settings.settings import Settings
from tools.policy_config.files import Pairs, UnreadableFileError, read_object

Table = tuple[str, str]
"""The name of a table as messages show it, and the URN of its resource."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public signature
_REDACTED = "[secret]"
_SEPARATORS = 3
_NO_KEY = RuleSettings(allowed_keys=AllowedKeys(()))
"""Accepts no key, so that the rule names the key of each table."""
_OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])


@dataclass(frozen=True)
class State:
    """A stack's state.

    Attributes:
        urn: the URN of any resource; None for a stack without resources.
        tables: each table → the keys that its inputs or outputs name.
    """

    urn: str | None
    tables: dict[Table, set[KmsKey]]


def read_state(path: Path) -> State:
    """Read the state of a stack from a file that `pulumi stack export` has written.

    Raises:
        UnreadableFileError: the file is not such a file.
    """
    deployment = read_object(path, _reveal).get("deployment")
    resources = deployment.get("resources", []) if isinstance(deployment, dict) else None
    if not isinstance(resources, list):
        raise UnreadableFileError(
            f"{path} has no resources. Write it with `pulumi stack export --file FILE`."
        )
    for index, resource in enumerate(resources):
        if not _is_resource(resource):
            raise UnreadableFileError(
                f"{path} is damaged: resource {index} has no valid URN, type, inputs, or outputs."
            )
    tables: dict[Table, set[KmsKey]] = {}
    current = [resource for resource in resources if not resource.get("delete")]
    for properties in ("inputs", "outputs"):
        for table, keys in _tables(_policy_resources(current, properties)):
            tables.setdefault(table, set()).update(keys)
    return State(current[0]["urn"] if current else None, tables)


def is_urn(text: str) -> bool:
    """Return whether a text has the form of a URN."""
    return text.startswith("urn:pulumi:") and text.count("::") >= _SEPARATORS


def _reveal(pairs: Pairs) -> Any:
    """Return a JSON object, or the plain value of a secret."""
    value = dict(pairs)
    if value.get(_SIGNATURE) != _SECRET:
        return value
    plaintext = value.get("plaintext")
    try:
        return json.loads(plaintext) if isinstance(plaintext, str) else _REDACTED
    except ValueError:
        return _REDACTED


def _is_resource(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and isinstance(value.get("urn"), str)
        and is_urn(value["urn"])
        and all(isinstance(value.get(name) or "", str) for name in ("parent", "provider"))
        and all(isinstance(value.get(name) or {}, dict) for name in ("inputs", "outputs"))
    )


def _policy_resources(states: list[dict[str, Any]], properties: str) -> list[PolicyResource]:
    providers = {
        state["urn"]: PolicyProviderResource(
            state["type"], state.get("inputs") or {}, state["urn"], _name(state)
        )
        for state in states
        if state["type"].startswith("pulumi:providers:")
    }
    resources = {
        state["urn"]: PolicyResource(
            state["type"],
            state.get(properties) or {},
            state["urn"],
            _name(state),
            _OPTIONS,
            providers.get((state.get("provider") or "").rpartition("::")[0]),
            None,
            [],
            {},
        )
        for state in states
    }
    for state in states:
        resources[state["urn"]].parent = resources.get(state.get("parent"))
    return list(resources.values())


def _name(state: dict[str, Any]) -> str:
    return str(state["urn"]).split("::", _SEPARATORS)[-1]


def _tables(resources: list[PolicyResource]) -> Iterator[tuple[Table, set[KmsKey]]]:
    for finding in findings(routed(resources), Settings(_NO_KEY)):
        declaration = finding.declaration
        cases = declaration.cases if isinstance(declaration, ConditionalTable) else ()
        verdicts = [
            finding.verdict,
            *(verdict for case in cases for verdict in judge(case, _NO_KEY)),
        ]
        yield (
            (finding.name, finding.urn),
            {
                verdict.not_allowed
                for verdict in verdicts
                if isinstance(verdict, Violation) and verdict.not_allowed is not None
            },
        )
