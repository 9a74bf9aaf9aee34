"""What the events of a run of `pulumi` say about its policies: what every report gets.

Sources: Pulumi, sdk/go/common/apitype/events.go (the events) and pkg/backend/display/progress.go
(what the CLI counts and shows).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property


class Outcome(str, Enum):
    """How a policy judged a resource or a stack. The order is that of the reports."""

    VIOLATION = "violation"
    """It reports a violation that fails the run."""
    WARNING = "warning"
    """It reports a violation, and its enforcement level is advisory."""
    REMEDIATED = "remediated"
    """It changed the resource, so that the resource complies."""
    EXEMPT = "exempt"
    """It reports a violation, and a policy exception covers it."""
    NOT_APPLICABLE = "not_applicable"
    """It did not run on the resource or on the stack."""
    PASSED = "passed"
    """It ran and reported nothing."""


@dataclass(frozen=True)
class Pack:
    """A policy pack.

    Attributes:
        name: its name.
        version: its version, such as "0.1.0"; empty if not known.
    """

    name: str
    version: str = ""


@dataclass(frozen=True)
class PolicyException:
    """A policy exception that covers a violation.

    Attributes:
        id: its ID, such as "EXC-42".
        reason: its reason.
    """

    id: str
    reason: str


@dataclass(frozen=True)
class Result:
    """What one policy says about one resource or stack.

    Attributes:
        pack: the policy pack.
        policy: the policy's name.
        outcome: the outcome.
        urn: the URN of the resource; empty if the result is about the whole stack and the events
            name no resource.
        level: the enforcement level that the event names, such as "mandatory"; empty if it names
            none.
        severity: the severity, such as "high"; empty if the event names none.
        message: the policy's message; empty if it reported nothing.
        exceptions: the policy exceptions that cover a violation.
    """

    pack: Pack
    policy: str
    outcome: Outcome
    urn: str = ""
    level: str = ""
    severity: str = ""
    message: str = ""
    exceptions: Sequence[PolicyException] = ()

    @property
    def stack(self) -> str:
        """The name of the stack; empty if there is no URN."""
        return self._parts[0].removeprefix("urn:pulumi:")

    @property
    def project(self) -> str:
        """The name of the project; empty if there is no URN."""
        return self._parts[1]

    @property
    def type(self) -> str:
        """The type of the resource, without the types of its parents; empty if there is no URN."""
        return self._parts[2].rpartition("$")[2]

    @property
    def name(self) -> str:
        """The name of the resource; empty if there is no URN."""
        return self._parts[3]

    @property
    def _parts(self) -> Sequence[str]:
        parts = self.urn.split("::", 3)
        return [*parts, "", "", ""][:4] if self.urn else ("", "", "", "")


@dataclass(frozen=True)
class PolicyRun:
    """All results of the policies in some events.

    Attributes:
        command: the arguments of the audit.
        version: the version of the audit.
        source: where the events come from: a file, "stdin", or a command.
        packs: the policy packs that ran, those without results included.
        results: the results, sorted by outcome, pack, policy, and URN.
        problems: what could not be read, as sentences. Results can be missing if there are any.
        notes: what a reader should know and loses no result, as sentences.
        started: when the first event was emitted, in UTC; None if there is no event.
        finished: when the last event was emitted, in UTC; None if there is no event.
        failed: whether the run of `pulumi` failed; None if the events don't show how it ended.
        exit_code: the exit code of the command that the audit ran; None if it ran none.
    """

    command: tuple[str, ...]
    version: str
    source: str
    packs: Sequence[Pack] = ()
    results: Sequence[Result] = ()
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()
    started: datetime | None = None
    finished: datetime | None = None
    failed: bool | None = None
    exit_code: int | None = None

    @cached_property
    def summary(self) -> Mapping[Outcome, int]:
        """The number of results of each outcome, those without results included."""
        counts = Counter(result.outcome for result in self.results)
        return {outcome: counts[outcome] for outcome in Outcome}

    @property
    def is_complete(self) -> bool:
        """Whether all results were read."""
        return not self.problems
