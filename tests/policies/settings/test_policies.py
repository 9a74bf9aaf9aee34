"""Settings on the real analyzer process, which hands them over as the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies import POLICIES
from tools.harness import UNKNOWN, Analyzer, Resource

TABLE = "aws:dynamodb/table:Table"
DECLARED, DEPLOYED, UNDETERMINED = (policy.name for policy in POLICIES)
ROOT = Path(__file__).resolve().parents[3]

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = "arn:aws:kms:eu-west-1:111122223333:alias/orders"
OTHER_KEY = KEY.replace("111122223333", "444455556666")
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


def told(analyzer: Analyzer, resource: Resource) -> list[tuple[str, str]]:
    """What is said of one resource: policy and message without its description."""
    said = [*analyzer.analyze(resource).violations, *analyzer.analyze_stack([resource]).violations]
    return [(it.policy, it.message.partition("\n")[2]) for it in said]


@pytest.mark.parametrize("name", [policy.name for policy in POLICIES])
def test_no_table_is_accepted_under_wrong_settings(analyzer: Analyzer, name: str) -> None:
    analyzer.configure({name: {"requireCustomerManagedKeys": False}})
    assert told(analyzer, table("orders", KEY)) == [
        (
            name,
            "The settings of this policy are wrong, and no DynamoDB table is accepted under wrong "
            "settings: there is no setting called 'requireCustomerManagedKeys' (did you mean "
            "'requireCustomerManagedKey'?).\nCorrect its configuration, in the file that "
            "--policy-pack-config names or in the policy group.",
        )
    ]


def test_a_stack_is_told_once_of_wrong_settings(analyzer: Analyzer) -> None:
    configure(analyzer, requireCustomerManagedKeys=False)
    stack = [table("one", KEY), STACK, table("other", KEY)]
    answer = analyzer.analyze_stack(stack)
    assert [(it.policy, it.level, it.urn) for it in answer.violations] == [
        (DEPLOYED, "mandatory", STACK.urn),
        (UNDETERMINED, "advisory", STACK.urn),
    ]
    assert analyzer.analyze_stack([STACK]).violations == ()


@pytest.mark.parametrize(
    ("key", "policies"),
    [
        (KEY, []),
        (ALIAS, [UNDETERMINED]),
        (OTHER_KEY, [DECLARED, DEPLOYED]),
        (None, [DECLARED, DEPLOYED]),
        ("arn:aws:kms:eu-west-1:111122223333:alias/aws/dynamodb", [DECLARED, DEPLOYED]),
    ],
)
@pytest.mark.parametrize("replica", [False, True])
def test_keys_outside_the_list_are_rejected(
    analyzer: Analyzer, key: Any, policies: list[str], replica: bool
) -> None:
    configure(analyzer, allowedKmsKeys=[KEY])
    resource = table("orders", key)
    if replica:
        resource = table("orders", KEY, replicas=[{"regionName": "eu-west-1", "kmsKeyArn": key}])
    said = told(analyzer, resource)
    assert [policy for policy, _ in said] == policies
    if len(policies) == 2:
        message = said[0][1]
        has = "has a replica in eu-west-1 with" if replica else "has"
        found = "a key" if key == OTHER_KEY else "the AWS managed key"
        place = "replicas[].kmsKeyArn" if replica else "serverSideEncryption.kmsKeyArn"
        assert f"'orders' {has} {found} in {place} that is none of allowedKmsKeys.\n" in message
        assert f"a key that allowedKmsKeys has, such as '{KEY}', or have this one" in message
        assert OTHER_KEY not in message


def test_a_key_that_is_not_known_yet_waits_for_the_update(analyzer: Analyzer) -> None:
    configure(analyzer, allowedKmsKeys=[KEY])
    answer = analyzer.analyze(table("orders", UNKNOWN))
    assert answer.violations == ()
    assert len(answer.undetermined) == 1


def test_the_list_and_customer_managed_keys_only_are_both_asked(analyzer: Analyzer) -> None:
    allowed = ["arn:*:kms:*:*:alias/aws/dynamodb", KEY]
    configure(analyzer, allowedKmsKeys=allowed)
    assert told(analyzer, table("orders")) == []
    configure(analyzer, allowedKmsKeys=allowed, requireCustomerManagedKey=True)
    assert (
        "the AWS managed key aws/dynamodb is not enough here"
        in told(analyzer, table("orders"))[0][1]
    )


def test_an_exempt_table_is_not_applicable_with_reason_and_date(analyzer: Analyzer) -> None:
    configure(analyzer, exemptions=exempt(expires="2999-12-31"))
    answer = analyzer.analyze(table("legacy-orders", encrypted=False))
    assert answer.violations == ()
    assert answer.not_applicable == {
        DECLARED: "DynamoDB table 'legacy-orders' is exempt until 2999-12-31 (UTC): moved until "
        "spring"
    }
    assert told(analyzer, table("legacy-orders", encrypted=False)) == []
    undecided = Resource(TABLE, {"arn": "arn", "serverSideEncryption": UNKNOWN}, "legacy-orders")
    assert told(analyzer, undecided) == []


@pytest.mark.parametrize(
    "name", ["my-legacy-orders", "Legacy-orders", "legacy", "orders", "legacy\n-orders"]
)
def test_an_exemption_never_matches_a_part_of_a_name(analyzer: Analyzer, name: str) -> None:
    configure(analyzer, exemptions=exempt())
    assert [policy for policy, _ in told(analyzer, table(name, encrypted=False))][:2] == [
        DECLARED,
        DEPLOYED,
    ]


def test_nothing_that_the_programs_author_writes_exempts(analyzer: Analyzer) -> None:
    configure(analyzer, exemptions=exempt())
    tags = {"table": "legacy-orders", "exempt": "true", "Name": "legacy-orders"}
    properties = {"hashKey": "id", "name": "legacy-orders", "tags": tags}
    resource = Resource(TABLE, properties, "orders")
    assert [policy for policy, _ in told(analyzer, resource)][:2] == [DECLARED, DEPLOYED]


def test_an_exemption_that_has_ended_no_longer_holds(analyzer: Analyzer) -> None:
    configure(analyzer, exemptions=exempt(expires="2020-02-29"))
    said = told(analyzer, table("legacy-orders", encrypted=False))
    assert [policy for policy, _ in said] == [DECLARED, DEPLOYED]
    for _, message in said:
        assert "Its exemption ended with 2020-02-29 (UTC).\n" in message


def test_one_table_of_a_template_may_be_exempt(analyzer: Analyzer) -> None:
    stack = Resource("aws:cloudformation/stack:Stack", {"templateBody": TEMPLATE}, "infra")
    configure(
        analyzer,
        exemptions=[{"table": "Legacy", "urn": "urn:pulumi:*::*::*::infra", "reason": "it"}],
    )
    answer = analyzer.analyze(stack)
    (message,) = answer.messages
    assert "'Other' in the template of 'infra'" in message
    assert answer.not_applicable == {}
    configure(analyzer, exemptions=[{"urn": "urn:pulumi:dev::project::*::infra", "reason": "it"}])
    answer = analyzer.analyze(stack)
    assert answer.messages == []
    assert answer.not_applicable[DECLARED].count("is exempt: it") == 2


def test_an_exemption_that_covers_nothing_is_told_once(analyzer: Analyzer) -> None:
    configure(
        analyzer,
        exemptions=[
            *exempt(),
            {"urn": "urn:pulumi:prod::*", "reason": "another stack"},
            {"table": "orders", "reason": "it"},
        ],
    )
    orders = table("orders", encrypted=False)
    answer = analyzer.analyze_stack([STACK, orders, table("secure")])
    (violation,) = answer.violations
    assert violation.policy == UNDETERMINED
    assert violation.level == "advisory"
    assert violation.urn == STACK.urn
    assert "The exemption of table 'legacy-*' covers no DynamoDB table of this" in violation.message
    # A table that is planned without outputs, as under a provider that is not configured yet.
    planned = Resource(TABLE, {}, "legacy-orders")
    assert analyzer.analyze_stack([STACK, orders, planned]).violations == ()
    # A stack without tables has nothing to do with the policy.
    assert analyzer.analyze_stack([STACK]).violations == ()


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Any]:
    """Starts the pack's own analyzer process with another day as today."""
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


def test_an_exemption_ends_with_its_day(on: Any) -> None:
    legacy = table("legacy-orders", encrypted=False)
    for day, said in (("2026-11-24", 0), ("2026-11-25", 2)):
        analyzer = on(day)
        configure(analyzer, exemptions=exempt(expires="2026-11-24"))
        assert len(told(analyzer, legacy)) == said
