"""Who owns a table, and what a stack records and AWS contradicts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import owners
from audit.owners import Stacks
from audit.results import (
    Coverage,
    Evidence,
    Finding,
    Key,
    KeyType,
    Owner,
    OwnerKind,
    Status,
    Verdict,
)
from tests.audit.results import ACCOUNT, NOW, REGION, coverage, finding, stack_coverage, texts

BACKEND, STACK = "https://api.pulumi.com", "acme/shop/dev"
OTHER_STACK, OTHER_REGION = "acme/other/dev", "us-east-1"
YESTERDAY, MONTH_AGO = NOW - timedelta(days=1), NOW - timedelta(days=30)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = KEY.replace("1234abcd", "0000abcd")
AWS_OWNED = Key(type=KeyType.AWS_OWNED)
AWS_MANAGED = Key(KEY, KeyType.AWS_MANAGED, "Enabled")
CUSTOMER_MANAGED = Key(KEY, KeyType.CUSTOMER_MANAGED, "Enabled")
CLOUDFORMATION_STACK = (
    f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/app/11111111-2222-3333-4444-555555555555"
)
READ = coverage()
NO_TAGS: dict[str, Any] = {"Tags": {}}


def arn_of(table: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:dynamodb:{region}:{account}:table/{table}"


def in_aws(
    key: Key = AWS_OWNED, status: str | None = None,
    replicas: Sequence[str] = (), created: datetime = MONTH_AGO, **changes: Any,
) -> Finding:  # fmt: skip
    """Return the finding about a table in AWS."""
    if key.arn and status is None:
        status = "ENABLED"
    table: dict[str, Any] = {"CreationDateTime": created.isoformat()}
    if status:
        table["SSEDescription"] = {"Status": status}
    if replicas:
        table["Replicas"] = [{"RegionName": region} for region in replicas]
    verdict = changes.pop("verdict", Verdict.COMPLIANT if key.arn else Verdict.VIOLATION)
    evidence = Evidence("DescribeTable", NOW, "audit", json.dumps({"Table": table}))
    return finding(verdict, key=key, evidence=evidence, **changes)


def in_stack(
    resource: Any = None, name: str = "orders", stack: str = STACK, time: datetime = YESTERDAY,
    **changes: Any,
) -> Finding:  # fmt: skip
    """Return the finding about a table of a stack, which records its ARN."""
    if resource is None:
        resource = {"arns": [arn_of(name)], "name": name}
    urn = f"urn:pulumi:dev::shop::aws:dynamodb/table:Table::{name}"
    usual = Finding(
        ACCOUNT, REGION, name, arn_of(name), Verdict.COMPLIANT, "It complies.", "", "", Key(),
        Evidence("pulumi stack export", time, "user", json.dumps({"Resource": resource})),
        stack=stack, urn=urn, backend=BACKEND,
    )  # fmt: skip
    return replace(usual, **changes)


def without_arn(resource: Any, **changes: Any) -> Finding:
    """Return the finding about a table of a stack that does not record the ARN."""
    return in_stack(resource, **{"arn": "", "account": "", "region": "", **changes})


def stacks(*findings: Finding, **changes: Any) -> Stacks:
    """Return stacks that were read completely."""
    entries = [stack_coverage(stack=name) for name in {STACK, *(each.stack for each in findings)}]
    return replace(Stacks(findings, entries, listed=NOW), **changes)


def tags(stack: str = CLOUDFORMATION_STACK, logical_id: str = "Orders") -> dict[str, Any]:
    values = {"stack-name": stack.split("/")[1], "stack-id": stack, "logical-id": logical_id}
    return {"Tags": {f"aws:cloudformation:{name}": value for name, value in values.items()}}


def join(
    tables: Sequence[Finding],
    recorded: Stacks,
    cloudformation: Sequence[Any] = (),
    read: Sequence[Coverage] = (READ,),
) -> list[Finding]:
    """Join tables with stacks.

    Args:
        tables: the tables that AWS shows.
        recorded: the stacks.
        cloudformation: the tags of each table; by default none.
        read: the coverage of AWS.
    """
    shown = cloudformation or [NO_TAGS] * len(tables)
    by_arn = {
        table.arn: value for table, value in zip(tables, shown, strict=True) if value is not None
    }
    return owners.join(tables, by_arn, read, recorded, NOW)


def without_join(table: Finding) -> Finding:
    """Return a finding of AWS without what the join changes."""
    evidence = replace(table.evidence, source="", answer="")
    return replace(table, owner=None, drift="", fix_note="", evidence=evidence)


def joined(
    table: Finding, *records: Finding, cloudformation: Any = NO_TAGS,
    read: Sequence[Coverage] = (READ,), **changes: Any,
) -> Finding:  # fmt: skip
    """Join a table with records that all are about it, and return its finding."""
    (found,) = join([table], stacks(*records, **changes), [cloudformation], read)
    assert without_join(found) == without_join(table)
    return found


def only_owner(table: Finding, *records: Finding, **changes: Any) -> Owner:
    owner = joined(table, *records, **changes).owner
    assert owner is not None
    return owner


TEMPLATE = {"template_stack": CLOUDFORMATION_STACK, "logical_id": "Orders"}
STACK_SET = CLOUDFORMATION_STACK.replace(
    "stack/app/", "stack/StackSet-app-a-aaaaaaaa-2222-3333-4444-555555555555/"
)
RECORDS = {
    "by ARN": (in_stack(), NO_TAGS),
    "by account, Region, and name": (in_stack({"name": "orders"}, arn=""), NO_TAGS),
    "by the tags of a template": (without_arn(TEMPLATE), tags()),
    "by the tags of a stack set": (
        without_arn({"template_stack_set": "app-a", "logical_id": "Orders"}), tags(STACK_SET),
    ),
    "by the name in a template, without tags": (
        in_stack({**TEMPLATE, "name": "orders"}, arn=""), {"Error": "AccessDeniedException."},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("record", "cloudformation"), RECORDS.values(), ids=RECORDS)
def test_a_record_shows_the_owner(record: Finding, cloudformation: dict[str, Any]) -> None:
    owner = only_owner(in_aws(), record, cloudformation=cloudformation)
    assert owner.kind is OwnerKind.PULUMI
    assert (owner.stack, owner.urn, owner.backend) == (STACK, record.urn, BACKEND)
    assert owner.note == ""


OTHER_TABLES = {
    "another ARN": in_stack(name="ordersx"),
    "another account": in_stack({"name": "orders"}, arn="", account="444455556666"),
    "another Region": in_stack({"name": "orders"}, arn="", region=OTHER_REGION),
    "another stack set": without_arn({"template_stack_set": "app", "logical_id": "Orders"}),
    "another logical ID": without_arn({**TEMPLATE, "logical_id": "Others"}),
    "a template that AWS contradicts": in_stack({**TEMPLATE, "name": "orders"}, arn=""),
    "only read": in_stack({"arns": [arn_of("orders")], "external": True}),
}


@pytest.mark.parametrize("record", OTHER_TABLES.values(), ids=OTHER_TABLES)
@pytest.mark.parametrize("cloudformation", [NO_TAGS, tags(STACK_SET)], ids=["no tags", "tags"])
def test_a_record_of_another_table_shows_nothing(
    record: Finding, cloudformation: dict[str, Any]
) -> None:
    first, *_ = join([in_aws()], stacks(record), [cloudformation])
    assert first.owner is not None
    expected = OwnerKind.CLOUDFORMATION if cloudformation["Tags"] else OwnerKind.NONE
    assert first.owner.kind is expected


def test_a_table_of_two_stacks_names_both() -> None:
    owner = only_owner(in_aws(), in_stack(), in_stack(stack=OTHER_STACK))
    assert owner.stack == OTHER_STACK
    assert f"in the stack {STACK} records the table, too." in owner.note


def test_the_same_stack_in_a_state_file_is_no_second_owner() -> None:
    owner = only_owner(in_aws(), in_stack(), in_stack(stack="shop/dev", backend=""))
    assert (owner.stack, owner.note) == (STACK, "")


def test_tags_of_cloudformation_beside_a_record_are_reported() -> None:
    owner = only_owner(in_aws(), in_stack(), cloudformation=tags())
    assert owner.kind is OwnerKind.PULUMI
    assert CLOUDFORMATION_STACK in owner.note


UNCERTAIN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a stack was not read": ({}, {"coverage": [stack_coverage(Status.FAILED)]}),
    "a table of a stack was not read": ({}, {"coverage": [stack_coverage(not_read=1)]}),
    "the backend was not listed": ({}, {"coverage": [stack_coverage(Status.DENIED, stack="")]}),
    "no stack": ({}, {"coverage": []}),
    "a filter": ({}, {"gaps": ["Only the stacks that --stack selects were read."]}),
    "single states": ({}, {"listed": None}),
    "newer than the list": ({"created": NOW + timedelta(seconds=1)}, {}),
    "tags were denied": ({"cloudformation": {"Error": "AccessDeniedException."}}, {}),
    "tags were not read": ({"cloudformation": None}, {}),
    "a record without a name": ({}, {"findings": [without_arn({})]}),
    "a record without a Region": ({}, {"findings": [without_arn({"name": "orders"})]}),
    "a record without an account": (
        {}, {"findings": [without_arn({"name": "orders"}, region=REGION)]},
    ),
    "a replica was not read": ({"replicas": [OTHER_REGION]}, {}),
}  # fmt: skip


@pytest.mark.parametrize(("table", "changes"), UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_was_not_read_leaves_the_owner_unknown(
    table: dict[str, Any], changes: dict[str, Any]
) -> None:
    certain = only_owner(in_aws())
    assert (certain.kind, certain.note) == (OwnerKind.NONE, "")
    shown = table.get("cloudformation", NO_TAGS)
    made = in_aws(**{name: value for name, value in table.items() if name != "cloudformation"})
    first, *_ = join([made], replace(stacks(), **changes), [shown])
    assert first.owner is not None
    assert first.owner.kind is OwnerKind.UNKNOWN
    assert first.owner.note.endswith(".")


def test_a_record_without_an_account_is_not_claimed() -> None:
    record = without_arn({"name": "orders"}, region=REGION, verdict=Verdict.VIOLATION)
    found, left = join([in_aws(AWS_MANAGED)], stacks(record))
    assert left == record
    assert found.owner == Owner(
        OwnerKind.UNKNOWN,
        note=f"{record.urn} in the stack {STACK} does not show the account of its table.",
    )


def test_an_owner_of_none_names_the_organizations_that_were_read() -> None:
    for names, expected in (
        (["acme"], "No stack of the organization acme manages it."),
        (["acme", "other"], "No stack of the organizations acme, other manages it."),
    ):
        assert only_owner(in_aws(), organizations=names) == Owner(OwnerKind.NONE, note=expected)
    assert only_owner(in_aws(), in_stack(), organizations=["acme"]).note == ""


def refused() -> Finding:
    """Return the finding about a table that AWS lists and does not describe."""
    reason = "AccessDeniedException: no."
    evidence = Evidence("DescribeTable", NOW, "audit", json.dumps({"Error": reason}))
    return finding(Verdict.NOT_READ, reason=reason, evidence=evidence)


@pytest.mark.parametrize("verdict", [Verdict.VIOLATION, Verdict.COMPLIANT])
def test_a_table_that_aws_refuses_keeps_the_verdict_of_its_stack(verdict: Verdict) -> None:
    record = in_stack(verdict=verdict)
    found, left = join([refused()], stacks(record), [None])
    assert left == record
    assert found.verdict is Verdict.NOT_READ
    assert found.owner is not None
    assert found.owner.urn == record.urn


def test_a_table_that_aws_refuses_has_no_reason_about_its_tags() -> None:
    found = joined(refused(), cloudformation=None)
    assert found.owner is not None
    assert found.owner.kind is OwnerKind.UNKNOWN
    assert found.owner.note.startswith("The table was not read.")
    assert "tags" not in found.owner.note
    ended = joined(in_aws(), cloudformation=None)
    assert ended.owner is not None
    assert ended.owner.note.endswith("The audit ended before AWS answered.")
    assert owners.warnings_about([found, ended]) == []


def test_many_records_without_a_name_make_no_long_note() -> None:
    records = [without_arn({}, urn=f"urn:{number}") for number in range(50)]
    first, *rest = join([in_aws()], stacks(*records))
    assert first.owner is not None
    assert first.owner.kind is OwnerKind.UNKNOWN
    assert first.owner.note.count("does not show the name") == 3
    assert len(rest) == len(records)


def test_a_name_in_two_accounts_is_not_decided() -> None:
    tables = [in_aws(account="444455556666"), in_aws()]
    record = without_arn({"name": "orders"}, region=REGION)
    *found, left = join(tables, stacks(record))
    assert left == record
    assert {each.owner.kind for each in found if each.owner} == {OwnerKind.UNKNOWN}


def test_a_replica_belongs_to_the_owner_of_its_table() -> None:
    replica_arn = arn_of("orders", OTHER_REGION)
    tables = [
        in_aws(replicas=[OTHER_REGION]),
        in_aws(replicas=[REGION], region=OTHER_REGION),
    ]
    recorded = in_stack({"arns": [arn_of("orders"), replica_arn]})
    for record in (recorded, in_stack()):
        found = join(tables, stacks(record))
        assert [each.owner.urn for each in found if each.owner] == [record.urn] * 2
    found = join(tables, stacks(), [tags(), NO_TAGS])
    assert [each.owner.stack for each in found if each.owner] == [CLOUDFORMATION_STACK] * 2


def test_a_table_is_no_replica_of_itself() -> None:
    assert "replica" not in only_owner(in_aws(replicas=[REGION]), listed=None).note


def test_the_record_of_a_replica_comes_before_that_of_its_table() -> None:
    replica_arn = arn_of("orders", OTHER_REGION)
    table = in_stack({"arns": [arn_of("orders"), replica_arn]})
    replica = in_stack(
        {"arns": [replica_arn]}, arn=replica_arn, region=OTHER_REGION, urn="urn:replica"
    )
    found = join([in_aws(), in_aws(region=OTHER_REGION)], stacks(table, replica))
    shown = [(each.owner.urn, each.owner.note) for each in found if each.owner]
    assert shown == [(table.urn, ""), ("urn:replica", "")]


def test_the_fix_names_the_place() -> None:
    table = in_aws(fix_note="KEY is the ARN of a key.")
    violation = in_stack(verdict=Verdict.VIOLATION, fix_note="Set `serverSideEncryption`.")
    assert joined(table, violation).fix_note.split("\n") == [
        f"Change {violation.urn} in the stack {STACK}, because the next `pulumi up` can undo the "
        "commands.",
        "Set `serverSideEncryption`.",
        "KEY is the ARN of a key.",
    ]
    drifted = joined(table, in_stack({"arns": [], "encryption": {"enabled": True}}))
    assert "`pulumi refresh` and then `pulumi up`" in drifted.fix_note
    assert "Make each change of the table there, too, because" in joined(table, in_stack()).fix_note
    template = joined(in_aws(), cloudformation=tags()).fix_note
    assert (
        f"the resource Orders in the template of the CloudFormation stack {CLOUDFORMATION_STACK}"
        in template
    )
    assert joined(table).fix_note == table.fix_note
    assert joined(in_aws(AWS_MANAGED), in_stack()).fix_note == ""


def encryption(enabled: Any, key: Any = None) -> dict[str, Any]:
    return {"encryption": {"enabled": enabled, "key": key}}


OFF = in_aws()
MANAGED, CUSTOMER = in_aws(AWS_MANAGED), in_aws(CUSTOMER_MANAGED)
DRIFT = {
    "enabled, AWS owned key": (encryption(True, ""), OFF, "a KMS key", "no KMS key"),
    "disabled, AWS managed key": (
        encryption(False), MANAGED, "no KMS key", "the AWS managed key aws/dynamodb",
    ),
    "disabled, customer managed key": (
        encryption(False, ""), CUSTOMER, "no KMS key", f"the customer managed key {KEY}",
    ),
    "another key": (
        encryption(True, OTHER_KEY), CUSTOMER, OTHER_KEY, f"the customer managed key {KEY}",
    ),
    "another key ID": (
        encryption(True, OTHER_KEY.split("/")[1]), CUSTOMER, "0000abcd", "customer managed key",
    ),
    "AWS managed key, customer managed key": (
        encryption(True, ""), CUSTOMER, "the AWS managed key aws/dynamodb", KEY,
    ),
    "the alias of AWS, customer managed key": (
        encryption(True, "alias/aws/dynamodb"), CUSTOMER, "the AWS managed key aws/dynamodb", KEY,
    ),
    "enabled, being disabled": (
        encryption(True, KEY), in_aws(CUSTOMER_MANAGED, status="DISABLING"), "a KMS key",
        "no KMS key",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "table", "recorded", "actual"), DRIFT.values(), ids=DRIFT)
def test_a_record_that_aws_contradicts_is_drift(
    resource: dict[str, Any], table: Finding, recorded: str, actual: str
) -> None:
    drift = joined(table, in_stack(resource)).drift
    start = f"The state of the stack {STACK} of 2026-11-24 09:30 (UTC) records "
    assert drift.startswith(start)
    before, after = drift.split(", but AWS shows ")
    assert recorded in before
    assert actual in after


SAME = {
    "nothing is recorded": ({}, OFF),
    "a setting that can't be read": ({"encryption": None}, MANAGED),
    "disabled": (encryption(False), OFF),
    "disabled with a key": (encryption(False, KEY), OFF),
    "AWS managed key without ARN": (encryption(True, ""), MANAGED),
    "AWS managed key with ARN": (encryption(True, KEY), MANAGED),
    "AWS managed key by alias": (encryption(True, "alias/aws/dynamodb"), MANAGED),
    "the same key": (encryption(True, KEY), CUSTOMER),
    "the same key by ID": (encryption(True, KEY.split("/")[1]), CUSTOMER),
    "an alias": (encryption(True, "alias/orders"), CUSTOMER),
    "a key that is not known": (encryption(True), CUSTOMER),
    "a manager that is not known": (encryption(True, ""), in_aws(Key(KEY))),
    "a wrong type": (encryption("true", 1), OFF),
    "a change in AWS": (encryption(False), in_aws(CUSTOMER_MANAGED, status="UPDATING")),
    "a table that was not read": (
        encryption(True), in_aws(Key(), verdict=Verdict.NOT_READ, status=""),
    ),
    "only read": ({**encryption(True), "external": True}, OFF),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "table"), SAME.values(), ids=SAME)
def test_what_aws_does_not_contradict_is_no_drift(resource: dict[str, Any], table: Finding) -> None:
    found, *_ = join([table], stacks(in_stack(resource)))
    assert found.drift == ""


_TEMPLATE_DRIFT = without_arn({**TEMPLATE, **encryption(True)})
RESTORE = (
    f"Run `pulumi refresh` and then `pulumi up` in the stack {STACK} to restore what its program "
    "declares."
)
CHANGED_BACK = (
    f"After `pulumi refresh`, `pulumi up` in the stack {STACK} can change it back, so declare the "
    "encryption that AWS shows in the program."
)
ADVICE = {
    "a key was removed": (OFF, in_stack(encryption(True)), NO_TAGS, RESTORE),
    "another key": (CUSTOMER, in_stack(encryption(True, OTHER_KEY)), NO_TAGS, RESTORE),
    "a key was added": (MANAGED, in_stack(encryption(False)), NO_TAGS, CHANGED_BACK),
    "a better key": (
        CUSTOMER, in_stack(encryption(True, ""), verdict=Verdict.VIOLATION), NO_TAGS, CHANGED_BACK,
    ),
    "another key, and none complies": (
        replace(CUSTOMER, verdict=Verdict.VIOLATION),
        in_stack(encryption(True, OTHER_KEY), verdict=Verdict.VIOLATION), NO_TAGS,
        CHANGED_BACK.replace("the encryption that AWS shows", "an encryption that complies"),
    ),
    "a key of a template was removed": (
        OFF, _TEMPLATE_DRIFT, tags(),
        f"`pulumi up` in the stack {STACK} does not restore what an unchanged template declares, "
        "so change the table with the AWS CLI.",
    ),
    "a key was added to a table of a template": (
        MANAGED, without_arn({**TEMPLATE, **encryption(False)}), tags(),
        "An update of the template can change it back, so declare the encryption that AWS shows "
        "in the template.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "record", "cloudformation", "advice"), ADVICE.values(), ids=ADVICE
)
def test_drift_says_what_to_do(
    table: Finding, record: Finding, cloudformation: dict[str, Any], advice: str
) -> None:
    found = joined(table, record, cloudformation=cloudformation)
    assert found.drift.endswith(f". {advice}")
    assert found.drift.count(advice) == 1


def test_a_state_that_is_newer_than_the_answer_of_aws_is_no_drift() -> None:
    later = NOW + timedelta(seconds=1)
    assert joined(OFF, in_stack(encryption(True), time=later)).drift == ""
    record = in_stack(name="gone", time=later)
    assert join([], stacks(record)) == [record]


@pytest.mark.parametrize("verdict", [Verdict.VIOLATION, Verdict.COMPLIANT])
def test_a_table_that_aws_does_not_have_neither_passes_nor_fails(verdict: Verdict) -> None:
    record = in_stack(name="gone", verdict=verdict, fix_note="Set it.", rejected=True)
    (found,) = join([], stacks(record))
    absent = f"AWS has no such table in {REGION}, account {ACCOUNT}."
    advice = "Run `pulumi refresh`, which removes it from the state."
    assert (found.verdict, found.rejected) == (Verdict.UNDETERMINED, True)
    assert (found.reason, found.fix_note) == (f"The stack records the table, but {absent}", advice)
    assert found.drift.endswith(f"records the table gone, but {absent} {advice}")
    assert (found.urn, found.evidence) == (record.urn, record.evidence)


@pytest.mark.parametrize("verdict", [Verdict.EXEMPT, Verdict.NOT_READ])
def test_a_table_that_aws_does_not_have_stays_exempt_or_not_read(verdict: Verdict) -> None:
    record = in_stack(name="gone", verdict=verdict)
    (found,) = join([], stacks(record))
    assert replace(found, drift="") == record
    assert found.drift


def test_a_table_that_a_stack_only_reads_and_aws_does_not_have() -> None:
    record = in_stack({"external": True}, name="gone")
    (found,) = join([], stacks(record))
    assert found.fix_note == "The stack only reads the table. Remove it from the program."


@pytest.mark.parametrize(
    "read",
    [[], [coverage(Status.DENIED)], [coverage(region=OTHER_REGION)], [coverage(account="4" * 12)]],
)
def test_a_table_where_aws_was_not_read_stays_as_it_is(read: list[Coverage]) -> None:
    record = in_stack(name="gone")
    assert join([], stacks(record), read=read) == [record]


def test_a_name_that_cloudformation_uses_for_another_table_is_no_drift() -> None:
    record = in_stack({**TEMPLATE, "name": "orders"}, arn="")
    _, left = join([in_aws()], stacks(record))
    assert left == record


def test_a_replica_that_aws_does_not_have_is_drift() -> None:
    record = in_stack({"arns": [arn_of("orders"), arn_of("orders", OTHER_REGION)]})
    both = [READ, coverage(region=OTHER_REGION)]
    assert joined(in_aws(), record).drift == ""
    tables = [in_aws(), in_aws(region=OTHER_REGION)]
    assert [each.drift for each in join(tables, stacks(record), read=both)] == ["", ""]
    drift = joined(in_aws(), record, read=both).drift
    assert drift.endswith(f"records a replica in {OTHER_REGION}, but AWS has none. {RESTORE}")


def test_tags_that_were_denied_are_a_warning() -> None:
    denied = joined(in_aws(), cloudformation={"Error": "AccessDeniedException: no."})
    assert denied.owner is not None
    assert "AccessDeniedException: no." in denied.owner.note
    (warning,) = owners.warnings_about([denied, joined(in_aws())])
    assert warning.startswith("The owner of 1 table can't be determined")
    assert owners.warnings_about([joined(in_aws())]) == []


_names = st.sampled_from(["orders", "carts"])
_regions = st.sampled_from([REGION, OTHER_REGION])
_accounts = st.sampled_from([ACCOUNT, "444455556666"])
_any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | texts(),
    lambda each: st.lists(each, max_size=2) | st.dictionaries(texts(), each, max_size=2),
    max_leaves=4,
)
_cloudformation = st.sampled_from([NO_TAGS, tags(), tags(STACK_SET), {"Error": "Denied."}, None])
_encryption = st.none() | st.builds(
    lambda *pair: encryption(*pair)["encryption"],
    st.booleans() | _any_json,
    st.sampled_from([None, "", KEY, OTHER_KEY, "alias/orders"]) | _any_json,
)
_resources = st.fixed_dictionaries(
    {},
    optional={
        "arns": st.lists(st.builds(arn_of, _names, _regions, _accounts), max_size=3) | _any_json,
        "name": _names | _any_json,
        "external": st.booleans() | _any_json,
        "template_stack": st.just(CLOUDFORMATION_STACK) | _any_json,
        "template_stack_set": st.just("app-a") | _any_json,
        "logical_id": st.just("Orders") | _any_json,
        "encryption": _encryption | _any_json,
    },
)


@st.composite
def _tables(draw: st.DrawFn) -> list[Finding]:
    places = draw(st.sets(st.tuples(_accounts, _regions, _names), max_size=5))
    return [
        in_aws(
            draw(st.sampled_from([AWS_OWNED, AWS_MANAGED, CUSTOMER_MANAGED, Key()])),
            draw(st.sampled_from([None, "", "DISABLED", "UPDATING"])),
            draw(st.lists(_regions, max_size=2)),
            account=account, region=region, table=table, verdict=draw(st.sampled_from(Verdict)),
        )
        for account, region, table in sorted(places)
    ]  # fmt: skip


@st.composite
def _records(draw: st.DrawFn) -> list[Finding]:
    return [
        in_stack(
            draw(_resources | _any_json),
            stack=draw(st.sampled_from([STACK, OTHER_STACK])),
            account=draw(st.just("") | _accounts),
            region=draw(st.just("") | _regions),
            arn=draw(st.just("") | st.builds(arn_of, _names, _regions, _accounts)),
            urn=f"urn:pulumi:dev::shop::aws:dynamodb/table:Table::{number}",
            verdict=draw(st.sampled_from(Verdict)),
        )
        for number in range(draw(st.integers(0, 4)))
    ]


@given(
    _tables(), _records(), st.lists(st.sampled_from(Status), max_size=2), st.booleans(), st.data()
)
def test_nothing_is_lost_or_claimed(
    tables: list[Finding],
    records: list[Finding],
    statuses: list[Status],
    was_listed: bool,
    data: st.DataObject,
) -> None:
    entries = [stack_coverage(status) for status in statuses]
    read = [coverage(region=region) for region in (REGION, OTHER_REGION)]
    recorded = Stacks(records, entries, (), NOW if was_listed else None)
    cloudformation = [data.draw(_cloudformation) for _ in tables]
    found = join(tables, recorded, cloudformation, read)

    in_account = [each for each in found if not each.is_of_stack]
    expected = sorted(tables, key=lambda each: each.order)
    assert list(map(without_join, in_account)) == list(map(without_join, expected))
    assert all(each.owner is not None for each in in_account)
    assert [each.order for each in found] == sorted(each.order for each in found)

    urns = Counter(each.urn for each in found if each.is_of_stack)
    assert set(urns.values()) <= {1}
    places = {each.arn: each for each in tables}
    for record in records:
        if record.urn not in urns:
            # AWS shows its table, so it is listed there.
            assert not record.arn or places[record.arn].verdict is not Verdict.NOT_READ
            continue
        (left,) = (each for each in found if each.urn == record.urn)
        if left.drift and record.verdict not in (Verdict.EXEMPT, Verdict.NOT_READ):
            assert left.verdict is Verdict.UNDETERMINED
            left = replace(left, verdict=record.verdict, reason=record.reason, fix_note="")
        assert replace(left, drift="") == record

    is_complete = was_listed and entries and set(statuses) <= {Status.READ}
    for table in in_account:
        owner = table.owner
        assert owner is not None
        if owner.kind is OwnerKind.NONE:
            assert is_complete
            assert table.evidence.parsed()["CloudFormation"] == NO_TAGS
            assert table.evidence.source == "DescribeTable, ListTagsOfResource"
            owning = [each for each in records if not _reads_only(each)]
            assert table.arn not in {each.arn for each in owning}
        if owner.kind is OwnerKind.PULUMI:
            assert owner.urn in {each.urn for each in records if not _reads_only(each)}


def _reads_only(record: Finding) -> bool:
    resource = record.evidence.parsed()["Resource"]
    return isinstance(resource, dict) and resource.get("external") is True
