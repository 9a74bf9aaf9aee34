"""What a run of a policy does when something in it fails, and how it ends."""

from __future__ import annotations

import pytest
from pulumi_policy.proxy import UnknownValueError

from policies.encryption import (
    Compliant,
    Encryption,
    Hidden,
    Settings,
    Table,
    Undetermined,
    Unknown,
    Violation,
    Why,
)
from policies.reporting import sentences
from policies.reporting.report import Report
from policies.routes.pulumi_aws import WORDING


def table(name: str) -> Table:
    return Table(name, Encryption(), WORDING)


@pytest.fixture
def said() -> list[tuple[str, str | None]]:
    return []


@pytest.fixture
def report(said: list[tuple[str, str | None]]) -> Report:
    return Report(lambda message, urn: said.append((message, urn)), sentences.declared, Settings())


def test_a_failure_rejects_its_own_resource_and_no_other(
    report: Report, said: list[tuple[str, str | None]]
) -> None:
    with report.resource("first", "urn:first"):
        raise ValueError("hunter2")
    with report.resource("second", "urn:second") as answer:
        answer(table("second"), Violation(Why.DISABLED, table("second")))
    with report.resource("third", "urn:third") as answer:
        answer(table("third"), Compliant())
    report.close()
    (failure, first), (_, second) = said
    assert failure == (
        "'first' could not be checked, so it is rejected: this policy pack failed with "
        "ValueError. That is a mistake in the pack, not in your program: please report it with "
        "the resource's declaration."
    )
    assert (first, second) == ("urn:first", "urn:second")


def test_what_was_found_before_a_failure_stays_found(
    report: Report, said: list[tuple[str, str | None]]
) -> None:
    with report.resource("it", "urn") as answer:
        answer(table("it"), Violation(Why.NOT_DECLARED, table("it")))
        raise KeyError
    assert len(said) == 2


def test_the_first_undetermined_table_ends_the_run_and_only_at_its_end(
    report: Report, said: list[tuple[str, str | None]]
) -> None:
    for name in ("first", "second"):
        with report.resource(name, name) as answer:
            answer(
                table(name),
                Undetermined(Unknown(("a", "0"), "04da6b54-80e4-46f7-96ec-b56ff0331ba9")),
            )
    with report.resource("third", "third") as answer:
        answer(table("third"), Violation(Why.DISABLED, table("third")))
    assert len(said) == 1
    with pytest.raises(UnknownValueError) as caught:
        report.close()
    assert caught.value.message == "string value at .first.a.0 can't be known during preview"


def test_a_hidden_value_ends_no_run(report: Report, said: list[tuple[str, str | None]]) -> None:
    with report.resource("it", "urn") as answer:
        answer(table("it"), Undetermined(Hidden((), "it is a secret")))
    report.close()
    assert said == []


def test_an_interrupt_is_not_swallowed(report: Report) -> None:
    with pytest.raises(KeyboardInterrupt), report.resource("it", "urn"):
        raise KeyboardInterrupt
