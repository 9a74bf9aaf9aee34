"""Calls of the pretend account fail as calls of AWS do, and the account logs them."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
)

from tools.sandbox.account import (
    SERVICE_CONTROL_POLICY,
    Account,
    Call,
    Deleted,
    Denied,
    Error,
    Fault,
    Reset,
    Slow,
    Text,
)

MEMBER = "111111111111"


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    sandbox_account.reset()
    return sandbox_account


def failure(call: Callable[..., Any], **parameters: Any) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as failed:
        call(**parameters)
    response: Any = failed.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "status"),
    [
        ("dynamodb", "list_tables", {}, "ThrottlingException", 400),
        ("dynamodb", "describe_table", {"TableName": "orders"}, "InternalServerError", 500),
        ("dynamodb", "list_tables", {}, "ProvisionedThroughputExceededException", 400),
        ("kms", "describe_key", {"KeyId": "1234"}, "KMSInternalException", 500),
        ("kms", "list_aliases", {"KeyId": "1234"}, "ExpiredTokenException", 400),
        ("organizations", "list_accounts", {}, "TooManyRequestsException", 400),
        ("sts", "get_caller_identity", {}, "ExpiredToken", 403),
        ("account", "list_regions", {}, "TooManyRequestsException", 429),
    ],
)
def test_an_error_has_the_format_of_its_service(
    account: Account, service: str, operation: str, parameters: Any, code: str, status: int
) -> None:
    account.inject(Fault(Error(code, "a <test>"), service=service))
    call = getattr(account.client(service), operation)
    assert failure(call, **parameters) == (code, "a <test>", status)


def test_a_modeled_error_has_its_exception_class(account: Account) -> None:
    client = account.client("dynamodb")
    account.inject(Fault(Error("ResourceNotFoundException", "no such table")))
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName="orders")


def test_a_fault_is_about_the_calls_that_match(account: Account) -> None:
    account.create_tables("orders-", 2, "eu-west-1", MEMBER)
    account.inject(
        Fault(
            Error("ThrottlingException"),
            service="dynamodb",
            operation="Describe*",
            account=MEMBER,
            region="eu-*",
            target="*-00001",
            after=1,
            times=2,
        )
    )
    client = account.client("dynamodb", "eu-west-1", MEMBER)

    def describe(name: str) -> str:
        try:
            client.describe_table(TableName=name)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "described"

    client.list_tables()
    assert [describe("orders-00001") for _ in range(4)] == [
        "described", "ThrottlingException", "ThrottlingException", "described",
    ]  # fmt: skip
    assert describe("orders-00000") == "described"


def test_a_fault_of_a_page_happens_to_its_retries_too(account: Account) -> None:
    names = account.create_tables("orders-", 250)
    account.inject(Fault(Error("InternalServerError"), operation="ListTables", page=2, times=2))
    client = account.client("dynamodb")
    first = client.list_tables()
    assert (first["TableNames"], first["LastEvaluatedTableName"]) == (names[:100], names[99])
    for _ in range(2):
        failure(client.list_tables, ExclusiveStartTableName=names[99])
    assert client.list_tables(ExclusiveStartTableName=names[99])["TableNames"] == names[100:200]
    last = client.list_tables(ExclusiveStartTableName=names[199])
    assert (last["TableNames"], "LastEvaluatedTableName" in last) == (names[200:], False)


def test_a_probability_gives_the_same_failures_each_time(account: Account) -> None:
    client = account.client("dynamodb")

    def failures() -> list[bool]:
        account.remove_faults()
        account.inject(Fault(Error("ThrottlingException"), probability=0.5, seed=7))
        outcomes = []
        for _ in range(20):
            try:
                client.list_tables()
                outcomes.append(False)
            except ClientError:
                outcomes.append(True)
        return outcomes

    first = failures()
    assert first == failures()
    assert 0 < sum(first) < 20


def test_the_message_of_a_denied_call_names_the_caller_and_the_policy(account: Account) -> None:
    client = account.client("dynamodb", "eu-west-1", MEMBER)
    account.inject(
        Fault(Denied(SERVICE_CONTROL_POLICY), operation="ListTables"),
        Fault(Denied(), operation="DescribeTable"),
        Fault(Denied(), service="organizations"),
    )
    user = f"User: arn:aws:sts::{MEMBER}:assumed-role/OrganizationAccountAccessRole/sandbox is not"
    tables = f"arn:aws:dynamodb:eu-west-1:{MEMBER}:table"
    assert failure(client.list_tables) == (
        "AccessDeniedException",
        f"{user} authorized to perform: dynamodb:ListTables on resource: {tables}/* with an "
        "explicit deny in a service control policy",
        400,
    )
    assert failure(client.describe_table, TableName="orders")[1] == (
        f"{user} authorized to perform: dynamodb:DescribeTable on resource: {tables}/orders "
        "because no identity-based policy allows the dynamodb:DescribeTable action"
    )
    denied = failure(account.client("organizations").list_accounts)
    assert denied[:2] == (
        "AccessDeniedException",
        "You don't have permissions to access this resource.",
    )


def test_a_slow_call_does_not_hold_up_others(account: Account) -> None:
    account.inject(Fault(Slow(1.5), region="eu-west-1"))
    slow, fast = account.client("dynamodb", "eu-west-1"), account.client("dynamodb")
    with ThreadPoolExecutor() as pool:
        started = time.monotonic()
        waiting = pool.submit(slow.list_tables)
        fast.list_tables()
        assert time.monotonic() - started < 1.4
        assert waiting.result()["TableNames"] == []
        assert time.monotonic() - started >= 1.5


def test_a_connection_is_reset_or_has_another_answer(account: Account) -> None:
    client = account.client("dynamodb")
    account.inject(Fault(Reset(), times=1), Fault(Text(), times=1))
    with pytest.raises(ConnectionClosedError) as broken:
        client.list_tables()
    assert "Connection reset by peer" in str(broken.value.kwargs["error"])
    # botocore takes any text with the status 200 as an answer without members.
    assert "TableNames" not in client.list_tables()
    assert client.list_tables()["TableNames"] == []
    account.inject(Fault(Text(status=502), times=1))
    with pytest.raises(ClientError, match="502"):
        client.list_tables()


def test_a_table_is_deleted_between_list_and_describe(account: Account) -> None:
    account.create_tables("orders-", 2)
    account.inject(Fault(Deleted(), operation="DescribeTable", target="orders-00000"))
    client = account.client("dynamodb")
    code, message, _ = failure(client.describe_table, TableName="orders-00000")
    assert (code, message) == (
        "ResourceNotFoundException",
        "Requested resource not found: Table: orders-00000 not found",
    )
    assert client.list_tables()["TableNames"] == ["orders-00001"]
    page = client.list_tables(ExclusiveStartTableName="orders-00000")
    assert page["TableNames"] == ["orders-00001"]


def test_the_log_has_the_calls_since_the_reset(account: Account) -> None:
    account.create_tables("orders-", 1, "eu-west-1", MEMBER)
    client = account.client("dynamodb", "eu-west-1", MEMBER)
    client.list_tables()
    client.describe_table(TableName="orders-00000")
    failure(account.client("kms").describe_key, KeyId="alias/none")
    account.client("account").list_regions()
    account.client("sts").get_caller_identity()
    default = "123456789012"
    assert account.calls() == [
        Call("dynamodb", "ListTables", MEMBER, "eu-west-1"),
        Call("dynamodb", "DescribeTable", MEMBER, "eu-west-1", "orders-00000"),
        Call("kms", "DescribeKey", default, "us-east-1", "alias/none"),
        Call("account", "ListRegions", default, "us-east-1"),
        Call("sts", "GetCallerIdentity", default, "us-east-1"),
    ]
    assert account.call_counts()["dynamodb:DescribeTable"] == 1
    account.reset()
    assert account.calls() == []


def test_a_reset_removes_faults(account: Account) -> None:
    account.inject(Fault(Error("ThrottlingException")))
    account.reset()
    assert account.client("dynamodb").list_tables()["TableNames"] == []


def test_threads_list_at_the_same_time(account: Account) -> None:
    account.create_tables("orders-", 30)
    client = account.client("dynamodb")
    names = client.list_tables()["TableNames"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: client.describe_table(TableName=name), names * 5))
    assert [answer["Table"]["TableName"] for answer in answers] == names * 5
    assert account.call_counts()["dynamodb:DescribeTable"] == 150
