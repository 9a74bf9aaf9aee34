"""Call the AWS API for a provider: boto3 clients for each Region, and errors as one sentence."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tools.sandbox.provider.properties import Props

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient


class ProviderError(Exception):
    """An error to show to the user; the message is a full sentence."""


class Aws:
    """A provider's configuration, and boto3 clients that follow it.

    Args:
        config: the inputs of the provider resource (pulumi:providers:aws), or the stack's
            aws:... configuration.
        package: the Pulumi package, which is also the namespace of the stack's configuration.
    """

    def __init__(self, config: Props, package: str = "aws") -> None:
        self.config = config
        self._package = package
        self._clients: dict[tuple[str, str], Any] = {}
        self._default_keys: dict[str, str | None] = {}
        self._lock = threading.Lock()

    @property
    def region(self) -> str:
        """The provider's Region, from its configuration or the environment."""
        region = self.config.get("region") or os.environ.get("AWS_REGION")
        region = region or os.environ.get("AWS_DEFAULT_REGION")
        if not isinstance(region, str) or not region:
            raise ProviderError(
                f"no AWS Region is set. Run `pulumi config set {self._package}:region us-east-1`, "
                "or set AWS_REGION."
            )
        return region

    @property
    def account_id(self) -> str:
        """The caller's account."""
        return str(self.client("sts", self.region).get_caller_identity()["Account"])

    @property
    def default_tags(self) -> dict[str, Any]:
        """The tags that every resource gets (provider option defaultTags)."""
        option = self.config.get("defaultTags")
        if isinstance(option, str):
            # The engine passes provider options that aren't strings as JSON.
            option = json.loads(option)
        tags = option.get("tags") if isinstance(option, dict) else None
        return dict(tags) if isinstance(tags, dict) else {}

    def all_tags(self, props: Props) -> dict[str, Any]:
        """Return the tags of a resource, default tags included."""
        return {**self.default_tags, **(props.get("tags") or {})}

    def own_tags(self, tags: Props, state: Props) -> Props:
        """Return a resource's tags without those that come from the default tags."""
        declared, defaults = state.get("tags") or {}, self.default_tags
        return {k: v for k, v in tags.items() if k in declared or defaults.get(k) != v}

    def region_of(self, props: Props) -> str:
        """Return the Region of a resource: its `region` property, else the provider's Region."""
        region = props.get("region")
        return region if isinstance(region, str) else self.region

    def arn(self, service: str, region: str, resource: str) -> str:
        """Return an ARN in the caller's account."""
        return f"arn:{partition(region)}:{service}:{region}:{self.account_id}:{resource}"

    def client(self, service: str, region: str) -> Any:
        """Return a client of the pretend account.

        Raises:
            ProviderError: the endpoint isn't on this machine.
        """
        if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"):
            # Without the sandbox's environment boto3 would call a real account.
            raise ProviderError("the stand-in AWS provider runs in the sandbox only.")
        with self._lock:
            if (service, region) not in self._clients:
                # boto3 is slow to import, and many previews need no client.
                import boto3  # noqa: PLC0415
                from botocore.config import Config  # noqa: PLC0415

                make: Any = boto3.session.Session(region_name=region).client
                # The account is on this machine, so a retry gets the same answer.
                config = Config(retries={"total_max_attempts": 1}, max_pool_connections=50)
                self._clients[service, region] = make(service, config=config)
            return self._clients[service, region]

    def dynamodb(self, region: str) -> DynamoDBClient:
        """Return a DynamoDB client."""
        client: DynamoDBClient = self.client("dynamodb", region)
        return client

    def kms(self, region: str) -> KMSClient:
        """Return a KMS client."""
        client: KMSClient = self.client("kms", region)
        return client

    def default_table_key(self, region: str) -> str | None:
        """Return the ARN of the AWS managed key aws/dynamodb, None if KMS denies access to it."""
        if region not in self._default_keys:
            arn = None
            with ignoring():
                key = self.kms(region).describe_key(KeyId="alias/aws/dynamodb")
                arn = key["KeyMetadata"]["Arn"]
            self._default_keys[region] = arn
        return self._default_keys[region]


@contextmanager
def ignoring(*codes: str) -> Iterator[None]:
    """Ignore AWS errors that have one of these codes; without a code, any AWS error."""
    try:
        yield
    except Exception as error:
        code = error_code(error)
        if code is None or (codes and code not in codes):
            raise


def partition(region: str) -> str:
    """Return the partition of a Region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def error_code(error: Exception) -> str | None:
    """Return the code of an AWS error ("ResourceNotFoundException"), None for other errors."""
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None


def sentence(error: Exception, action: str) -> str:
    """Describe an error in one sentence.

    Args:
        error: what boto3 or the stand-in raised.
        action: what the provider was doing, as in "creating DynamoDB Table (orders)".
    """
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        operation = getattr(error, "operation_name", "the call")
        details = response.get("Error", {})
        return f"{action}: {operation}: {details.get('Code')}: {details.get('Message')}"
    # boto3 lists invalid parameters on a line each.
    return f"{action}: {'; '.join(str(error).splitlines())}"
