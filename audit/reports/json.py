"""The complete results as JSON, for programs and for the archive. audit.schema.json describes it.

Only this format has the raw answers of AWS, and it can be read back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TextIO

from audit.results import (
    Audit,
    Coverage,
    Evidence,
    Finding,
    Key,
    KeyType,
    Owner,
    OwnerKind,
    Run,
    SettingsUsed,
    Status,
    UsedExemption,
    Verdict,
)

from . import words
from .json_text import dumps, write_items

_MAJOR = 1
SCHEMA_VERSION = f"{_MAJOR}.1"
"""The version of the format. The first number changes with changes that break readers."""


class NotAReportError(ValueError):
    """A text is not a report in this format, or was changed or cut off."""


def write(audit: Audit, out: TextIO) -> None:
    """Write the results as JSON, one finding on each line."""
    out.write(f'{{\n"run": {dumps(_run(audit), indent=2)},\n')
    out.write(f'"summary": {dumps(_summary(audit))},\n')
    out.write('"coverage": ')
    write_items(map(_coverage, audit.coverage), out)
    out.write(',\n"findings": ')
    write_items(map(_finding, audit.findings), out)
    out.write("\n}\n")


def read(text: str) -> Audit:
    """Return the results that a report in this format contains.

    Args:
        text: the report.

    Raises:
        NotAReportError: the text is not such a report, has another version of the format, or its
            summary does not match its findings.
    """
    try:
        report = json.loads(text)
        version = report["run"]["schema_version"]
    except (ValueError, TypeError, KeyError) as error:
        message = "This is not a JSON report of the audit, or it is cut off."
        raise NotAReportError(message) from error
    if not str(version).startswith(f"{_MAJOR}."):
        message = f"The report has version {version} of the format. Read it with another version."
        raise NotAReportError(message)
    try:
        audit = Audit(
            run=_read_run(report["run"]),
            coverage=tuple(_read_coverage(entry) for entry in report["coverage"]),
            findings=tuple(_read_finding(entry) for entry in report["findings"]),
        )
        same = report["summary"] == _summary(audit)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"The report does not follow version {version} of the format: {error!r}"
        raise NotAReportError(message) from error
    if not same:
        message = "The summary of the report does not match its findings."
        raise NotAReportError(message)
    return audit


def _run(audit: Audit) -> Mapping[str, Any]:
    run = audit.run
    return {
        "schema_version": SCHEMA_VERSION,
        "command": list(run.command),
        "pack": {"name": words.PACK, "version": run.version},
        "rule": {"id": words.RULE, "title": words.TITLE, "risk": words.RISK},
        "started": words.utc(run.started),
        "finished": words.utc(run.finished),
        "complete": audit.is_complete,
        "identities": list(run.identities),
        "settings": {
            "file": run.settings.file,
            "sha256": run.settings.sha256,
            "values": dict(run.settings.values),
        },
        "warnings": list(run.warnings),
    }


def _summary(audit: Audit) -> Mapping[str, int]:
    return {verdict.value: count for verdict, count in audit.summary.items()}


def _coverage(entry: Coverage) -> Mapping[str, Any]:
    return {
        "account": entry.account or None,
        "region": entry.region,
        "stack": entry.stack or None,
        "backend": entry.backend or None,
        "updated": entry.updated and words.utc(entry.updated),
        "status": entry.status.value,
        "listed": entry.listed,
        "judged": entry.judged,
        "not_read": entry.not_read,
        "reason": entry.reason,
    }


def _finding(finding: Finding) -> Mapping[str, Any]:
    key, evidence = finding.key, finding.evidence
    return {
        "account": finding.account or None,
        "region": finding.region or None,
        "stack": finding.stack or None,
        "urn": finding.urn or None,
        "backend": finding.backend or None,
        "table": finding.table,
        "arn": finding.arn or None,
        "verdict": finding.verdict.value,
        "reason": finding.reason,
        "fix": finding.fix,
        "fix_note": finding.fix_note,
        "rejected": finding.rejected if finding.is_of_stack else None,
        "owner": finding.owner and _owner(finding.owner),
        "drift": finding.drift,
        "key": {
            "arn": key.arn,
            "type": key.type and key.type.value,
            "manager": key.manager,
            "state": key.state,
        },
        "exemption": finding.exemption
        and {
            "pattern": finding.exemption.pattern,
            "reason": finding.exemption.reason,
            "expires": finding.exemption.expires,
        },
        "evidence": {
            "source": evidence.source,
            "time": words.utc(evidence.time),
            "identity": evidence.identity,
            "answer": evidence.parsed(),
        },
    }


def _owner(owner: Owner) -> Mapping[str, Any]:
    return {
        "kind": owner.kind.value,
        "stack": owner.stack or None,
        "urn": owner.urn or None,
        "backend": owner.backend or None,
        "logical_id": owner.logical_id or None,
        "note": owner.note,
    }


def _read_run(run: Mapping[str, Any]) -> Run:
    settings = run["settings"]
    return Run(
        command=tuple(run["command"]),
        version=run["pack"]["version"],
        started=words.from_utc(run["started"]),
        finished=words.from_utc(run["finished"]),
        identities=tuple(run["identities"]),
        settings=SettingsUsed(settings["file"], settings["sha256"], dict(settings["values"])),
        warnings=tuple(run["warnings"]),
    )


def _read_coverage(entry: Mapping[str, Any]) -> Coverage:
    return Coverage(
        account=entry["account"] or "",
        region=entry["region"],
        stack=entry.get("stack") or "",
        backend=entry.get("backend") or "",
        updated=words.from_utc(entry["updated"]) if entry.get("updated") else None,
        status=Status(entry["status"]),
        listed=entry["listed"],
        judged=entry["judged"],
        not_read=entry["not_read"],
        reason=entry["reason"],
    )


def _read_finding(finding: Mapping[str, Any]) -> Finding:
    key, evidence, exemption = finding["key"], finding["evidence"], finding["exemption"]
    return Finding(
        account=finding["account"] or "",
        region=finding["region"] or "",
        stack=finding.get("stack") or "",
        urn=finding.get("urn") or "",
        backend=finding.get("backend") or "",
        table=finding["table"],
        arn=finding["arn"] or "",
        verdict=Verdict(finding["verdict"]),
        reason=finding["reason"],
        fix=finding["fix"],
        fix_note=finding["fix_note"],
        key=Key(
            arn=key["arn"],
            type=None if key["type"] is None else KeyType(key["type"]),
            state=key["state"],
        ),
        evidence=Evidence(
            source=evidence["source"],
            time=words.from_utc(evidence["time"]),
            identity=evidence["identity"],
            answer=json.dumps(evidence["answer"], allow_nan=False),
        ),
        exemption=exemption and UsedExemption(**exemption),
        rejected=bool(finding.get("rejected")),
        owner=_read_owner(finding["owner"]) if finding.get("owner") else None,
        drift=finding.get("drift", ""),
    )


def _read_owner(owner: Mapping[str, Any]) -> Owner:
    return Owner(
        kind=OwnerKind(owner["kind"]),
        stack=owner["stack"] or "",
        urn=owner["urn"] or "",
        backend=owner["backend"] or "",
        logical_id=owner["logical_id"] or "",
        note=owner["note"],
    )
