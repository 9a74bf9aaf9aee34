"""The results as OCSF Detection Findings, for a SIEM or a security lake.

Each table is an event, the compliant ones included. `status_code` has Prowler's words: PASS, FAIL,
MANUAL, or MUTED; `unmapped` has the verdict, the owner, and the drift. An account, Region, or stack
that could not be read is an event, too, so that it is not lost: its `metadata.event_code` ends with
`-coverage`. The ID of a table's resource is its ARN, or its URN if the stack records no ARN.

The version is the one that Prowler writes. Later versions of OCSF accept the same events.

Sources: OCSF 1.5.0, class "Detection Finding" (2004), profiles "cloud" and "datetime"; Prowler,
"Reporting" (its use of status_code).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TextIO

from audit.results import Audit, Coverage, Evidence, Finding, Owner, Verdict
from policies.reporting import metadata

from . import words
from .json_text import write_items

VERSION = "1.5.0"
COVERAGE = f"{words.RULE}-coverage"
"""The event code of the accounts, Regions, and stacks that could not be read."""

_FRAMEWORK = f"{metadata.FRAMEWORK.name} {metadata.FRAMEWORK.version}"
_NEW = (1, "New")
_SUPPRESSED = (3, "Suppressed")
_RESOLVED = (4, "Resolved")
_INFORMATIONAL = (1, "Informational")
_MEDIUM = (3, "Medium")
_HIGH = (4, "High")


class _Outcome(NamedTuple):
    code: str
    status: tuple[int, str]
    severity: tuple[int, str]


_OUTCOMES = {
    Verdict.VIOLATION: _Outcome("FAIL", _NEW, _HIGH),
    Verdict.UNDETERMINED: _Outcome("MANUAL", _NEW, _MEDIUM),
    Verdict.NOT_READ: _Outcome("MANUAL", _NEW, _MEDIUM),
    Verdict.EXEMPT: _Outcome("MUTED", _SUPPRESSED, _INFORMATIONAL),
    # The event has the identifier of the violation that the table had before, if any.
    Verdict.COMPLIANT: _Outcome("PASS", _RESOLVED, _INFORMATIONAL),
}


def write(audit: Audit, out: TextIO) -> None:
    """Write a JSON array, one event on each line."""
    write_items(_events(audit), out)
    out.write("\n")


def _events(audit: Audit) -> Iterator[Mapping[str, Any]]:
    for entry in audit.incomplete:
        yield _coverage(audit, entry)
    for finding in audit.findings:
        yield _finding(audit, finding)


def _finding(audit: Audit, finding: Finding) -> Mapping[str, Any]:
    key, of_stack = finding.key, finding.is_of_stack
    remediation = words.paragraphs((finding.fix_note, finding.fix))
    event = {
        **_event(
            audit,
            code=words.RULE,
            uid=f"{words.RULE}/{_identity(finding)}",
            title=words.TITLE,
            reason=finding.reason,
            time=finding.evidence.time,
            outcome=_OUTCOMES[finding.verdict],
            account=finding.account,
            region=finding.region,
        ),
        "resources": [
            {
                "uid": finding.arn or finding.urn,
                "name": finding.table,
                "type": "AWS::DynamoDB::Table",
                **_known(region=finding.region or None, cloud_partition=_partition(finding.arn)),
                "group": {"name": "dynamodb"},
                "data": {
                    "key": _known(arn=key.arn, type=key.type and key.type.value, state=key.state)
                },
            }
        ],
        "evidences": [_evidence(finding.evidence)],
        "unmapped": {
            "verdict": finding.verdict.value,
            **_known(
                stack=finding.stack or None,
                urn=finding.urn or None,
                backend=finding.backend or None,
                drift=finding.drift or None,
            ),
            **({"rejected": finding.rejected} if of_stack else {}),
            **({"owner": _owner(finding.owner)} if finding.owner else {}),
            "compliance": {_FRAMEWORK: [metadata.FRAMEWORK.reference]},
            **_run(audit),
        },
    }
    if remediation:
        event["remediation"] = {"desc": remediation, "references": [metadata.URL]}
    return event


def _identity(finding: Finding) -> str:
    """Return an ID of a table that no other table has."""
    if not finding.is_of_stack:
        return finding.arn
    place = (finding.account, finding.region, finding.table)
    return "/".join(("pulumi", finding.backend, finding.stack, finding.urn, *place))


def _evidence(evidence: Evidence) -> Mapping[str, Any]:
    actor = {"actor": {"user": {"uid": evidence.identity}}} if evidence.identity else {}
    return {"api": {"operation": evidence.source}, **actor, "data": evidence.parsed()}


def _owner(owner: Owner) -> Mapping[str, str]:
    return _known(
        kind=owner.kind.value,
        stack=owner.stack or None,
        urn=owner.urn or None,
        backend=owner.backend or None,
        logical_id=owner.logical_id or None,
        note=owner.note or None,
    )


def _coverage(audit: Audit, entry: Coverage) -> Mapping[str, Any]:
    kind, uid = "an account or Region", f"{entry.account}/{entry.region or '*'}"
    resource = {"uid": entry.account, "type": "AWS::::Account", **_known(region=entry.region)}
    if entry.is_of_stack:
        kind, uid = "a Pulumi stack", f"pulumi/{entry.backend}/{entry.stack or '*'}"
        resource = {"uid": entry.stack or entry.backend, "type": "Pulumi stack"}
    return {
        **_event(
            audit,
            code=COVERAGE,
            uid=f"{COVERAGE}/{uid}",
            title=f"The DynamoDB tables of {kind} could not be read completely",
            reason=f"{words.where(entry)}: {words.status(entry)}. {entry.reason}".strip(),
            time=audit.run.finished,
            outcome=_OUTCOMES[Verdict.NOT_READ],
            account=entry.account,
            region=entry.region,
        ),
        "resources": [resource],
        "unmapped": {
            **_known(stack=entry.stack or None, backend=entry.backend or None),
            "coverage": {
                "status": entry.status.value,
                "listed": entry.listed,
                "judged": entry.judged,
                "not_read": entry.not_read,
            },
            **_run(audit),
        },
    }


def _event(
    audit: Audit,
    *,
    code: str,
    uid: str,
    title: str,
    reason: str,
    time: datetime,
    outcome: _Outcome,
    account: str,
    region: str | None,
) -> dict[str, Any]:
    return {
        **frame(
            code=code,
            uid=uid,
            title=title,
            reason=reason,
            time=time,
            status=(outcome.code, *outcome.status),
            severity=outcome.severity,
            version=audit.run.version,
            profiles=("cloud", "datetime"),
            analytic=(words.RULE, words.TITLE),
            desc=metadata.WHY,
        ),
        "is_alert": outcome.code == "FAIL",
        "cloud": {
            "provider": "AWS",
            **({"account": _account(account)} if account else {}),
            **_known(region=region or None),
        },
    }


def frame(
    *,
    code: str,
    uid: str,
    title: str,
    reason: str,
    time: datetime,
    status: tuple[str, int, str],
    severity: tuple[int, str],
    version: str,
    profiles: Sequence[str],
    analytic: tuple[str, str],
    desc: str | None = None,
) -> dict[str, Any]:
    """Return what all Detection Findings have.

    Args:
        code: the code of the event.
        uid: what identifies the finding.
        title: its title.
        reason: its message.
        time: when it was found.
        status: Prowler's word for the outcome, and the ID and the name of the status.
        severity: the ID and the name of the severity.
        version: the version of the audit.
        profiles: the profiles of OCSF that the event has.
        analytic: the ID and the name of the rule or policy.
        desc: why the rule matters; None if not known.
    """
    milliseconds = int(time.timestamp() * 1000)
    status_code, status_id, status_name = status
    severity_id, severity_name = severity
    analytic_uid, analytic_name = analytic
    return {
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "category_uid": 2,
        "category_name": "Findings",
        "activity_id": 1,
        "activity_name": "Create",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "time": milliseconds,
        "time_dt": words.utc(time),
        "severity_id": severity_id,
        "severity": severity_name,
        "status_id": status_id,
        "status": status_name,
        "status_code": status_code,
        "status_detail": reason,
        "message": reason,
        "metadata": {
            "version": VERSION,
            "event_code": code,
            "profiles": list(profiles),
            "product": {
                "uid": words.PACK,
                "name": words.PACK,
                "vendor_name": words.PACK,
                "version": version,
            },
        },
        "finding_info": {
            "uid": uid,
            "title": title,
            **_known(desc=desc),
            "created_time": milliseconds,
            "created_time_dt": words.utc(time),
            "analytic": {
                "type_id": 1, "type": "Rule", "uid": analytic_uid, "name": analytic_name,
            },
        },
    }  # fmt: skip


def _run(audit: Audit) -> Mapping[str, Any]:
    """Return what a reader of a single event needs to know about the run."""
    run = audit.run
    warnings = {"warnings": list(run.warnings)} if run.warnings else {}
    return {**_known(settings_sha256=run.settings.sha256), **warnings}


def _account(account: str) -> Mapping[str, Any]:
    return {"uid": account, "type_id": 10, "type": "AWS Account"}


def _known(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _partition(arn: str) -> str | None:
    """Return the partition of an ARN; None if a stack does not record the ARN."""
    return ((arn.split(":", 2)[1:2] or [""])[0] or "aws") if arn else None
