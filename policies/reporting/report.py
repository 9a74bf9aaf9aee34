"""One run of a policy: what it found, told to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pulumi_policy import ReportViolation
from pulumi_policy.proxy import UnknownValueError

from ..encryption import Declared, Undetermined, Unknown, Verdict
from ..settings import Settings
from . import sentences

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

    @contextmanager
    def resource(self, name: str, urn: str) -> Iterator[Answer]:
        """Look at one resource: yields the function that takes a verdict on what it declares.

        A failure inside ends this resource as a violation that says so and leaves the others
        theirs: an exception would end the whole update with a traceback.
        """

        def answer(declared: Declared, verdict: Verdict) -> None:
            said = self._sentence(declared, verdict, self._settings)
            if said is not None:
                self._report_violation(said, urn)
            elif isinstance(verdict, Undetermined) and isinstance(verdict.value, Unknown):
                self._remember(declared.name, verdict.value)

        try:
            yield answer
        except Exception as error:  # noqa: BLE001 - whatever it is, the table must not pass
            self._report_violation(sentences.failed(name, error), urn)

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
