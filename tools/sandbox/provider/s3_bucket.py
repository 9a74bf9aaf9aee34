"""aws:s3/bucket:Bucket, a bucket with tags and no more: something that is no table."""

# Not every type needs all that a method is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tools.sandbox.provider.aws import Aws, ProviderError, error_code
from tools.sandbox.provider.properties import Props
from tools.sandbox.provider.resource import Resource


class Bucket(Resource):
    """An S3 bucket. Only its tags reach the account; other settings stay in the state."""

    kind = "aws:s3/bucket:Bucket"
    what = "S3 Bucket"
    computed = frozenset({
        "arn", "bucketDomainName", "bucketRegionalDomainName", "hostedZoneId", "tagsAll",
    })  # fmt: skip
    optional_computed = frozenset({"acl", "policy", "region"})
    replace_on = frozenset({"bucket", "bucketPrefix", "objectLockEnabled", "region"})
    defaults: ClassVar[Mapping[str, Any]] = {"forceDestroy": False}
    autoname = "bucket"
    name_prefix = "bucketPrefix"

    def create(self, aws: Aws, inputs: Props) -> tuple[str, Props]:
        """CreateBucket."""
        region, name = aws.region_of(inputs), str(inputs["bucket"])
        client = aws.client("s3", region)
        # us-east-1 is the one Region that must not be named.
        where = {} if region == "us-east-1" else {"LocationConstraint": region}
        client.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
        return name, self._settled(aws, name, inputs)

    def read(self, aws: Aws, resource_id: str, state: Props) -> Props | None:
        """HeadBucket and GetBucketTagging."""
        region = aws.region_of(state)
        client = aws.client("s3", region)
        try:
            client.head_bucket(Bucket=resource_id)
        except Exception as error:
            if error_code(error) not in ("404", "NoSuchBucket", "NotFound"):
                raise
            return None
        tags = _tags(client, resource_id)
        kept = {k: v for k, v in state.items() if not k.startswith("__") and v is not None}
        return {
            **kept,
            "id": resource_id,
            "arn": f"arn:aws:s3:::{resource_id}",
            "bucket": resource_id,
            "bucketDomainName": f"{resource_id}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{resource_id}.s3.{region}.amazonaws.com",
            "region": region,
            "tags": self.own_tags(aws, tags, state),
            "tagsAll": tags,
        }

    def update(self, aws: Aws, resource_id: str, old: Props, planned: Props) -> Props:
        """Write the tags anew."""
        return self._settled(aws, resource_id, planned)

    def delete(self, aws: Aws, resource_id: str, state: Props) -> None:
        """DeleteBucket."""
        try:
            aws.client("s3", aws.region_of(state)).delete_bucket(Bucket=resource_id)
        except Exception as error:
            if error_code(error) != "NoSuchBucket":
                raise

    def _settled(self, aws: Aws, name: str, props: Props) -> Props:
        client = aws.client("s3", aws.region_of(props))
        tags = {**aws.default_tags, **(props.get("tags") or {})}
        if tags:
            listed = [{"Key": str(key), "Value": str(value)} for key, value in tags.items()]
            client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed})
        else:
            client.delete_bucket_tagging(Bucket=name)
        outputs = self.read(aws, name, props)
        if outputs is None:
            raise ProviderError("the bucket is gone.")
        return outputs


def _tags(client: Any, name: str) -> Props:
    try:
        found = client.get_bucket_tagging(Bucket=name)["TagSet"]
    except Exception as error:
        if error_code(error) != "NoSuchTagSet":
            raise
        found = []
    return {tag["Key"]: tag["Value"] for tag in found}
