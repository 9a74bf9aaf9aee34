"""What the policies have seen in one run: a preview, an update, or an analysis of a state.

The engine starts the pack once for each run. It runs the resource policy on each resource, and then
the stack policies on the whole stack. It passes a policy only its own settings, and shows a stack
policy neither inputs nor what other policies reported. So the policies remember it here.

Sources: Pulumi's Python policy SDK, pulumi_policy/policy.py (one process serves all policies);
Pulumi, resource/deploy/step_generator.go (the order of the calls).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from .encryption.tables import Table, is_aws_managed
from .encryption.verdicts import Compliant, Trait, Undetermined, Violation, ViolationKind
from .findings import Finding
from .settings.settings import Settings, difference_fault
from .snapshot import Operation


class _Reported(NamedTuple):
    """A violation, as far as it is the same for inputs and for outputs."""

    urn: str
    name: str
    kind: ViolationKind | Trait
    in_replica: bool
    region: str | None


class Run:
    """What the policies have seen in this run."""

    def __init__(self) -> None:
        self._settings: dict[str, Settings] = {}
        self._reported: set[_Reported] = set()
        self._judged: set[tuple[str, str]] = set()
        self._only_read: set[str] = set()
        self._without_key: set[str] = set()

    def settings_of(self, policy: str, settings: Settings) -> Settings:
        """Return the settings of a policy, with a fault if those of an earlier policy differ.

        Args:
            policy: the policy's name.
            settings: the settings that the engine passed to it.
        """
        before = self._settings.get(policy)
        if before is not None and settings.differences(before):
            self.end()  # the engine has configured the pack again
        self._settings[policy] = settings
        if settings.faults:
            return settings
        differences: dict[str, list[str]] = {}
        faults: list[str] = []
        for other, theirs in self._settings.items():
            if theirs.faults:
                faults.append(f"{other} has wrong settings.")
            else:
                for setting in settings.differences(theirs):
                    differences.setdefault(setting, []).append(other)
        faults += (
            f"{difference_fault(setting, (policy,), others)} Set the same value for each policy."
            for setting, others in differences.items()
        )
        return replace(settings, faults=tuple(faults)) if faults else settings

    def add_judged(self, finding: Finding) -> None:
        """Remember a certain verdict of the resource policy."""
        if isinstance(finding.verdict, (Compliant, Violation)):
            self._judged.add((finding.urn, finding.name))
        table = finding.declaration
        if isinstance(table, Table) and table.spelling.keeps_key and _names_no_key(table):
            self._without_key.add(finding.urn)
        key = _key(finding)
        if key is not None:
            self._reported.add(key)

    def keeps_key(self, finding: Finding) -> bool:
        """Return whether a deployed table keeps a key that the program does not name."""
        table = finding.declaration
        return (
            finding.urn in self._without_key
            and isinstance(table, Table)
            and not table.not_created_yet
            and table.encryption is not None
            and isinstance(table.encryption.key, str)
            and not is_aws_managed(table.encryption.key)
        )

    def has_judged(self, finding: Finding) -> bool:
        """Return whether the resource policy could judge by the inputs whether KMS is enabled.

        Providers don't record everything that a program declares. But the inputs that a state
        records can lack what the program declares, and a resource policy sees no key's resource.
        """
        is_analysis = finding.operation is Operation.ANALYSIS
        about_key = isinstance(finding.verdict, Undetermined) and finding.verdict.about_key
        judged = (finding.urn, finding.name) in self._judged
        return judged and not is_analysis and not about_key

    def has_reported(self, finding: Finding) -> bool:
        """Return whether the resource policy has reported the same violation."""
        return _key(finding) in self._reported

    def add_read(self, urn: str) -> None:
        """Remember a resource that the program only reads."""
        self._only_read.add(urn)

    def only_reads(self, urn: str) -> bool:
        """Return whether the program only reads a resource."""
        return urn in self._only_read

    def end(self) -> None:
        """Forget the run."""
        self._settings.clear()
        self._reported.clear()
        self._judged.clear()
        self._without_key.clear()
        self._only_read.clear()


def _names_no_key(table: Table) -> bool:
    return table.encryption is not None and not table.encryption.key


def _key(finding: Finding) -> _Reported | None:
    verdict = finding.verdict
    if not isinstance(verdict, Violation):
        return None
    # A provider records a disabled setting as a missing one.
    kind = Trait.UNENCRYPTED if Trait.UNENCRYPTED in verdict.kind.traits else verdict.kind
    # The Region of a replica that is its own resource may be known only from its ARN.
    is_own = verdict.table is not None and verdict.table.encryption is None
    region = verdict.region if verdict.in_replica and not is_own else None
    return _Reported(finding.urn, finding.name, kind, verdict.in_replica, region)


RUN = Run()
"""The run of this process."""
