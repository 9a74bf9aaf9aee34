"""Amazon Resource Names (ARNs), and the partitions that they name.

Source: AWS General Reference, "Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

from typing import NamedTuple

COMMERCIAL_PARTITION = "aws"

_PARTITIONS_BY_PLACE = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
    "eu-isoe": "aws-iso-e",
    "eusc-de": "aws-eusc",
}

PARTITIONS = (COMMERCIAL_PARTITION, *_PARTITIONS_BY_PLACE.values())
"""The partitions that AWS has documented."""

_COLONS = 5


class Arn(NamedTuple):
    """The parts of an ARN. A part can be empty, and a pattern of an ARN has patterns as parts."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """Split an ARN into its parts; None if the text does not have the parts of an ARN."""
        prefix, *parts = text.split(":", _COLONS)
        return cls(*parts) if prefix == "arn" and len(parts) == _COLONS else None

    def __str__(self) -> str:
        return ":".join(("arn", *self))


def partition_of(region: str) -> str:
    """Return the partition of a Region, e.g. "aws-cn" for "cn-north-1"."""
    return _PARTITIONS_BY_PLACE.get(region.rsplit("-", 2)[0], COMMERCIAL_PARTITION)


def is_in_partition(region: str, partition: str) -> bool:
    """Return whether a Region can be in a partition. A partition that AWS adds can have any.

    Args:
        region: a Region, such as "cn-north-1".
        partition: a partition, such as "aws-cn".
    """
    return partition not in PARTITIONS or partition == partition_of(region)
