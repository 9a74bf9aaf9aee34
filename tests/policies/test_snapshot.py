"""Snapshots: the SDK's proxies become plain values, with unknown and hidden values marked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.encryption.values import Hidden, Unknown, WrongType
from policies.snapshot import has_unknowns, mark_unknowns, plain_properties, take
from tests.policies.in_process import ASSET, proxied, proxied_for_remediation
from tests.policies.strategies import values
from tools import harness
from tools.harness import UNKNOWN, secret

WHY_HIDDEN = "the value is a secret of a state file that could not be decrypted"
BOTH_PROXIES = pytest.mark.parametrize("proxy", [proxied, proxied_for_remediation])
Proxy = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def read(value: object) -> object:
    """Return a property that is not in proxies as a plain value."""
    return plain_properties({"it": value}, ("it",)).get("it")


@BOTH_PROXIES
@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("text", "text"),
        ("", ""),
        (True, True),
        (False, False),
        (1, 1),
        (0.0, 0),
        (-3, -3),
        (1.5, 1.5),
        ([], []),
        ({}, {}),
        ([1, [True, None]], [1, [True, None]]),
        ({"a": {"b": [{"c": 2}]}}, {"a": {"b": [{"c": 2}]}}),
        ({"a": None}, {"a": None}),
        (secret("text"), "text"),
        (secret({"a": [secret(1)]}), {"a": [1]}),
        (ASSET, WrongType("an asset or archive")),
        ([ASSET], [WrongType("an asset or archive")]),
        ("[secret]", Hidden(WHY_HIDDEN, ("it",))),
        ({"a": ["[secret]"]}, {"a": [Hidden(WHY_HIDDEN, ("it", "a", "0"))]}),
        (UNKNOWN, Unknown(("it",))),
        ([1, {"a": UNKNOWN}], [1, {"a": Unknown(("it", "1", "a"))}]),
        (secret({"a": secret(UNKNOWN)}), {"a": Unknown(("it", "a"))}),
    ],
)
def test_a_property_is_read_as_a_plain_value(proxy: Proxy, value: Any, plain: object) -> None:
    found = plain_properties(proxy({"it": value}), ("it",))
    # The text differs where the types do: the engine sends each number as a float.
    assert repr(found) == repr({"it": plain})


@BOTH_PROXIES
def test_a_missing_and_a_null_property_are_left_out(proxy: Proxy) -> None:
    assert plain_properties(proxy({"it": None}), ("it", "other")) == {}


@pytest.mark.parametrize("marker", list(harness.Unknown))
def test_unknown_values_of_every_type_are_marked(marker: harness.Unknown) -> None:
    properties = proxied({"it": marker, "outer": [marker]})
    assert plain_properties(properties, ("it", "outer")) == {
        "it": Unknown(("it",)),
        "outer": [Unknown(("outer", "0"))],
    }


names = st.sampled_from(["a", "b", "value"])


@given(st.dictionaries(names, values(names, "[secret]"), max_size=3))
def test_no_proxy_remains(properties: dict[str, Any]) -> None:
    for proxy in (proxied, proxied_for_remediation):
        for value in parts(plain_properties(proxy(properties), properties)):
            assert type(value) in PLAIN


PLAIN = (dict, list, str, bool, int, float, type(None), Unknown, Hidden, WrongType)


def parts(value: object) -> Iterator[object]:
    yield value
    if type(value) in (dict, list):
        for member in value.values() if isinstance(value, dict) else value:  # type: ignore[attr-defined]
            yield from parts(member)


class NamedOnly(dict[str, Any]):
    """A mapping that can't be read except for one property."""

    def __getitem__(self, name: str) -> Any:
        assert name == "it"
        return super().__getitem__(name)


def test_only_the_named_properties_are_read() -> None:
    properties = NamedOnly(it=[1], other=[2])
    assert plain_properties(properties, ("it", "missing")) == {"it": [1]}


def test_a_snapshot_is_a_copy() -> None:
    items = [1]
    plain = read({"a": items})
    items.append(2)
    assert plain == {"a": [1]}


@pytest.mark.parametrize("value", [b"x", bytearray(b"x"), {1}, object()])
def test_a_value_that_json_does_not_have_is_of_the_wrong_type(value: object) -> None:
    assert read([value, 1]) == [WrongType("an asset or archive"), 1]


def nested(depth: int, make: Callable[[Any], object], inner: object) -> object:
    for _ in range(depth):
        inner = make(inner)
    return inner


def in_itself() -> object:
    items: list[object] = []
    items.append(items)
    return items


TOO_LARGE = "a value that is too large"
TOO_DEEP = "a value that is nested too deeply"
TOO_MANY_DIGITS = "a number with too many digits"
EXCESSIVE: dict[str, tuple[object, str]] = {
    "long list": ([0] * 400_000, TOO_LARGE),
    "many lists": ({str(n): [0] * 100 for n in range(4_000)}, TOO_LARGE),
    "lists that share items": (nested(30, lambda inner: [inner, inner], 1), TOO_LARGE),
    "deep lists": (nested(5_000, lambda inner: [inner], 1), TOO_DEEP),
    "deep objects": (nested(5_000, lambda inner: {"a": inner}, 1), TOO_DEEP),
    "list in itself": (in_itself(), TOO_DEEP),
    "long number": (10**5_000, TOO_MANY_DIGITS),
    "long number in a list": ([-(10**5_000)], TOO_MANY_DIGITS),
}


@pytest.mark.parametrize("name", EXCESSIVE)
def test_a_property_that_is_too_large_does_not_hide_the_others(name: str) -> None:
    value, found = EXCESSIVE[name]
    properties = {"it": value, "other": 1}
    assert plain_properties(properties, properties) == {"it": WrongType(found), "other": 1}
    assert mark_unknowns({"a": value}, ("it",)) == WrongType(found)


def test_a_large_property_is_read() -> None:
    for value in (
        [0] * 200_000,
        nested(90, lambda inner: {"a": inner}, 1),
        nested(10, lambda inner: [inner, inner], 1),
        10**500,
        1e300,
        float("inf"),
    ):
        assert read(value) == value


@pytest.mark.parametrize("marker", list(harness.Unknown))
def test_a_parsed_document_gets_its_unknown_values_marked(marker: harness.Unknown) -> None:
    document = {"a": ["x", marker.value, {"b": "[secret]"}], "c": f"x{marker.value}", "d": 1.0}
    assert has_unknowns(json.dumps(document))
    assert mark_unknowns(document, ("templateBody",)) == {
        "a": [
            "x",
            Unknown(("templateBody", "a", "1")),
            {"b": Hidden(WHY_HIDDEN, ("templateBody", "a", "2", "b"))},
        ],
        "c": f"x{marker.value}",
        "d": 1,
    }
    assert not has_unknowns(json.dumps({"a": "x"}))


def resource(
    properties: Mapping[str, Any], provider: Mapping[str, Any] | None = None
) -> SimpleNamespace:
    return SimpleNamespace(
        resource_type="type",
        name="orders",
        urn="urn",
        props=proxied(properties),
        provider=None if provider is None else SimpleNamespace(props=proxied(provider)),
    )


def test_a_snapshot_has_the_name_and_the_properties() -> None:
    snapshot = take(resource({"it": [1], "other": 2}), ("it",))
    assert (snapshot.name, snapshot.properties) == ("orders", {"it": [1]})
    assert not snapshot.is_empty
    assert not take(resource({"other": 2}), ("it",)).is_empty
    assert take(resource({}), ("it",)).is_empty


@pytest.mark.parametrize(
    ("provider", "region"),
    [
        (None, None),
        ({}, None),
        ({"region": "us-east-1"}, "us-east-1"),
        ({"region": secret("us-east-1")}, "us-east-1"),
        ({"region": ""}, None),
        ({"region": None}, None),
        ({"region": UNKNOWN}, Unknown(("region",))),
        ({"region": ["us-east-1"]}, None),
    ],
)
def test_the_region_of_the_provider(provider: Mapping[str, Any] | None, region: Any) -> None:
    assert take(resource({"it": 1}, provider), ()).provider_region == region
