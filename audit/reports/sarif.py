"""The tables that need attention as SARIF 2.1.0, for GitHub code scanning.

GitHub shows each result in a file, so each table has a path: `aws/ACCOUNT/REGION/dynamodb/TABLE`,
or `pulumi/ORGANIZATION/PROJECT/STACK/TYPE/NAME` for a table of a stack. The path needs no file in
the repository. Compliant and exempt tables are no results: they are counts in the properties of a
run. Drift of a table is one more result, for any verdict, because its fix is another one.

Sources: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"; GitHub Docs,
"SARIF support for code scanning" (required properties, fingerprints, categories, limits).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO
from urllib.parse import quote

from audit.results import Audit, Finding, Verdict
from policies.reporting import metadata

from . import words
from .json_text import dumps, write_items

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

RESULTS_A_RUN = 5_000
"""GitHub accepts 25,000 results in a run, and shows 5,000 of them."""
RUNS_A_FILE = 4
"""GitHub accepts 20 runs in a file, but also no more than 10 MB when compressed."""

_INCOMPLETE = "incomplete-coverage"
_WARNING = "warning"


@dataclass(frozen=True)
class Rule:
    """A kind of result."""

    id: str
    name: str
    level: str
    title: str
    text: str
    severity: str | None


# GitHub ranks a rule by security-severity: high from 7.0, and medium from 4.0. No tag names a CWE,
# because DynamoDB always encrypts: CWE-311 (missing encryption) and CWE-312 (cleartext) are wrong.
_RULES = {
    Verdict.VIOLATION: Rule(
        words.RULE,
        "TableWithoutKmsKey",
        "error",
        words.TITLE,
        metadata.WHY,
        "7.0",
    ),
    Verdict.UNDETERMINED: Rule(
        f"{words.RULE}-undetermined",
        "TableEncryptionUndetermined",
        "warning",
        "The encryption of a DynamoDB table can't be determined",
        "The audit read the table, but it can't determine whether an accepted KMS key encrypts it.",
        "4.0",
    ),
    Verdict.NOT_READ: Rule(
        f"{words.RULE}-not-read",
        "TableNotRead",
        "warning",
        "A DynamoDB table could not be read",
        "The table was listed, but the audit could not read how it is encrypted.",
        None,
    ),
}
_DRIFT = Rule(
    f"{words.RULE}-drift",
    "TableDrift",
    "warning",
    "A stack records a DynamoDB table differently from AWS",
    "AWS contradicts what the state of a Pulumi stack records about the table. A later update of "
    "the stack can change the table, or fail.",
    None,
)
_ALL_RULES = [*_RULES.values(), _DRIFT]


@dataclass(frozen=True)
class _Part(Audit):
    """Results for one file of several.

    Attributes:
        runs_before: the number of SARIF runs in the files before this one.
    """

    runs_before: int = 0


def parts(audit: Audit) -> Sequence[Audit]:
    """Split results into those that GitHub accepts in one file.

    The findings of the parts add up to those of the audit. Each part has its whole coverage.
    """
    chunks = list(_chunks(audit.findings))
    if len(chunks) <= RUNS_A_FILE:
        return (audit,)
    return [
        _Part(
            run=audit.run,
            coverage=audit.coverage,
            findings=[found for chunk in chunks[first : first + RUNS_A_FILE] for found in chunk],
            runs_before=first,
        )
        for first in range(0, len(chunks), RUNS_A_FILE)
    ]


def write(audit: Audit, out: TextIO) -> None:
    """Write a file with a run for each 5,000 results."""
    before = audit.runs_before if isinstance(audit, _Part) else 0
    chunks = list(_chunks(audit.findings))
    out.write(f'{{\n"$schema": {dumps(SCHEMA)},\n"version": "2.1.0",\n"runs": [')
    for number, findings in enumerate(chunks):
        category = f"{words.PACK}/{before + number + 1}/"
        # Without a category, GitHub's action takes the one that the workflow sets. Runs of the same
        # category replace each other, so several runs need different ones.
        several = before > 0 or len(chunks) > 1
        part = Audit(audit.run, audit.coverage, findings)
        out.write("{}\n{{\n".format("," if number else ""))
        for property_name, value in _run(part, category if several else None).items():
            out.write(f"{dumps(property_name)}: {dumps(value)},\n")
        out.write('"results": ')
        write_items((_result(found, rule) for found in findings for rule in rules_of(found)), out)
        out.write("\n}")
    out.write("\n]\n}\n")


def _chunks(findings: Sequence[Finding]) -> Iterator[Sequence[Finding]]:
    """Split findings into one or more chunks of at most RESULTS_A_RUN results."""
    start = results = 0
    for position, finding in enumerate(findings):
        count = len(rules_of(finding))
        if results + count > RESULTS_A_RUN:
            yield findings[start:position]
            start, results = position, 0
        results += count
    yield findings[start:]


def rules_of(finding: Finding) -> Sequence[Rule]:
    """Return the rules of which a finding has a result."""
    rules = [_RULES[finding.verdict]] if finding.verdict in _RULES else []
    return [*rules, _DRIFT] if finding.drift else rules


def _run(audit: Audit, category: str | None) -> Mapping[str, Any]:
    run = audit.run
    shown: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": words.PACK,
                "version": run.version,
                "informationUri": words.website(),
                "rules": [_descriptor(rule) for rule in _ALL_RULES],
                "notifications": [
                    {
                        "id": _INCOMPLETE,
                        "shortDescription": {"text": "Not all tables could be listed."},
                    },
                    {"id": _WARNING, "shortDescription": {"text": "A warning of the whole audit."}},
                ],
            }
        },
        "invocations": [
            {
                "arguments": list(run.command),
                "startTimeUtc": words.utc(run.started),
                "endTimeUtc": words.utc(run.finished),
                "executionSuccessful": not audit.incomplete,
                "toolExecutionNotifications": [*_notifications(audit)],
            }
        ],
        "properties": {
            "summary": {verdict.value: count for verdict, count in audit.summary.items()},
            "identities": list(run.identities),
            "settingsSha256": run.settings.sha256,
        },
    }
    if category is not None:
        shown["automationDetails"] = {"id": category}
    return shown


def _notifications(audit: Audit) -> Iterator[Mapping[str, Any]]:
    for entry in audit.incomplete:
        text = f"{words.where(entry)}: {words.status(entry)}. {entry.reason}".strip()
        yield {
            "level": "error",
            "descriptor": {"id": _INCOMPLETE},
            "message": {"text": plain_text(text)},
        }
    for warning in audit.run.warnings:
        yield {
            "level": "warning",
            "descriptor": {"id": _WARNING},
            "message": {"text": plain_text(warning)},
        }


def _descriptor(rule: Rule) -> Mapping[str, Any]:
    properties: dict[str, Any] = {"tags": ["security", *metadata.TAGS]}
    if rule.severity is not None:
        properties["security-severity"] = rule.severity
    more = f"See {metadata.URL}"
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.text},
        "helpUri": metadata.URL,
        "help": {
            "text": words.paragraphs((rule.text, more)),
            "markdown": words.paragraphs(
                (f"**{rule.title}**", rule.text, f"[AWS]({metadata.URL})")
            ),
        },
        "defaultConfiguration": {"level": rule.level},
        "properties": properties,
    }


def message_of(finding: Finding, rule: Rule) -> str:
    """Return the message of one result of a finding."""
    if rule is _DRIFT:
        return words.paragraphs((words.drift(finding), words.owner(finding)))
    return words.message(finding)


def _result(finding: Finding, rule: Rule) -> Mapping[str, Any]:
    key, evidence = finding.key, finding.evidence
    identity = [rule.id, finding.account, finding.region, finding.table]
    stack = {}
    if finding.is_of_stack:
        stack = {"stack": finding.stack, "urn": finding.urn, "backend": finding.backend}
        identity += stack.values()
    fingerprint = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
    return {
        "ruleId": rule.id,
        "ruleIndex": _ALL_RULES.index(rule),
        "level": rule.level,
        "message": {"text": plain_text(message_of(finding, rule))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path(finding)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {
                        "name": finding.table,
                        "fullyQualifiedName": finding.urn or finding.arn,
                        "kind": "resource",
                    }
                ],
            }
        ],
        # GitHub uses only the first one. It calculates it from the file if it is missing.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint[:16]}:1",
            "ruleAndTable/v1": fingerprint,
        },
        "properties": {
            "verdict": finding.verdict.value,
            "account": finding.account,
            "region": finding.region,
            "table": finding.table,
            "arn": finding.arn,
            **stack,
            **({"owner": words.owner(finding)} if finding.owner else {}),
            **({"drift": finding.drift} if finding.drift else {}),
            "key": words.key(key),
            "fix": finding.fix,
            "evidence": {
                "source": evidence.source,
                "time": words.utc(evidence.time),
                "identity": evidence.identity,
            },
        },
    }


def plain_text(text: str) -> str:
    """Return a text as a plain text message, in which `[text](target)` would be a link.

    Source: SARIF 2.1.0, section 3.11.6 "Messages with embedded links".
    """
    return words.printable(re.sub(r"\](?=\()", "] ", text)) or "No reason is known."


def path(finding: Finding) -> str:
    """Return the path of a table, as a relative URI."""
    segments = ["aws", finding.account, finding.region, "dynamodb", finding.table]
    if finding.is_of_stack:
        backend = words.backend(finding.backend)
        resource = words.resource(finding.urn).split("::", 1)
        segments = [*filter(None, ["pulumi", backend]), *finding.stack.split("/"), *resource]
    return "/".join(map(segment, segments))


def segment(text: str) -> str:
    """Encode one segment of a path, so that it is neither empty nor a dot segment."""
    encoded = quote(words.name(text), safe="")
    return f"-{encoded}" if encoded.strip(".") == "" else encoded
