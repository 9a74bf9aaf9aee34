"""One run of a policy: what it found, told to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pulumi_policy import ReportViolation
from pulumi_policy.proxy import UnknownValueError

from ..encryption import Declared, Exempt, Settings, Undetermined, Unknown, Verdict
from . import sentences

_STACK = "pulumi:pulumi:Stack"

Answer = Callable[[Declared, Verdict], None]


class Report:
    """Takes the verdicts of one run of a policy and tells the engine of them.

    report_violation: the engine's callback, as the SDK hands it to a policy.
    sentence: says what to tell of a verdict, if anything; see `sentences`.
    settings: the settings under which the verdicts were found.

    What is not known yet waits until `close`, since telling the engine of it ends the run.
    """

    def __init__(
        self, report_violation: ReportViolation, sentence: sentences.Sentence, settings: Settings
    ) -> None:
        self._report_violation = report_violation
        self._sentence = sentence
        self._settings = settings
        self._unknown: UnknownValueError | None = None
        self._judged = 0
        self._exempt: list[str] = []

    @contextmanager
    def resource(self, name: str, urn: str) -> Iterator[Answer]:
        """Look at one resource: yields the function that takes a verdict on what it declares.

        A failure inside ends this resource as a violation that says so and leaves the others
        theirs: an exception would end the whole update with a traceback.
        """

        def answer(declared: Declared, verdict: Verdict) -> None:
            if isinstance(verdict, Exempt):
                self._exempt.append(sentences.exempt(declared, verdict.exemption))
                return
            self._judged += 1
            said = self._sentence(declared, verdict, self._settings)
            if said is not None:
                self._report_violation(said, urn)
            elif isinstance(verdict, Undetermined) and isinstance(verdict.value, Unknown):
                self._remember(declared.name, verdict.value)

        try:
            yield answer
        except Exception as error:  # noqa: BLE001 - whatever it is, the table must not pass
            self._judged += 1
            self._report_violation(sentences.failed(name, error), urn)

    def of_stack(self, resources: Sequence[Any], said: str) -> None:
        """Tell what is about a stack as a whole, given all of its `resources`, of which it has at
        least one.
        """
        roots = (it.urn for it in resources if it.resource_type == _STACK)
        self._report_violation(said, next(roots, resources[0].urn))

    @property
    def why_nothing_was_judged(self) -> str | None:
        """Why all that was looked at is exempt; None where something is not."""
        return None if self._judged or not self._exempt else "\n".join(self._exempt)

    def close(self) -> None:
        """End the run.

        Raises UnknownValueError where what decides about a table is not known yet: the SDK turns
        it into its advisory that the policy can't tell during preview.
        """
        if self._unknown is not None:
            raise self._unknown

    def _remember(self, name: str, unknown: Unknown) -> None:
        if self._unknown is None:
            self._unknown = UnknownValueError(unknown.marker, [name, *unknown.path])
