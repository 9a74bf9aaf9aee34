"""The messages of the policies, each with its situation: tests/policies/reporting/situations.yaml.

Each entry has:

    situation: what a user reads the message in
    policy: the policy that reports it; declared by default
    operation: preview, update, or analysis; preview by default
    settings: the settings of all policies, or an object of settings for each policy
    type: the resource's type token
    inputs: the resource's inputs, which the policy `declared` checks
    outputs: the resource's outputs, which the other policies check
    ignoreChanges: the resource option
    keys: the other resources of the stack, by name, each with its type and outputs
    message: the message, without the policy's description

`${NAME}` is a value that is known only during the update: an output of the resource NAME, if the
stack has one. `${soon}` is a day on which an exemption ends soon.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from policies.exemptions import SOON
from policies.settings.reading import today
from tests.project import DECLARED, DEPLOYED, POLICIES, UNDETERMINED
from tools.harness import UNKNOWN, Analyzer, Operation, Resource

FILE = Path(__file__).with_suffix(".yaml")
TABLE = "aws:dynamodb/table:Table"
_NAMES = {"declared": DECLARED, "deployed": DEPLOYED, "undetermined": UNDETERMINED}
_REFERENCE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True)
class Situation:
    """An entry of the file."""

    situation: str
    message: str = ""
    policy: str = "declared"
    operation: Operation = "preview"
    settings: Mapping[str, Any] = field(default_factory=dict)
    name: str = "orders"
    type: str = TABLE
    inputs: Mapping[str, Any] | None = None
    outputs: Mapping[str, Any] | None = None
    ignoreChanges: Sequence[str] = ()  # noqa: N815 - as Pulumi spells it
    keys: Mapping[str, Any] = field(default_factory=dict)

    @property
    def policy_name(self) -> str:
        """The name of the policy that reports the message."""
        return _NAMES[self.policy]

    def messages(self, analyzer: Analyzer) -> list[str]:
        """Return the messages of the policy about the resource.

        Args:
            analyzer: the running pack. Its settings change.
        """
        differ = set(self.settings) & set(POLICIES)
        analyzer.configure(self.settings if differ else dict.fromkeys(POLICIES, self.settings))
        answers = []
        if self.inputs is not None:
            answers.append(analyzer.analyze(self._resource(self.inputs)))
        if self.outputs is not None:
            others = [
                Resource(key["type"], _with_unknowns(key["outputs"]), name)
                for name, key in self.keys.items()
            ]
            answers.append(analyzer.analyze_stack([*others, self._resource(self.outputs)]))
        description = f"{analyzer.info().policy(self.policy_name).description}\n"
        return [
            violation.message.removeprefix(description)
            for answer in answers
            for violation in answer.violations
            if violation.policy == self.policy_name
        ]

    def _resource(self, properties: Mapping[str, Any]) -> Resource:
        dependencies = {
            name: [
                Resource(self.keys[key]["type"], {}, key).urn
                for key in _REFERENCE.findall(str(value))
                if key in self.keys
            ]
            for name, value in properties.items()
        }
        return Resource(
            self.type,
            _with_unknowns(properties),
            self.name,
            property_dependencies=dependencies,
            ignore_changes=self.ignoreChanges,
        )


def _with_unknowns(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _with_unknowns(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_unknowns(item) for item in value]
    return UNKNOWN if isinstance(value, str) and _REFERENCE.fullmatch(value) else value


def situations() -> list[Situation]:
    """Return all entries of the file."""
    text = FILE.read_text(encoding="utf-8").replace("${soon}", str(today() + timedelta(days=SOON)))
    return [Situation(**entry) for entry in yaml.safe_load(text)]
