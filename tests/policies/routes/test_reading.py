"""Reading one property, from the SDK's proxies and from plain dicts alike."""

from __future__ import annotations

from typing import Any

import pytest

from policies.encryption import Hidden, Malformed, Unknown
from policies.routes.reading import boolean_of, object_of, string_of, value_of
from tests.policies.as_the_sdk_does import proxied
from tools.harness import UNKNOWN


def test_a_missing_and_a_null_property_are_none() -> None:
    for properties in ({}, {"it": None}, proxied({}), proxied({"it": None})):
        assert value_of(properties, "it") is None
        assert object_of(properties, "it") is None
        assert boolean_of(properties, "it") is None
        assert string_of(properties, "it") is None


def test_an_unknown_property_is_told_with_its_path() -> None:
    properties = proxied({"it": UNKNOWN, "outer": {"list": [{"it": UNKNOWN}]}})
    assert value_of(properties, "it") == Unknown(("it",), UNKNOWN.value)
    outer = object_of(properties, "outer")
    assert not isinstance(outer, Unknown | Hidden | Malformed | None)
    inner = value_of(outer, "list")[0]  # type: ignore[index]
    assert value_of(inner, "it") == Unknown(("outer", "list", "0", "it"), UNKNOWN.value)
    for read in (object_of, boolean_of, string_of):
        assert isinstance(read(properties, "it"), Unknown)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("True", True),
        ("false", False),
        ("FALSE", False),
        ("", Malformed("a string")),
        ("yes", Malformed("a string")),
        (1, Malformed("a number")),
        (0.0, Malformed("a number")),
        ([], Malformed("a list")),
        ({}, Malformed("an object")),
    ],
)
def test_a_boolean(value: Any, expected: bool | Malformed) -> None:
    assert boolean_of(proxied({"it": value}), "it") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("", ""),
        (True, Malformed("a boolean")),
        (7, Malformed("a number")),
        ([1], Malformed("a list")),
        ({"a": 1}, Malformed("an object")),
    ],
)
def test_a_string(value: Any, expected: str | Malformed) -> None:
    assert string_of(proxied({"it": value}), "it") == expected


@pytest.mark.parametrize(
    ("value", "found"), [("x", "a string"), (True, "a boolean"), (7, "a number"), ([], "a list")]
)
def test_what_is_no_object(value: Any, found: str) -> None:
    assert object_of(proxied({"it": value}), "it") == Malformed(found)


def test_an_asset_is_told_as_such() -> None:
    asset = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
    properties = proxied({"it": asset})
    for read in (object_of, boolean_of, string_of):
        assert read(properties, "it") == Malformed("an asset or archive")


def test_a_secret_taken_out_of_a_state_file_is_hidden() -> None:
    properties = proxied({"it": "[secret]"})
    hidden = Hidden(("outer", "it"), "it is a secret of a state file that could not be decrypted")
    for read in (value_of, object_of, boolean_of, string_of):
        assert read(properties, "it", ("outer",)) == hidden
