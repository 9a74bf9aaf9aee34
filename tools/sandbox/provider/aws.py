"""The provider's way to the AWS API: clients of one Region each, and errors in one sentence."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

from tools.sandbox.provider.properties import Props

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient


class ProviderError(Exception):
    """Something that the user is to read; the message is a full sentence."""


class Aws:
    """What a provider's configuration says, and boto3 clients that follow it.

    Args:
        config: the inputs of the provider resource (pulumi:providers:aws), or of the stack's
            aws:... configuration.
        package: the Pulumi package, which is the namespace of the stack's configuration, too.
    """

    def __init__(self, config: Props, package: str = "aws") -> None:
        self.config = config
        self._package = package
        self._clients: dict[tuple[str, str], Any] = {}
        self._default_keys: dict[str, str | None] = {}
        self._lock = threading.Lock()

    @property
    def region(self) -> str:
        """The Region of the provider, from its configuration or from the environment."""
        region = self.config.get("region") or os.environ.get("AWS_REGION")
        region = region or os.environ.get("AWS_DEFAULT_REGION")
        if not isinstance(region, str) or not region:
            raise ProviderError(
                f"no AWS Region is set: run `pulumi config set {self._package}:region us-east-1`, "
                "or set AWS_REGION."
            )
        return region

    @property
    def default_tags(self) -> dict[str, Any]:
        """The tags that every resource gets (provider option defaultTags)."""
        tags = self.config.get("defaultTags")
        if isinstance(tags, str):
            # Provider configuration travels as JSON wherever it isn't a plain string.
            tags = json.loads(tags)
        found = tags.get("tags") if isinstance(tags, dict) else None
        return dict(found) if isinstance(found, dict) else {}

    def region_of(self, props: Props) -> str:
        """The Region of a resource: its own, else the provider's."""
        region = props.get("region")
        return region if isinstance(region, str) else self.region

    def client(self, service: str, region: str) -> Any:
        """Return a client; boto3 is imported at the first call, as it takes its time."""
        if not os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://127.0.0.1:"):
            # Never touch a real account, whoever starts this program, and how.
            raise ProviderError("the stand-in AWS provider runs in the sandbox only.")
        with self._lock:
            if (service, region) not in self._clients:
                import boto3  # noqa: PLC0415
                from botocore.config import Config  # noqa: PLC0415

                make: Any = boto3.session.Session(region_name=region).client
                # One attempt: the account is on this machine, so an answer is final.
                config = Config(retries={"total_max_attempts": 1}, max_pool_connections=50)
                self._clients[service, region] = make(service, config=config)
            return self._clients[service, region]

    def dynamodb(self, region: str) -> DynamoDBClient:
        """A DynamoDB client."""
        client: DynamoDBClient = self.client("dynamodb", region)
        return client

    def kms(self, region: str) -> KMSClient:
        """A KMS client."""
        client: KMSClient = self.client("kms", region)
        return client

    def arn(self, service: str, region: str, resource: str) -> str:
        """The ARN of something in the caller's account that no service of the account made."""
        return f"arn:{partition(region)}:{service}:{region}:{self.account_id}:{resource}"

    @property
    def account_id(self) -> str:
        """The caller's account."""
        return str(self.client("sts", self.region).get_caller_identity()["Account"])

    def default_table_key(self, region: str) -> str | None:
        """The ARN of the AWS managed key of DynamoDB; None where KMS refuses to tell."""
        if region not in self._default_keys:
            try:
                answer = self.kms(region).describe_key(KeyId="alias/aws/dynamodb")
                self._default_keys[region] = answer["KeyMetadata"]["Arn"]
            except Exception as error:
                code = error_code(error)
                if code is None:
                    raise
                self._default_keys[region] = None
        return self._default_keys[region]


def partition(region: str) -> str:
    """Return the partition of a Region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def error_code(error: Exception) -> str | None:
    """Return the code of an AWS refusal ("ResourceNotFoundException"), None for anything else."""
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None


def sentence(error: Exception, doing: str) -> str:
    """Say in one sentence what went wrong.

    Args:
        error: what boto3 raised.
        doing: what was tried, as in "creating DynamoDB Table (orders)".
    """
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        operation = getattr(error, "operation_name", "the call")
        told = response.get("Error", {})
        return f"{doing}: {operation}: {told.get('Code')}: {told.get('Message')}"
    # boto3 lists what it finds wrong with the parameters, one a line.
    return f"{doing}: {'; '.join(str(error).splitlines())}"
