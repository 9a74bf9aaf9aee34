"""aws-native:s3:Bucket, something that is no table. An update only echoes."""

from __future__ import annotations

from tools.sandbox.native.resource import NativeResource
from tools.sandbox.provider.aws import Aws, partition
from tools.sandbox.provider.properties import Props


class Bucket(NativeResource):
    """An S3 bucket. Its id is its name."""

    kind = "aws-native:s3:Bucket"
    cfn = "AWS::S3::Bucket"
    what = "AWS::S3::Bucket"
    computed = frozenset({
        "arn", "domainName", "dualStackDomainName", "regionalDomainName", "websiteUrl",
    })  # fmt: skip
    replace_on = frozenset({"bucketName", "bucketNamePrefix", "bucketNamespace"})
    autoname = "bucketName"

    def made(self, aws: Aws, inputs: Props) -> Props:
        """Return the ARN and the names of the hosts."""
        name, region = str(inputs["bucketName"]), aws.region
        return {
            "id": name,
            "arn": f"arn:{partition(region)}:s3:::{name}",
            "domainName": f"{name}.s3.amazonaws.com",
            "dualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
            "regionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "websiteUrl": f"http://{name}.s3-website-{region}.amazonaws.com",
        }
