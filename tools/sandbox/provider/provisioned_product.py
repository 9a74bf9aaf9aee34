"""aws:servicecatalog/provisionedProduct:ProvisionedProduct.

A product exists only in the state, and none of its resources are created.

Source: internal/service/servicecatalog/provisioned_product.go of terraform-provider-aws.
"""

# Overrides keep the arguments of the methods that they override.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class ProvisionedProduct(Echo):
    """A provisioned product of the Service Catalog."""

    resource_type = "aws:servicecatalog/provisionedProduct:ProvisionedProduct"
    title = "Service Catalog Provisioned Product"
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
        """Return an id in the form of the Service Catalog."""
        return f"pp-{uuid.uuid4().hex[:13]}"

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the outputs of a product without resources."""
        name = f"stack/{props['name']}/{resource_id}"
        return {
            "arn": aws.arn("servicecatalog", aws.region_of(props), name),
            "cloudwatchDashboardNames": [],
            "outputs": [],
            "status": "AVAILABLE",
            "type": "CFN_STACK",
        }
