"""aws-native:kms:Key. Reaches the account: see ``tools.sandbox.cloud_control.key``."""

from __future__ import annotations

from tools.sandbox.native.resource import NativeResource


class Key(NativeResource):
    """A customer managed KMS key. Its id is the key id."""

    kind = "aws-native:kms:Key"
    cfn = "AWS::KMS::Key"
    what = "AWS::KMS::Key"
    computed = frozenset({"arn", "keyId"})
