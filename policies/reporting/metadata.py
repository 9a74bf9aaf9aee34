"""The metadata that all policies share, which Pulumi Cloud shows.

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
    "DynamoDB encrypts every table, by default with an AWS owned key. AWS owned keys are not in "
    "your account: you can't view them, audit their use in CloudTrail, restrict them with a key "
    "policy, rotate them, or revoke access to them. A KMS key is in a customer account, whether it "
    "is the AWS managed key aws/dynamodb or a customer managed key, and CloudTrail logs each use. "
    "You can also restrict and rotate a customer managed key. If you disable or delete it, the "
    "data becomes unreadable."
)
"""Why encryption by default is not enough."""
