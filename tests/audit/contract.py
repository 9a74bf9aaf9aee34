"""Check what every audit must fulfil: nothing is lost, and nothing wrongly passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from audit.results import Audit, Status, Verdict

_OPEN = (Status.DENIED, Status.FAILED)


@dataclass(frozen=True)
class Table:
    """A table that an account holds.

    Attributes:
        account: the table's account.
        region: its Region.
        name: its name.
        complies: whether the table complies, if AWS shows all about it.
    """

    account: str
    region: str
    name: str
    complies: bool

    @property
    def place(self) -> tuple[str, str]:
        """The account and the Region."""
        return self.account, self.region


def check_results(audit: Audit, tables: Iterable[Table]) -> None:
    """Check the results of an audit against what the accounts hold.

    Args:
        audit: the results.
        tables: all tables of the accounts, also those that are deleted during the audit.
    """
    held = {(table.account, table.region, table.name): table for table in tables}
    found = Counter((each.account, each.region, each.table) for each in audit.findings)
    assert set(found.values()) <= {1}, "a table has two findings"
    assert found.keys() <= held.keys(), "a finding is about no table"
    entries = Counter((entry.account, entry.region) for entry in audit.coverage)
    assert set(entries.values()) <= {1}, "a Region has two entries"
    assert {(account, region) for account, region, _ in found} <= entries.keys()
    for entry in audit.coverage:
        here = [f for f in audit.findings if (f.account, f.region) == (entry.account, entry.region)]
        not_read = sum(finding.verdict is Verdict.NOT_READ for finding in here)
        assert entry.listed == len(here)
        assert entry.listed == entry.judged + entry.not_read
        assert entry.not_read == not_read
        assert entry.status is not Status.DISABLED or not entry.listed
        assert entry.reason or (entry.status is Status.READ and not not_read)
    read = {
        (entry.account, entry.region) for entry in audit.coverage if entry.status is Status.READ
    }
    incomplete = {(entry.account, entry.region) for entry in audit.coverage} - read
    # An account that could not be reached has the name of its credentials.
    unknown = any(not entry.account.isdigit() and entry.status in _OPEN for entry in audit.coverage)
    for key, table in held.items():
        if key not in found:
            assert table.place not in read, f"{table} is lost"
            assert unknown or incomplete & {table.place, (table.account, None)}, f"{table} is lost"
    for finding in audit.findings:
        assert finding.reason
        table = held[finding.account, finding.region, finding.table]
        wrong = Verdict.VIOLATION if table.complies else Verdict.COMPLIANT
        assert finding.verdict is not wrong, finding
    assert sum(audit.summary.values()) == len(audit.findings)


def exit_code(audit: Audit, *, strict: bool = False) -> int:
    """Return the documented exit code of some results."""
    verdicts = {finding.verdict for finding in audit.findings}
    if Verdict.VIOLATION in verdicts:
        return 1
    not_passed = {Verdict.NOT_READ} | ({Verdict.UNDETERMINED} if strict else set())
    is_open = any(entry.status in _OPEN for entry in audit.coverage)
    return 3 if is_open or not_passed & verdicts else 0
