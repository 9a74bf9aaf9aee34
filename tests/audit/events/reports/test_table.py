"""The report about policies for a terminal."""

from __future__ import annotations

from audit.events.results import Outcome
from tests.audit.events.reports.reading import written
from tests.audit.events.results import result, run, urn

TABLE = """\
Problem: The events end too early.
1 violation in 1 policy pack. Not all results were read, so there can be more.
1 violation, 0 warnings, 1 remediated, 1 exempt, 0 not applicable, 1 passed.
Stack: shop/dev
Policy pack: acme-security 1.2.0
Note: No time.

Violations (1)
- orders (aws:dynamodb/table:Table): needs-a-key of acme-security 1.2.0
  Mandatory, severity high
  It has no key [1].
  Set it.

Remediated (1)
- orders (aws:dynamodb/table:Table): tags of acme-security 1.2.0
  Remediate
  The policy changed the resource, so that it complies.

Exempt (1)
- users (aws:dynamodb/table:Table): needs-a-key of acme-security 1.2.0
  Severity high
  EXC-42: Public data
  DynamoDB table 'orders' is a exempt.
"""


def test_the_table_has_what_needs_attention_first() -> None:
    policy = "needs-a-key"
    results = run(
        result(policy=policy, message="It has no key [1].\nSet it."),
        result(Outcome.REMEDIATED, policy="tags", level="remediate", severity="", message=""),
        result(Outcome.EXEMPT, policy=policy, urn=urn("users")),
        result(Outcome.PASSED),
        problems=("The events end too early.",),
        notes=("No time.",),
    )
    assert written(results, "table") == TABLE


def test_several_stacks_are_named_with_each_result() -> None:
    text = written(run(result(), result(urn=urn(stack="production")), result(urn="")), "table")
    assert "\nStack: shop/dev\nStack: shop/production\n" in text
    for stack in ("dev", "production"):
        assert f"\n- orders (aws:dynamodb/table:Table) in shop/{stack}: " in text
    assert "\n- the stack: " in text
