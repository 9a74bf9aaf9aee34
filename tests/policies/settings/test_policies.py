"""Settings in the real analyzer process, which passes them as the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies import POLICIES
from tests.keys import (
    ACCOUNT,
    ALIAS_ARN,
    AWS_MANAGED_ALIAS_ARN,
    KEY_ARN,
    OTHER_ACCOUNT,
    OTHER_KEY_ARN,
)
from tools.harness import UNKNOWN, Analyzer, Resource, secret

TABLE = "aws:dynamodb/table:Table"
DECLARED, UNDETERMINED, DEPLOYED = (policy.name for policy in POLICIES)
ROOT = Path(__file__).resolve().parents[3]

STACK = Resource("pulumi:pulumi:Stack", {}, "project-dev")
TEMPLATE = "\n".join(
    (
        "Resources:",
        "  Legacy: { Type: AWS::DynamoDB::Table }",
        "  Other: { Type: AWS::DynamoDB::Table }",
    )
)


def configure(analyzer: Analyzer, **settings: Any) -> None:
    analyzer.configure({policy.name: settings for policy in POLICIES})


def table(name: str, key: Any = None, *, encrypted: bool = True, **more: Any) -> Resource:
    block = {"enabled": True, **({} if key is None else {"kmsKeyArn": key})}
    properties = {"serverSideEncryption": block} if encrypted else {"hashKey": "id"}
    return Resource(TABLE, {**properties, **more}, name)


def exempt(**more: str) -> list[dict[str, str]]:
    return [{"table": "legacy-*", "reason": "moved until spring", **more}]


def reports(analyzer: Analyzer, resource: Resource) -> list[tuple[str, str]]:
    """Return each policy that reports a resource, with its message without the description."""
    answers = (analyzer.analyze(resource), analyzer.analyze_stack([resource]))
    return [
        (violation.policy, violation.message.partition("\n")[2])
        for answer in answers
        for violation in answer.violations
    ]


@pytest.mark.parametrize("name", [policy.name for policy in POLICIES])
def test_no_table_is_accepted_under_wrong_settings(analyzer: Analyzer, name: str) -> None:
    analyzer.configure({name: {"requireCustomerManagedKeys": False}})
    fix = (
        " This policy reports every table until its settings are fixed.\n"
        "Fix them in the file that you pass with `--policy-pack-config`, or in the policy group."
    )
    unknown = (
        "There is no setting called 'requireCustomerManagedKeys'. Did you mean "
        "'requireCustomerManagedKey'?"
    )
    names = [policy.name for policy in POLICIES]
    assert reports(analyzer, table("orders", KEY_ARN)) == [
        (name, f"{unknown}{fix}"),
        *((later, f"{name} has wrong settings.{fix}") for later in names[names.index(name) + 1 :]),
    ]


def test_wrong_settings_are_reported_once_for_a_stack(analyzer: Analyzer) -> None:
    configure(analyzer, requireCustomerManagedKeys=False)
    stack = [table("one", KEY_ARN), STACK, table("other", KEY_ARN)]
    answer = analyzer.analyze_stack(stack)
    assert [
        (violation.policy, violation.level, violation.urn) for violation in answer.violations
    ] == [
        (UNDETERMINED, "advisory", STACK.urn),
        (DEPLOYED, "mandatory", STACK.urn),
    ]
    assert analyzer.analyze_stack([STACK]).violations == ()


@pytest.mark.parametrize(
    ("key", "policies"),
    [
        (KEY_ARN, []),
        (ALIAS_ARN, [UNDETERMINED]),
        (OTHER_KEY_ARN, [DECLARED, DEPLOYED]),
        (None, [DECLARED, DEPLOYED]),
        (AWS_MANAGED_ALIAS_ARN, [DECLARED, DEPLOYED]),
    ],
)
@pytest.mark.parametrize("replica", [False, True])
def test_keys_outside_the_list_are_rejected(
    analyzer: Analyzer, key: Any, policies: list[str], replica: bool
) -> None:
    configure(analyzer, allowedKmsKeys=[KEY_ARN])
    resource = table("orders", key)
    if replica:
        resource = table(
            "orders", KEY_ARN, replicas=[{"regionName": "eu-west-1", "kmsKeyArn": key}]
        )
    reported = reports(analyzer, resource)
    assert [policy for policy, _ in reported] == policies
    if len(policies) == 2:
        message = reported[0][1]
        assert "'orders' has a replica in eu-west-1 that " in message or not replica
        property_name = "replicas[].kmsKeyArn" if replica else "serverSideEncryption.kmsKeyArn"
        assert f" does not set {property_name} to a key that allowedKmsKeys accepts" in message
        assert f'kmsKeyArn: "{KEY_ARN}"' in message
        assert OTHER_KEY_ARN not in message


def test_an_unknown_key_is_checked_during_the_update(analyzer: Analyzer) -> None:
    configure(analyzer, allowedKmsKeys=[KEY_ARN])
    answer = analyzer.analyze(table("orders", UNKNOWN))
    assert answer.violations == ()
    # A stack policy sees whether the same program creates the key, so only it reports the key.
    assert answer.undetermined == ()
    (violation,) = analyzer.analyze_stack([table("orders", UNKNOWN, arn=UNKNOWN)]).violations
    assert violation.policy == UNDETERMINED
    assert "The KMS key of DynamoDB table 'orders' is not known until the" in violation.message


def test_the_list_and_the_requirement_of_customer_managed_keys_both_apply(
    analyzer: Analyzer,
) -> None:
    allowed = ["arn:*:kms:*:*:alias/aws/dynamodb", KEY_ARN]
    configure(analyzer, allowedKmsKeys=allowed)
    assert reports(analyzer, table("orders")) == []
    configure(analyzer, allowedKmsKeys=allowed, requireCustomerManagedKey=True)
    _, message = reports(analyzer, table("orders"))[0]
    assert "does not comply with the setting requireCustomerManagedKey" in message


def test_an_exempt_table_is_not_applicable_with_reason_and_date(analyzer: Analyzer) -> None:
    configure(analyzer, exemptions=exempt(expires="2999-12-31"))
    answer = analyzer.analyze(table("legacy-orders", encrypted=False))
    assert answer.violations == ()
    assert answer.not_applicable == {
        DECLARED: "DynamoDB table 'legacy-orders' is exempt until 2999-12-31 (UTC): moved until "
        "spring"
    }
    assert reports(analyzer, table("legacy-orders", encrypted=False)) == []
    uncertain = Resource(TABLE, {"arn": "arn", "serverSideEncryption": UNKNOWN}, "legacy-orders")
    assert reports(analyzer, uncertain) == []


@pytest.mark.parametrize(
    "name", ["my-legacy-orders", "Legacy-orders", "legacy", "orders", "legacy\n-orders"]
)
def test_an_exemption_never_matches_a_part_of_a_name(analyzer: Analyzer, name: str) -> None:
    configure(analyzer, exemptions=exempt())
    assert [policy for policy, _ in reports(analyzer, table(name, encrypted=False))][:2] == [
        DECLARED,
        DEPLOYED,
    ]


def test_nothing_in_a_program_exempts_a_table(analyzer: Analyzer) -> None:
    configure(analyzer, exemptions=exempt())
    tags = {"table": "legacy-orders", "exempt": "true", "Name": "legacy-orders"}
    properties = {"hashKey": "id", "name": "legacy-orders", "tags": tags}
    resource = Resource(TABLE, properties, "orders")
    assert [policy for policy, _ in reports(analyzer, resource)][:2] == [DECLARED, DEPLOYED]


def test_an_expired_exemption_does_not_apply(analyzer: Analyzer) -> None:
    configure(analyzer, exemptions=exempt(expires="2020-02-29"))
    reported = reports(analyzer, table("legacy-orders", encrypted=False))
    assert [policy for policy, _ in reported] == [DECLARED, DEPLOYED]
    message = reported[0][1]
    assert " The table's exemption expired at the end of 2020-02-29 (UTC).\n" in message


def test_one_table_of_a_template_can_be_exempt(analyzer: Analyzer) -> None:
    stack = Resource("aws:cloudformation/stack:Stack", {"templateBody": TEMPLATE}, "infra")
    configure(
        analyzer,
        exemptions=[{"table": "Legacy", "urn": "urn:pulumi:*::*::*::infra", "reason": "legacy"}],
    )
    answer = analyzer.analyze(stack)
    (message,) = answer.messages
    assert "'Other' in the template of 'infra'" in message
    assert answer.not_applicable == {}
    configure(
        analyzer, exemptions=[{"urn": "urn:pulumi:dev::project::*::infra", "reason": "legacy"}]
    )
    answer = analyzer.analyze(stack)
    assert answer.messages == []
    assert answer.not_applicable[DECLARED].count("is exempt: legacy") == 2


def test_an_unused_exemption_is_reported_once(analyzer: Analyzer) -> None:
    configure(
        analyzer,
        exemptions=[
            *exempt(urn="urn:pulumi:dev::project::*"),
            *exempt(urn="urn:pulumi:prod::project::*"),
            *exempt(urn="urn:pulumi:dev::*"),
            {"table": "sessions", "reason": "in another stack"},
            {"table": "orders", "reason": "legacy"},
        ],
    )
    orders = table("orders", encrypted=False)
    answer = analyzer.analyze_stack([STACK, orders, table("secure")])
    (violation,) = answer.violations
    assert violation.policy == UNDETERMINED
    assert violation.level == "advisory"
    assert violation.urn == STACK.urn
    assert (
        "The exemption for table 'legacy-*' and urn 'urn:pulumi:dev::project::*' matches no "
        "DynamoDB table of this stack." in violation.message
    )
    # A table is planned without outputs under a provider that is not configured yet.
    planned = Resource(TABLE, {}, "legacy-orders")
    assert analyzer.analyze_stack([STACK, orders, planned]).violations == ()
    # The policy does not apply to a stack without tables.
    assert analyzer.analyze_stack([STACK]).violations == ()


ARN = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"


@pytest.mark.parametrize("key", [None, "", "alias/aws/dynamodb", "alias/orders"])
@pytest.mark.parametrize(
    ("arn", "policies"),
    [
        (ARN, []),
        (ARN.replace(ACCOUNT, OTHER_ACCOUNT), [DEPLOYED]),
        (None, [UNDETERMINED]),
        ("orders", [UNDETERMINED]),
        (secret(ARN), []),
    ],
)
def test_a_deployed_table_shows_the_account_of_its_key(
    analyzer: Analyzer, key: str | None, arn: Any, policies: list[str]
) -> None:
    configure(analyzer, allowedKmsKeys=[ACCOUNT])
    stack = analyzer.analyze_stack([table("orders", key, arn=arn)])
    assert [violation.policy for violation in stack.violations] == policies
    # A program does not show the account.
    assert analyzer.analyze(table("orders", key)).violations == ()


@pytest.mark.parametrize("key", [None, AWS_MANAGED_ALIAS_ARN, ALIAS_ARN, KEY_ARN])
def test_a_wildcard_does_not_allow_the_aliases_of_aws(analyzer: Analyzer, key: str | None) -> None:
    configure(analyzer, allowedKmsKeys=[f"arn:aws:kms:*:{ACCOUNT}:*"])
    aws_managed = key in (None, AWS_MANAGED_ALIAS_ARN)
    assert len(analyzer.analyze(table("orders", key)).violations) == aws_managed


def test_a_key_of_another_partition_is_rejected(analyzer: Analyzer) -> None:
    key = KEY_ARN.replace("arn:aws:", "arn:aws-cn:")
    resource = table("orders", key, region="eu-west-1")
    fault = reports(analyzer, resource)[0][1].split("\n")[0]
    assert fault == (
        "DynamoDB table 'orders' sets serverSideEncryption.kmsKeyArn to a key in the partition "
        "aws-cn, but the table is in eu-west-1, so the key can't encrypt the table."
    )


@pytest.fixture
def start_on(tmp_path: Path) -> Iterator[Any]:
    """Return a function that starts the pack with another day as the current day."""
    started: list[Analyzer] = []

    def start(day: str) -> Analyzer:
        folder = tmp_path / day
        folder.mkdir()
        (folder / "PulumiPolicy.yaml").write_text("runtime: python\n", encoding="utf-8")
        main = (ROOT / "__main__.py").read_text(encoding="utf-8")
        (folder / "__main__.py").write_text(
            f"import sys\nfrom datetime import date\nsys.path.insert(0, {str(ROOT)!r})\n"
            "from policies.settings import reading\n"
            f"reading.today = lambda: date.fromisoformat({day!r})\n{main}",
            encoding="utf-8",
        )
        started.append(Analyzer.start(folder))
        return started[-1]

    yield start
    for analyzer in started:
        analyzer.stop()


def test_an_exemption_expires_at_the_end_of_its_day(start_on: Any) -> None:
    legacy = table("legacy-orders", encrypted=False)
    for day, policies in (
        ("2026-11-09", []),
        ("2026-11-10", [UNDETERMINED]),
        ("2026-11-24", [UNDETERMINED]),
        ("2026-11-25", [DECLARED, DEPLOYED]),
    ):
        analyzer = start_on(day)
        configure(analyzer, exemptions=exempt(expires="2026-11-24"))
        reported = reports(analyzer, legacy)
        assert [policy for policy, _ in reported] == policies
        if policies == [UNDETERMINED]:
            assert reported[0][1].split("\n")[0] == (
                "The exemption for table 'legacy-*' ends on 2026-11-24 (UTC) and covers tables of "
                "this stack: moved until spring"
            )
