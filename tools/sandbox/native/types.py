"""The resource types of the stand-in `aws-native` provider, by token.

Source: the schema of pulumi-aws-native, and the CloudFormation types in the AWS CloudFormation
Template Reference.
"""

from __future__ import annotations

import uuid

from tools.sandbox.native.extension_resource import ExtensionResource
from tools.sandbox.native.resource import NativeResource
from tools.sandbox.provider.aws import Aws, partition
from tools.sandbox.provider.properties import Props


class Alias(NativeResource):
    """An alias of a KMS key. Its id is its name."""

    resource_type = "aws-native:kms:Alias"
    title = "AWS::KMS::Alias"
    required = frozenset({"targetKeyId"})
    replace_on = frozenset({"aliasName"})
    autoname = "aliasName"
    autoname_prefix = "alias/"


class Bucket(NativeResource):
    """An S3 bucket, for programs with resources that aren't tables. Its id is its name."""

    resource_type = "aws-native:s3:Bucket"
    title = "AWS::S3::Bucket"
    computed = frozenset({"arn"})
    replace_on = frozenset({"bucketName"})
    autoname = "bucketName"

    def filled_in(self, aws: Aws, inputs: Props) -> Props:
        """Return the id and the ARN."""
        name = str(inputs["bucketName"])
        return {"id": name, "arn": f"arn:{partition(aws.region)}:s3:::{name}"}


class GlobalTable(NativeResource):
    """A DynamoDB table with its replicas. Its id is its name."""

    resource_type = "aws-native:dynamodb:GlobalTable"
    title = "AWS::DynamoDB::GlobalTable"
    required = frozenset({"replicas"})
    computed = frozenset({"arn", "streamArn", "tableId"})
    replace_on = frozenset({"tableName"})
    autoname = "tableName"

    def filled_in(self, aws: Aws, inputs: Props) -> Props:
        """Return the ids and the ARN of the table."""
        name = str(inputs["tableName"])
        arn = aws.arn("dynamodb", aws.region, f"table/{name}")
        return {"id": name, "arn": arn, "tableId": str(uuid.uuid4())}


class Key(NativeResource):
    """A customer managed KMS key. Its id is the key id."""

    resource_type = "aws-native:kms:Key"
    title = "AWS::KMS::Key"
    computed = frozenset({"arn", "keyId"})


class Stack(NativeResource):
    """A CloudFormation stack. Its id is its ARN."""

    resource_type = "aws-native:cloudformation:Stack"
    title = "AWS::CloudFormation::Stack"
    computed = frozenset({
        "changeSetId", "creationTime", "lastUpdateTime", "outputs", "parentId", "rootId",
        "stackId", "stackStatus",
    })  # fmt: skip
    replace_on = frozenset({"stackName"})
    autoname = "stackName"

    def filled_in(self, aws: Aws, inputs: Props) -> Props:
        """Return the ids of a stack without outputs."""
        name = f"stack/{inputs['stackName']}/{uuid.uuid4()}"
        arn = aws.arn("cloudformation", aws.region, name)
        return {"id": arn, "stackId": arn, "outputs": [], "stackStatus": "CREATE_COMPLETE"}


class StackSet(NativeResource):
    """A CloudFormation StackSet."""

    resource_type = "aws-native:cloudformation:StackSet"
    title = "AWS::CloudFormation::StackSet"
    required = frozenset({"permissionModel"})
    computed = frozenset({"stackSetId"})
    replace_on = frozenset({"permissionModel", "stackSetName"})
    autoname = "stackSetName"

    def filled_in(self, aws: Aws, inputs: Props) -> Props:  # noqa: ARG002 an override
        """Return the id."""
        set_id = f"{inputs['stackSetName']}:{uuid.uuid4()}"
        return {"id": set_id, "stackSetId": set_id}


class Table(NativeResource):
    """A DynamoDB table. Its id is its name."""

    resource_type = "aws-native:dynamodb:Table"
    title = "AWS::DynamoDB::Table"
    required = frozenset({"keySchema"})
    computed = frozenset({"arn", "streamArn"})
    replace_on = frozenset({"importSourceSpecification", "tableName"})
    autoname = "tableName"


_ALL: tuple[type[NativeResource], ...] = (
    Alias, Bucket, ExtensionResource, GlobalTable, Key, Stack, StackSet, Table,
)  # fmt: skip
TYPES: dict[str, NativeResource] = {resource.resource_type: resource() for resource in _ALL}
