"""What Pulumi Cloud shows about the policies, where it is the same for all of them.

Sources: Trend Conformity Knowledge Base, DynamoDB-004 "Enable Encryption at Rest with Amazon KMS
Keys" (risk, frameworks); NIST SP 800-53 Revision 4, control SC-13; AWS DynamoDB Developer Guide,
"DynamoDB encryption at rest"; AWS Config Developer Guide, "dynamodb-table-encrypted-kms".
"""

from __future__ import annotations

from pulumi_policy import PolicyComplianceFramework, Severity

SEVERITY = Severity.HIGH

FRAMEWORK = PolicyComplianceFramework(
    name="NIST SP 800-53",
    version="Revision 4",
    reference="SC-13",
    specification="Cryptographic Protection",
)

TAGS = [
    "aws",
    "dynamodb",
    "kms",
    "encryption-at-rest",
    "DynamoDB-004",
    "GDPR",
    "APRA",
    "NIST-800-53-r4",
]

URL = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html"

WHY = (
    "DynamoDB encrypts every table, but by default with an AWS owned key. That key lives in no "
    "account of yours: nobody there can see it, audit its use in CloudTrail, restrict it by a key "
    "policy, rotate it or revoke it, so it protects the data from a stolen disk and from little "
    "else. A KMS key, whether the AWS managed key aws/dynamodb or a customer managed key, is in "
    "your account: each use is logged, and a customer managed key can also be restricted, rotated, "
    "disabled and deleted, which takes the data out of everybody's reach."
)
"""Why encryption by default is not enough: the answer to "DynamoDB is always encrypted"."""
