"""Tables declared with Pulumi's AWS provider: `aws:dynamodb/table:Table`.

Sources: Pulumi Registry, "aws.dynamodb.Table" (property names); terraform-provider-aws,
internal/service/dynamodb/table.go (what the provider records: no block for an AWS owned key, an
empty kmsKeyArn for the AWS managed one).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..encryption import Encryption, Hidden, Malformed, Table, Unknown, Wording
from .reading import boolean_of, object_of, string_of, value_of

TABLE = "aws:dynamodb/table:Table"

WORDING = Wording(
    block="serverSideEncryption",
    enabled="serverSideEncryption.enabled",
    key="serverSideEncryption.kmsKeyArn",
    remedy="serverSideEncryption: { enabled: true }",
    key_name="kmsKeyArn",
)

ORIGINS = ("restoreSourceName", "restoreSourceTableArn", "importTable")
"""Properties that make a table from existing data. None of them declares how it is encrypted."""


def tables_of(name: str, properties: Mapping[str, object]) -> Iterable[Table]:
    """The one table that a Table resource declares, from its inputs or its outputs."""
    yield Table(
        name=name,
        encryption=_encryption_of(properties),
        wording=WORDING,
        not_created_yet=isinstance(value_of(properties, "arn"), Unknown),
        origin=next((it for it in ORIGINS if value_of(properties, it) is not None), None),
    )


def _encryption_of(properties: Mapping[str, object]) -> Encryption:
    block = object_of(properties, WORDING.block)
    if block is None or isinstance(block, (Unknown, Hidden, Malformed)):
        return Encryption(block=block)
    return Encryption(
        block=True,
        enabled=boolean_of(block, "enabled", at=(WORDING.block,)),
        key=string_of(block, WORDING.key_name, at=(WORDING.block,)),
    )


ROUTES = {TABLE: tables_of}
