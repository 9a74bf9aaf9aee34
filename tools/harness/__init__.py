"""A harness for Pulumi policy packs in Python that drives a pack as the engine does.

The pack runs in a process of its own, the SDK's real analyzer, and is asked over gRPC. So a test
sees what a policy meets in use: numbers are floats, objects and lists are the SDK's proxies,
unknown values raise, configuration carries the schema's defaults. Nothing here knows the pack
under test; it needs `pulumi`, `pulumi-policy` in the pack's interpreter, and nothing else.

    with Analyzer.start(Path("my-pack")) as analyzer:
        answer = analyzer.analyze("aws:s3/bucket:Bucket", {"acl": "public-read"}, name="logs")
        assert [v.policy for v in answer.violations] == ["no-public-buckets"]

        answer = analyzer.analyze("aws:s3/bucket:Bucket", {"acl": UNKNOWN})
        assert answer.undetermined

What it leaves out is the engine's part, which needs the engine: checking configuration against
the schema, remediation's effect on an update, and how the CLI shows the answers.
"""

from .analyzer import Analyzer, AnalyzerError, Answer, Diagnostic, Info, PolicyInfo, Remediation
from .properties import UNKNOWN, Properties, Resource, Unknown, secret

__all__ = [
    "UNKNOWN",
    "Analyzer",
    "AnalyzerError",
    "Answer",
    "Diagnostic",
    "Info",
    "PolicyInfo",
    "Properties",
    "Remediation",
    "Resource",
    "Unknown",
    "secret",
]
