"""aws:s3/bucket:Bucket and aws:sqs/queue:Queue, for programs with resources that aren't tables.

They exist only in the state, with a name, an ARN, tags and the declared properties. Left out: the
other outputs and the defaults of the real types.

Source: internal/service/s3/bucket.go and internal/service/sqs/queue.go of terraform-provider-aws.
"""

from __future__ import annotations

from tools.sandbox.provider.aws import Aws, partition
from tools.sandbox.provider.echo import Echo
from tools.sandbox.provider.properties import Props


class _OtherResource(Echo):
    """A resource that isn't a table. Its id is its name."""

    computed = frozenset({"arn", "tagsAll"})
    optional_computed = frozenset({"region"})


class Bucket(_OtherResource):
    """An S3 bucket."""

    resource_type = "aws:s3/bucket:Bucket"
    title = "S3 Bucket"
    replace_on = frozenset({"bucket", "bucketPrefix", "region"})
    autoname = "bucket"
    name_prefix = "bucketPrefix"

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the ARN."""
        return {"arn": f"arn:{partition(aws.region_of(props))}:s3:::{resource_id}"}


class Queue(_OtherResource):
    """An SQS queue."""

    resource_type = "aws:sqs/queue:Queue"
    title = "SQS Queue"
    replace_on = frozenset({"fifoQueue", "name", "namePrefix", "region"})
    autoname = "name"
    name_prefix = "namePrefix"

    def filled_in(self, aws: Aws, resource_id: str, props: Props) -> Props:
        """Return the ARN."""
        return {"arn": aws.arn("sqs", aws.region_of(props), resource_id)}
