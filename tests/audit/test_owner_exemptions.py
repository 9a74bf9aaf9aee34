"""Exemptions of the resource that manages a table in AWS."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from audit.owners import join
from audit.results import Finding, UsedExemption, Verdict
from policies.settings.reading import read
from tests.audit.results import NOW, coverage
from tests.audit.test_owners import NO_TAGS, in_aws, in_stack, stacks

URN = "urn:pulumi:dev::shop::aws:dynamodb/table:Table::orders"


def joined(table: Finding, record: Finding, /, **exemption: Any) -> Finding:
    """Join a table with its record under one exemption."""
    settings = read({"exemptions": [{"reason": "moved", **exemption}]}, date(2026, 11, 26))
    assert settings.faults == ()
    tags = {table.arn: NO_TAGS}
    found, *_ = join([table], tags, [coverage()], stacks(record), NOW, settings.exemptions)
    return found


@pytest.mark.parametrize("exemption", [{"urn": URN}, {"table": "orders", "urn": URN}])
def test_a_table_is_exempt_if_its_resource_is(exemption: dict[str, str]) -> None:
    found = joined(in_aws(), in_stack(), **exemption)
    assert found.verdict is Verdict.EXEMPT
    assert found.reason.startswith("Exempt: moved. ")
    assert (found.fix, found.fix_note) == ("", "")
    assert isinstance(found.exemption, UsedExemption)


def test_an_exemption_of_another_resource_exempts_nothing() -> None:
    found = joined(in_aws(), in_stack(), urn=f"{URN}2")
    assert (found.verdict, found.exemption) == (Verdict.VIOLATION, None)
    only_read = in_stack({"arns": [in_aws().arn], "external": True})
    assert joined(in_aws(), only_read, urn=URN).verdict is Verdict.VIOLATION


def test_an_exemption_that_expired_is_named() -> None:
    found = joined(in_aws(), in_stack(), urn=URN, expires="2026-11-25")
    assert found.verdict is Verdict.VIOLATION
    assert found.reason.endswith("The table's exemption expired at the end of 2026-11-25 (UTC).")


def test_a_table_that_was_not_read_stays_not_read() -> None:
    assert joined(in_aws(verdict=Verdict.NOT_READ), in_stack(), urn=URN).verdict is Verdict.NOT_READ
