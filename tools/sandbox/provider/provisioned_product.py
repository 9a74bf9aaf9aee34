"""aws:servicecatalog/provisionedProduct:ProvisionedProduct.

Source: internal/service/servicecatalog/provisioned_product.go of terraform-provider-aws. There is
no catalog of products here: an update only echoes, and nothing of the product is made.
"""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class ProvisionedProduct(Echo):
    """A product of the Service Catalog, brought about."""

    kind = "aws:servicecatalog/provisionedProduct:ProvisionedProduct"
    what = "Service Catalog Provisioned Product"
    computed = frozenset({
        "arn", "cloudwatchDashboardNames", "createdTime", "lastProvisioningRecordId",
        "lastRecordId", "lastSuccessfulProvisioningRecordId", "launchRoleArn", "outputs",
        "status", "statusMessage", "tagsAll", "type",
    })  # fmt: skip
    optional_computed = frozenset({
        "pathId", "productId", "provisioningArtifactId", "region",
    })  # fmt: skip
    replace_on = frozenset({"name", "notificationArns", "region"})
    defaults: ClassVar[Mapping[str, Any]] = {"acceptLanguage": "en"}
    autoname = "name"

    def new_id(self, aws: Aws, inputs: Props) -> str:
        """Return an id as the Service Catalog has them."""
        return f"pp-{uuid.uuid4().hex[:13]}"

    def made(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return what a product without resources would have."""
        where = aws.region_of(props)
        name = f"stack/{props['name']}/{resource_id}"
        return {
            "arn": aws.arn("servicecatalog", where, name),
            "cloudwatchDashboardNames": [],
            "outputs": [],
            "status": "AVAILABLE",
            "type": "CFN_STACK",
        }
