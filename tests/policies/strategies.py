"""Hypothesis strategies for the properties of resources."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.keys import key_arn
from tests.policies.in_process import ASSET
from tools.harness import Unknown, secret

STRINGS = [
    "",
    "true",
    "False",
    "KMS",
    "AES256",
    "alias/aws/dynamodb",
    key_arn(region="us-east-1"),
    "arn:aws:s3:::orders",
    "us-east-1",
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    '{"SSESpecification": {"SSEEnabled": true}}',
    "Resources: {Orders: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: !Ref X}}}",
    "{{{",
]
"""Values that routes distinguish."""


def values(names: st.SearchStrategy[str], *strings: str) -> st.SearchStrategy[Any]:
    """Return a strategy for the values of properties, with unknown and secret ones among them.

    Args:
        names: the names of the properties of objects.
        strings: more strings than STRINGS.
    """
    leaves = (
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.sampled_from([*STRINGS, *strings])
        | st.text(max_size=8)
        | st.sampled_from(list(Unknown))
        | st.just(ASSET)
    )
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(names, inner, max_size=4)
            | inner.map(secret)
        ),
        max_leaves=12,
    )
