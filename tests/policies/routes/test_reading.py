"""Read one property of a snapshot as the type that it should have."""

from __future__ import annotations

import pytest

from policies.encryption.keys import AWS_MANAGED_KEY, NotAKmsKey, UnusableKey
from policies.encryption.values import Hidden, Unknown, WrongType
from policies.routes.reading import (
    boolean_in,
    key_in,
    list_in,
    object_in,
    region_of,
    string_in,
)
from policies.snapshot import Snapshot
from tests.keys import KEY_ARN

READERS = pytest.mark.parametrize("read", [boolean_in, key_in, list_in, object_in, string_in])
UNREADABLE = [Unknown(("it",)), Hidden("the value is a secret", ("it",))]


@READERS
def test_a_missing_and_a_null_property_are_none(read: object) -> None:
    assert callable(read)
    assert read({}, "it") is None
    assert read({"it": None, "other": 1}, "it") is None


@READERS
@pytest.mark.parametrize("value", [*UNREADABLE, WrongType("an asset or archive")])
def test_a_value_that_can_not_be_read_stays_as_it_is(read: object, value: object) -> None:
    assert callable(read)
    assert read({"it": value}, "it") is value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("True", True),
        ("false", False),
        ("FALSE", False),
        ("", WrongType("a string")),
        ("yes", WrongType("a string")),
        (1, WrongType("a number")),
        (0.5, WrongType("a number")),
        ([], WrongType("a list")),
        ({}, WrongType("an object")),
    ],
)
def test_a_boolean(value: object, expected: object) -> None:
    assert boolean_in({"it": value}, "it") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("", ""),
        (True, WrongType("a boolean")),
        (7, WrongType("a number")),
        ([1], WrongType("a list")),
        ({"a": 1}, WrongType("an object")),
    ],
)
def test_a_string_and_a_key(value: object, expected: object) -> None:
    assert string_in({"it": value}, "it") == expected
    assert key_in({"it": value}, "it") == expected


@pytest.mark.parametrize(
    "key", [AWS_MANAGED_KEY, NotAKmsKey("a string"), UnusableKey("signing", "an asymmetric key")]
)
def test_a_key_that_a_template_has_resolved(key: object) -> None:
    assert key_in({"it": key}, "it") is key


@pytest.mark.parametrize(
    ("value", "found"), [("x", "a string"), (True, "a boolean"), (7, "a number")]
)
def test_an_object_and_a_list(value: object, found: str) -> None:
    assert object_in({"it": {"a": 1}}, "it") == {"a": 1}
    assert object_in({"it": value}, "it") == WrongType(found)
    assert object_in({"it": []}, "it") == WrongType("a list")
    assert list_in({"it": [1]}, "it") == [1]
    assert list_in({"it": value}, "it") == WrongType(found)
    assert list_in({"it": {}}, "it") == WrongType("an object")


ARN = KEY_ARN.replace("kms", "dynamodb")


@pytest.mark.parametrize(
    ("properties", "provider", "region"),
    [
        ({"region": "us-east-1", "arn": ARN}, "us-west-2", "us-east-1"),
        ({"region": "", "arn": ARN}, "us-west-2", "us-west-2"),
        ({"arn": ARN}, "us-west-2", "us-west-2"),
        ({"arn": ARN}, None, "eu-west-1"),
        ({"arn": "arn:aws:s3:::orders"}, None, None),
        ({"arn": "orders"}, None, None),
        ({}, None, None),
        # The Region is the author's, and another one would be a guess.
        *(({"region": value, "arn": ARN}, "us-west-2", None) for value in UNREADABLE),
        ({"region": ["us-east-1"], "arn": ARN}, "us-west-2", None),
        *(({"arn": value}, None, None) for value in UNREADABLE),
    ],
)
def test_the_region_of_a_resource(
    properties: dict[str, object], provider: str | None, region: str | None
) -> None:
    assert region_of(Snapshot("orders", properties, provider)) == region
