"""A test harness for Pulumi policy packs in Python that runs a pack as the engine does.

The pack runs in the SDK's real analyzer process and receives gRPC requests. Tests therefore see
what policies see in production: numbers are floats, objects and lists are the SDK's proxies,
unknown values raise, and settings have the schema's defaults. The harness knows nothing about the
pack under test. The pack's interpreter needs `pulumi` and `pulumi-policy`.

    with Analyzer.start(Path("my-pack")) as analyzer:
        answer = analyzer.analyze("aws:s3/bucket:Bucket", {"acl": "public-read"}, name="logs")
        assert [v.policy for v in answer.violations] == ["no-public-buckets"]

        answer = analyzer.analyze("aws:s3/bucket:Bucket", {"acl": UNKNOWN})
        assert answer.undetermined

Left out is what needs the engine: the check of settings against the schema, the effect of a
remediation on an update, and how the CLI shows violations.
"""

from tools.harness.analyzer import (
    Analyzer,
    AnalyzerError,
    Answer,
    Diagnostic,
    Info,
    Operation,
    PolicyInfo,
    Remediation,
)
from tools.harness.properties import UNKNOWN, Properties, Resource, Unknown, secret

__all__ = [
    "UNKNOWN",
    "Analyzer",
    "AnalyzerError",
    "Answer",
    "Diagnostic",
    "Info",
    "Operation",
    "PolicyInfo",
    "Properties",
    "Remediation",
    "Resource",
    "Unknown",
    "secret",
]
