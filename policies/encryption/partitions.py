"""AWS's partitions, by their Regions.

Source: AWS General Reference, "Amazon Resource Names (ARNs)" (partitions).
"""

from __future__ import annotations

COMMERCIAL = "aws"

_BY_PLACE = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "us-isof": "aws-iso-f",
    "eu-isoe": "aws-iso-e",
    "eusc-de": "aws-eusc",
}

PARTITIONS = (COMMERCIAL, *_BY_PLACE.values())
"""All that are known."""


def partition_of(region: str) -> str:
    """The partition of the Region `region`, such as "cn-north-1"."""
    return _BY_PLACE.get(region.rsplit("-", 2)[0], COMMERCIAL)
