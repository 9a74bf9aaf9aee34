"""Aggregators of AWS Config answer from the tables and keys of the pretend accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.sandbox.account import Account

MEMBER = "111111111111"
TABLE, KEY = "AWS::DynamoDB::Table", "AWS::KMS::Key"
COUNTS = "SELECT accountId, awsRegion, COUNT(*) GROUP BY accountId, awsRegion"


@pytest.fixture
def account(sandbox_account: Account) -> Account:
    sandbox_account.reset()
    sandbox_account.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName="central",
        AccountAggregationSources=[{"AccountIds": [MEMBER], "AwsRegions": ["eu-west-1"]}],
    )
    return sandbox_account


def selected(account: Account, expression: str, **parameters: Any) -> Any:
    return account.client("config").select_aggregate_resource_config(
        ConfigurationAggregatorName="central", Expression=expression, **parameters
    )


def records(account: Account, resource_type: str, properties: str = "configuration") -> list[Any]:
    answer = selected(account, f"SELECT {properties} WHERE resourceType = '{resource_type}'")
    return [json.loads(row) for row in answer["Results"]]


def code_of(account: Account, expression: str, **parameters: Any) -> str:
    with pytest.raises(ClientError) as failed:
        selected(account, expression, **parameters)
    response: Any = failed.value.response
    return str(response["Error"]["Code"])


def test_a_record_has_the_names_and_times_of_aws_config(account: Account) -> None:
    account.create_tables("orders-", 1, "eu-west-1", MEMBER, {"Enabled": True})
    account.create_tables("elsewhere-", 1, "us-east-1", MEMBER)
    (record,) = records(account, TABLE, "accountId, awsRegion, arn, configuration")
    arn = f"arn:aws:dynamodb:eu-west-1:{MEMBER}:table/orders-00000"
    configuration = record.pop("configuration")
    assert record == {"accountId": MEMBER, "awsRegion": "eu-west-1", "arn": arn}
    assert (configuration["tableArn"], configuration["tableStatus"]) == (arn, "ACTIVE")
    assert configuration["creationDateTime"] > 1_500_000_000_000
    description = configuration["ssedescription"]
    assert description.keys() == {"status", "ssetype", "kmsmasterKeyArn"}
    (key,) = [each["configuration"] for each in records(account, KEY)]
    assert (key["arn"], key["keyManager"]) == (description["kmsmasterKeyArn"], "AWS")
    assert key["awsaccountId"] == MEMBER


def test_a_query_has_pages(account: Account) -> None:
    account.create_tables("t-", 30, "eu-west-1", MEMBER)
    query = f"SELECT arn WHERE resourceType = '{TABLE}'"
    first = selected(account, query)
    assert len(first["Results"]) == 25
    second = selected(account, query, NextToken=first["NextToken"])
    assert len(second["Results"]) == 5
    assert "NextToken" not in second
    assert len(selected(account, query, Limit=100)["Results"]) == 30
    assert code_of(account, query, NextToken="page 2") == "InvalidNextTokenException"


def test_other_queries_are_errors(account: Account) -> None:
    assert code_of(account, "SELECT *") == "InvalidExpressionException"
    with pytest.raises(ClientError, match="NoSuchConfigurationAggregatorException"):
        account.client("config").select_aggregate_resource_config(
            ConfigurationAggregatorName="other", Expression=COUNTS
        )


def test_a_type_that_is_not_recorded_has_no_records(account: Account) -> None:
    account.create_tables("t-", 2, "eu-west-1", MEMBER, {"Enabled": True})
    row = {"accountId": MEMBER, "awsRegion": "eu-west-1"}
    # The tables, their key, and the default VPC.
    assert selected(account, COUNTS)["Results"] == [json.dumps({"COUNT(*)": 4, **row})]
    account.set_recorded_types([KEY], "eu-west-1", MEMBER)
    assert (records(account, TABLE), len(records(account, KEY))) == ([], 1)
    assert selected(account, COUNTS)["Results"] == [json.dumps({"COUNT(*)": 1, **row})]
    account.set_recorded_types([], "eu-west-1", MEMBER)
    assert selected(account, COUNTS)["Results"] == []


def test_a_source_can_fail(account: Account) -> None:
    account.create_tables("t-", 2, "eu-west-1", MEMBER)
    account.set_source_status(MEMBER, "eu-west-1", "FAILED", "ACCESS_DENIED", "Not authorized.")
    (source,) = account.client("config").describe_configuration_aggregator_sources_status(
        ConfigurationAggregatorName="central"
    )["AggregatedSourceStatusList"]
    assert (source["SourceId"], source["LastUpdateStatus"]) == (MEMBER, "FAILED")
    assert (source["LastErrorCode"], source["AwsRegion"]) == ("ACCESS_DENIED", "eu-west-1")
    assert records(account, TABLE) == []
    with pytest.raises(ValueError, match="there is no status OK"):
        account.set_source_status(MEMBER, "eu-west-1", "OK")


def test_an_organization_is_the_source_of_its_aggregator(account: Account) -> None:
    organizations = account.client("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    member = organizations.create_account(AccountName="member", Email="member@example.com")
    owner = member["CreateAccountStatus"]["AccountId"]
    account.create_tables("t-", 1, "us-east-1", owner)
    config = account.client("config")
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="central",
        OrganizationAggregationSource={"RoleArn": "arn:aws:iam::1:role/r", "AllAwsRegions": True},
    )
    assert len(records(account, TABLE)) == 1
    sources = config.describe_configuration_aggregator_sources_status(
        ConfigurationAggregatorName="central"
    )["AggregatedSourceStatusList"]
    assert {each["SourceId"] for each in sources} >= {owner}
    account.set_source_status(organization, "us-east-1", "FAILED", "ORGANIZATION_ACCESS_DENIED")
    assert len(records(account, TABLE)) == 1


def test_added_records_are_returned_as_they_are(account: Account) -> None:
    account.add_config_records("{", '{"a": 1}')
    query = f"SELECT arn WHERE resourceType = '{TABLE}'"
    assert selected(account, query)["Results"] == ["{", '{"a": 1}']
    assert records(account, KEY) == []
