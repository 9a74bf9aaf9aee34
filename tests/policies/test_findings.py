"""The findings about resources: verdicts, exemptions, wrong settings, and failures of the pack."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from pulumi_policy import PolicyResource

from policies.encryption.keys import UnusableKey
from policies.encryption.settings import RuleSettings
from policies.encryption.tables import Declaration, InvalidDeclaration, Table, UnreadTables
from policies.encryption.values import Hidden, Unknown
from policies.encryption.verdicts import Compliant, Undetermined, Violation, ViolationKind
from policies.exemptions import Exemption, Exemptions, UrnPattern
from policies.findings import Exempt, Failure, Finding, WrongSettings, findings
from policies.reporting import messages
from policies.routes import route_of
from policies.routes.route import Route
from policies.settings.settings import Settings
from policies.snapshot import Snapshot
from tests.keys import KEY_ARN
from tests.policies.in_process import OPTIONS, TABLE
from tools.harness import UNKNOWN, Analyzer

STACK = "aws:cloudformation/stack:Stack"
MODULE_TABLE = "module:tf:aws_dynamodb_table"
ENCRYPTED = {"serverSideEncryption": {"enabled": True}}
UNENCRYPTED = {"hashKey": "id"}
TEMPLATE = """
Resources:
  Legacy: { Type: AWS::DynamoDB::Table }
  Orders: { Type: AWS::DynamoDB::Table }
  Secure: { Type: AWS::DynamoDB::Table, Properties: { SSESpecification: { SSEEnabled: true } } }
"""
SECRET = "hunter2"  # noqa: S105 - the value that no message may show


def resource(name: str, properties: Any, resource_type: str = TABLE) -> PolicyResource:
    urn = f"urn:pulumi:dev::shop::{resource_type}::{name}"
    return PolicyResource(resource_type, properties, urn, name, OPTIONS, None, None, [], {})


def with_routes(*resources: PolicyResource) -> Iterator[tuple[PolicyResource, Route]]:
    for each in resources:
        route = route_of(each.resource_type)
        assert route is not None
        yield each, route


def findings_of(*resources: PolicyResource, settings: Settings | None = None) -> list[Finding]:
    return list(findings(with_routes(*resources), settings or Settings()))


def names_and_verdicts(results: Iterable[Finding]) -> list[tuple[str, Any]]:
    """Return the findings' names with their verdicts, each violation as its kind."""
    return [
        (finding.name, getattr(finding.verdict, "kind", finding.verdict)) for finding in results
    ]


def test_each_resource_has_its_verdict() -> None:
    stack = (
        resource("orders", UNENCRYPTED),
        resource("secure", ENCRYPTED),
        resource("unknown", {"serverSideEncryption": UNKNOWN.value}),
        resource("infra", {"templateUrl": "https://templates.example"}, STACK),
        resource("broken", {"templateBody": "{ dynamodb"}, STACK),
    )
    results = findings_of(*stack)
    assert [(finding.resource, finding.urn) for finding in results] == [
        (each.name, each.urn) for each in stack
    ]
    assert names_and_verdicts(results) == [
        ("orders", ViolationKind.NO_SETTING),
        ("secure", Compliant()),
        ("unknown", Undetermined(Unknown(("serverSideEncryption",)))),
        ("infra", Undetermined(Hidden("the template is behind a URL (templateUrl)"))),
        ("broken", ViolationKind.INVALID_DECLARATION),
    ]
    kinds = (Table, Table, Table, UnreadTables, InvalidDeclaration)
    assert tuple(type(finding.declaration) for finding in results) == kinds


def test_each_table_of_a_template_has_its_verdict_and_name() -> None:
    infra = resource("infra", {"templateBody": TEMPLATE}, STACK)
    results = findings_of(infra)
    assert {(finding.resource, finding.urn) for finding in results} == {("infra", infra.urn)}
    assert names_and_verdicts(results) == [
        ("Legacy", ViolationKind.NO_SETTING),
        ("Orders", ViolationKind.NO_SETTING),
        ("Secure", Compliant()),
    ]


def test_the_settings_of_the_rule_apply() -> None:
    customer_only = Settings(RuleSettings(require_customer_managed_key=True))
    assert names_and_verdicts(
        findings_of(resource("orders", ENCRYPTED), settings=customer_only)
    ) == [("orders", ViolationKind.AWS_MANAGED_KEY)]


def test_a_resource_without_properties_is_not_planned_yet_unless_its_route_says_otherwise() -> None:
    assert findings_of(resource("orders", {}), resource("infra", {}, STACK)) == []
    (finding,) = findings_of(resource("orders", {}, MODULE_TABLE))
    assert isinstance(finding.verdict, Undetermined)


def test_an_exempt_table_is_not_judged_and_its_neighbors_are() -> None:
    exemption = Exemption("legacy", table="Legacy", urn=UrnPattern("urn:pulumi:*::*::*::infra"))
    settings = Settings(exemptions=Exemptions([exemption]))
    infra = resource("infra", {"templateBody": TEMPLATE}, STACK)
    other = resource("Legacy", UNENCRYPTED)
    assert names_and_verdicts(findings_of(infra, other, settings=settings)) == [
        ("Legacy", Exempt(exemption)),
        ("Orders", ViolationKind.NO_SETTING),
        ("Secure", Compliant()),
        ("Legacy", ViolationKind.NO_SETTING),
    ]


@pytest.mark.parametrize(
    ("properties", "resource_type"),
    [
        (ENCRYPTED, TABLE),
        ({"serverSideEncryption": UNKNOWN.value}, TABLE),
        ({"templateUrl": "https://templates.example"}, STACK),
        ({"templateBody": "{ dynamodb"}, STACK),
    ],
)
def test_any_declaration_can_be_exempt(properties: dict[str, Any], resource_type: str) -> None:
    exemption = Exemption("legacy", table="orders")
    settings = Settings(exemptions=Exemptions([exemption]))
    (finding,) = findings_of(resource("orders", properties, resource_type), settings=settings)
    assert finding.verdict == Exempt(exemption)
    assert finding.expired is None


def test_a_table_whose_exemption_has_expired_is_judged_and_the_finding_names_it() -> None:
    exemption = Exemption("legacy", table="orders", expires=date(2026, 11, 23), expired=True)
    settings = Settings(exemptions=Exemptions([exemption]))
    stack = (resource("orders", UNENCRYPTED), resource("sessions", UNENCRYPTED))
    orders, sessions = findings_of(*stack, settings=settings)
    assert isinstance(orders.verdict, Violation)
    assert orders.expired == exemption
    assert isinstance(sessions.verdict, Violation)
    assert sessions.expired is None


def test_no_table_is_judged_or_exempt_under_wrong_settings() -> None:
    exemptions = Exemptions([Exemption("legacy", table="*")])
    settings = Settings(exemptions=exemptions, faults=("The settings are wrong.",))
    stack = (resource("orders", UNENCRYPTED), resource("secure", ENCRYPTED))
    assert names_and_verdicts(findings_of(*stack, settings=settings)) == [
        ("orders", WrongSettings(settings.faults)),
        ("secure", WrongSettings(settings.faults)),
    ]


def failing_route(*declarations: Declaration, error: BaseException) -> Route:
    def read(_snapshot: Snapshot) -> Iterator[Declaration]:
        yield from declarations
        raise error

    return Route(read, frozenset())


def test_a_failure_rejects_its_own_resource_and_no_other() -> None:
    stack = [resource(name, UNENCRYPTED) for name in ("first", "second", "third")]
    first, second, third = with_routes(*stack)
    failing = (second[0], failing_route(error=ValueError(SECRET)))
    results = list(findings([first, failing, third], Settings()))
    assert names_and_verdicts(results) == [
        ("first", ViolationKind.NO_SETTING),
        ("second", Failure("ValueError")),
        ("third", ViolationKind.NO_SETTING),
    ]
    assert results[1].declaration is None
    assert SECRET not in repr(results)
    for message in (messages.declared, messages.deployed):
        assert message(results[1], RuleSettings()) == (
            "'second' could not be checked, so it is rejected: the policy pack failed with "
            "ValueError. This is a bug in the policy pack, not in your program. Report it with the "
            "resource's declaration."
        )
    assert messages.undetermined(results[1], RuleSettings()) is None


def test_verdicts_before_a_failure_are_kept() -> None:
    (orders,) = findings_of(resource("orders", UNENCRYPTED))
    assert isinstance(orders.declaration, Table)
    route = failing_route(orders.declaration, error=KeyError(SECRET))
    results = list(findings([(resource("orders", UNENCRYPTED), route)], Settings()))
    assert names_and_verdicts(results) == [
        ("orders", ViolationKind.NO_SETTING),
        ("orders", Failure("KeyError")),
    ]


@pytest.mark.parametrize(
    "error", [RecursionError(), MemoryError(), UnicodeDecodeError("a", b"", 0, 1, "")]
)
def test_no_exception_ends_the_update(error: Exception) -> None:
    results = list(
        findings([(resource("it", UNENCRYPTED), failing_route(error=error))], Settings())
    )
    assert [finding.verdict for finding in results] == [Failure(type(error).__name__)]


def test_properties_that_raise_are_a_failure() -> None:
    class Broken(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            raise RuntimeError(SECRET)

    broken = resource("broken", MappingProxyType(Broken(ENCRYPTED)))
    assert names_and_verdicts(findings_of(broken, resource("orders", ENCRYPTED))) == [
        ("broken", Failure("RuntimeError")),
        ("orders", Compliant()),
    ]


def test_an_interrupt_ends_the_run() -> None:
    route = failing_route(error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        list(findings([(resource("orders", UNENCRYPTED), route)], Settings()))


def test_prepare_adds_to_each_declaration_before_it_is_judged() -> None:
    prepared: list[tuple[str, str]] = []
    key = UnusableKey("retired", "disabled", in_program=True)

    def prepare(declaration: Declaration, of: PolicyResource) -> Declaration:
        prepared.append((declaration.name, of.name))
        if not isinstance(declaration, Table) or declaration.encryption is None:
            return declaration
        return replace(declaration, encryption=replace(declaration.encryption, key=key))

    block = {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY_ARN}}
    stack = (resource("orders", block), resource("infra", {"templateBody": "{ dynamodb"}, STACK))
    results = list(findings(with_routes(*stack), Settings(), prepare))
    assert prepared == [("orders", "orders"), ("infra", "infra")]
    assert names_and_verdicts(results) == [
        ("orders", ViolationKind.UNUSABLE_KEY),
        ("infra", ViolationKind.INVALID_DECLARATION),
    ]
    assert isinstance(results[0].declaration, Table)
    assert results[0].declaration.encryption is not None
    assert results[0].declaration.encryption.key == key


def test_a_failure_of_prepare_rejects_its_own_resource() -> None:
    def prepare(declaration: Declaration, of: PolicyResource) -> Declaration:
        if of.name == "first":
            raise LookupError(SECRET)
        return declaration

    stack = with_routes(resource("first", ENCRYPTED), resource("second", ENCRYPTED))
    assert names_and_verdicts(findings(stack, Settings(), prepare)) == [
        ("first", Failure("LookupError")),
        ("second", Compliant()),
    ]


def test_findings_are_made_one_by_one() -> None:
    """A stack of thousands of tables is read as it is reported."""

    def stack() -> Iterator[tuple[PolicyResource, Route]]:
        yield from with_routes(resource("orders", UNENCRYPTED))
        raise AssertionError("read before it was needed")

    assert next(findings(stack(), Settings())).name == "orders"


def template_with(*enabled: object) -> str:
    tables = {
        f"Table{index}": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {"SSESpecification": {"SSEEnabled": value}},
        }
        for index, value in enumerate(enabled)
    }
    return json.dumps({"Resources": tables})


def test_an_unknown_value_ends_the_run_after_all_violations(analyzer: Analyzer) -> None:
    template = template_with(UNKNOWN.value, UNKNOWN.value, False)
    answer = analyzer.analyze(STACK, {"templateBody": template}, "infra")
    (violation,) = answer.messages
    assert "'Table2' in the template of 'infra'" in violation
    (diagnostic,) = answer.undetermined
    assert "Table0.templateBody" in diagnostic.message


def test_a_hidden_value_does_not_end_the_run(analyzer: Analyzer) -> None:
    answer = analyzer.analyze(STACK, {"templateUrl": "https://templates.example"}, "infra")
    assert (answer.violations, answer.undetermined, answer.not_applicable) == ((), (), {})
