"""The paths that messages show for each way to spell the properties."""

from __future__ import annotations

import pytest

from policies.encryption.spelling import Spelling

TABLE = Spelling(block="encryption", enabled="enabled", key="keyArn", replicas="replicas")
TYPED = Spelling(block="SSE", enabled="Enabled", key="KeyId", sse_type="Type", origins=("Import",))
GLOBAL = Spelling(
    block="SSE",
    enabled="Enabled",
    key="KeyId",
    sse_type="Type",
    replicas="Replicas",
    replica_block="SSE",
)
REPLICA = Spelling(key="keyArn")


@pytest.mark.parametrize(
    ("spelling", "key", "replica_key"),
    [
        (TABLE, "encryption.keyArn", "replicas[].keyArn"),
        (TYPED, "SSE.KeyId", "KeyId"),
        (GLOBAL, "Replicas[].SSE.KeyId", "Replicas[].SSE.KeyId"),
        (REPLICA, "keyArn", "keyArn"),
    ],
)
def test_each_key_has_a_path(spelling: Spelling, key: str, replica_key: str) -> None:
    assert spelling.key_path == key
    assert spelling.replica_key_path == replica_key


def test_only_the_properties_that_decide_are_read() -> None:
    assert TABLE.table_properties == ("encryption", "replicas")
    assert TYPED.table_properties == ("SSE", "Import")
    assert TYPED.enabled_path == "SSE.Enabled"
    assert TYPED.sse_type_path == "SSE.Type"
