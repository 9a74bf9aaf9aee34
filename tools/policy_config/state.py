"""The tables in a stack's state, and the keys that they name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pulumi_policy import PolicyResource

from audit.stacks.states import DamagedStateError, parse, policy_resources
from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.keys import KmsKey
from policies.encryption.rule import judge
from policies.encryption.settings import RuleSettings
from policies.encryption.tables import ConditionalTable
from policies.encryption.verdicts import Violation
from policies.findings import findings
from policies.routes import routed
from policies.settings.settings import Settings
from policies.snapshot import Operation
from tools.policy_config.files import UnreadableFileError, read_bytes

Table = tuple[str, str]
"""The name of a table as messages show it, and the URN of its resource."""

_NO_KEY = RuleSettings(allowed_keys=AllowedKeys(()))
"""Accepts no key, so that the rule names the key of each table."""


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
    try:
        state = parse(read_bytes(path))
    except DamagedStateError as error:
        raise UnreadableFileError(f"{path}: {error}") from error
    if state.faults:
        raise UnreadableFileError(f"{path}: {state.faults[0]}")
    tables: dict[Table, set[KmsKey]] = {}
    for resources in (policy_resources(state, "inputs"), policy_resources(state, "outputs")):
        for table, keys in _tables(resources):
            tables.setdefault(table, set()).update(keys)
    return State(state.resources[0].urn if state.resources else None, tables)


def _tables(resources: list[PolicyResource]) -> Iterator[tuple[Table, set[KmsKey]]]:
    for finding in findings(routed(resources), Settings(_NO_KEY), during=Operation.ANALYSIS):
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
