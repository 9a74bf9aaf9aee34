"""Pieces of programs for the tests that deploy them."""

from __future__ import annotations


def table(name: str, **arguments: str) -> str:
    """A statement that declares a table. `arguments` are Python expressions, as a program has
    them: `server_side_encryption='{"enabled": True}'`.
    """
    given = "".join(f", {key}={value}" for key, value in arguments.items())
    return (
        f"aws.dynamodb.Table({name!r}, attributes=[{{'name': 'id', 'type': 'S'}}], "
        f"hash_key='id', billing_mode='PAY_PER_REQUEST'{given})\n"
    )


ENABLED = '{"enabled": True}'
DISABLED = '{"enabled": False}'
