"""aws-native:kms:Alias. Reaches the account: see ``tools.sandbox.cloud_control.alias``."""

from __future__ import annotations

from tools.sandbox.native.resource import NativeResource


class Alias(NativeResource):
    """Another name of a KMS key. Its id is its name."""

    kind = "aws-native:kms:Alias"
    cfn = "AWS::KMS::Alias"
    what = "AWS::KMS::Alias"
    required = frozenset({"targetKeyId"})
    replace_on = frozenset({"aliasName"})
    autoname = "aliasName"
    autoname_prefix = "alias/"
