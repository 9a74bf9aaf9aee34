"""Suggest the exemptions that stacks need before the pack is mandatory.

`--suggest-exemptions FILE` and `--suggest-exceptions FILE` write the settings of the audit with an
exemption, or a policy exception of Pulumi, for each table for which the pack rejects its stack.
`tools/policy-config write` takes the file after someone has replaced the placeholder in each
reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from audit.outputs import write_file
from audit.reports.words import counted
from audit.results import Audit, Coverage, Finding, UsedExemption, Verdict
from audit.stacks.states import is_urn
from policies.encryption.values import one_line
from policies.patterns import ANY
from policies.settings.reading import PLACEHOLDER, read
from policies.settings.schema import EXEMPTIONS, REASON, TABLE, URN
from tools.policy_config.exceptions import EXCEPTIONS

_LONGEST = 400

Suggestion = dict[str, Any]
"""An exemption, or a policy exception."""


class Suggestions(NamedTuple):
    """What makes the pack accept the stacks of an audit.

    Attributes:
        settings: the settings of the audit with the suggestions, for `tools/policy-config write`.
        number: the number of suggestions.
        left_out: the tables for which there is none.
    """

    settings: Mapping[str, Any]
    number: int
    left_out: Sequence[Finding]


def exemptions(audit: Audit) -> Suggestions:
    """Return an exemption for each rejected table, after the exemptions of the settings.

    An exemption matches one table exactly. A table with `*` in its name or URN has none, because
    the exemption would match others, too.
    """
    settings = audit.run.settings.written
    tables = Counter(urn for _, urn in {(each.table, each.urn) for each in audit.findings})
    suggested: dict[tuple[str, str], Suggestion] = {}
    left_out = []
    for finding in _rejected(audit):
        exemption = _exemption(finding, is_alone=tables[finding.urn] == 1)
        if exemption is None:
            left_out.append(finding)
        else:
            # Stacks of several organizations or backends can have the same URN.
            suggested[finding.table, finding.urn] = exemption
    entries = [*settings.get(EXEMPTIONS, ()), *suggested.values()]
    return Suggestions({**settings, EXEMPTIONS: entries}, len(suggested), left_out)


def exceptions(audit: Audit) -> Suggestions:
    """Return a policy exception for each resource with rejected tables, after existing ones."""
    settings = audit.run.settings.written
    known = settings.get(EXCEPTIONS, {})
    rejected = _rejected(audit)
    urns = dict.fromkeys(finding.urn for finding in rejected if is_urn(finding.urn))
    free = (name for number in count(1) if (name := f"EXC-{number}") not in known)
    suggested = {next(free): {REASON: PLACEHOLDER, "targets": [urn]} for urn in urns}
    left_out = [finding for finding in rejected if finding.urn not in urns]
    return Suggestions({**settings, EXCEPTIONS: {**known, **suggested}}, len(suggested), left_out)


def with_exceptions(findings: Iterable[Finding], settings: Mapping[str, Any]) -> list[Finding]:
    """Return findings with the policy exceptions that cover their resources.

    Pulumi doesn't reject a stack because of a violation that an exception covers.

    Args:
        findings: the findings.
        settings: the settings as `tools/policy-config write` takes them.
    """
    by_urn = {
        target: (name, str(exception.get(REASON, "")))
        for name, exception in settings.get(EXCEPTIONS, {}).items()
        for target in exception.get("targets", ())
    }
    return [_excepted(each, *by_urn[each.urn]) if each.urn in by_urn else each for each in findings]


def _excepted(finding: Finding, name: str, reason: str) -> Finding:
    if finding.verdict is not Verdict.VIOLATION:
        return replace(finding, rejected=False)
    why = f"Policy exception {name}: {one_line(reason, _LONGEST).rstrip('.')}."
    return replace(
        finding, verdict=Verdict.EXEMPT, reason=f"{why} {finding.reason}", fix="", fix_note="",
        rejected=False, exemption=UsedExemption(finding.urn, reason),
    )  # fmt: skip


def write(audit: Audit, suggest: Callable[[Audit], Suggestions], file: Path) -> str:
    """Write suggestions to a file, and return what to do with it, in sentences.

    Args:
        audit: the results.
        suggest: `exemptions` or `exceptions`.
        file: the file.

    Raises:
        OutputError: the file can't be written.
    """
    settings, number, left_out = suggest(audit)
    write_file(file, lambda out: json.dump(settings, out, indent=2))
    kind = "exemption" if suggest is exemptions else "policy exception"
    rejected = {_stack(finding) for finding in _rejected(audit)}
    stacks = {_stack(entry) for entry in audit.coverage if entry.stack}
    sentences = [
        f"The pack would reject {len(rejected):,} of {counted(len(stacks | rejected), 'stack')} "
        "if it were mandatory."
    ]
    if not number:
        sentences.append(f"{file} has no new {kind}.")
    else:
        sentences.append(
            f"{file} has {counted(number, f'new {kind}')}. "
            "Replace the placeholder in each reason, then write the configuration with "
            f"`tools/policy-config write {file}`."
        )
    if left_out:
        instead = " or use --suggest-exceptions" if suggest is exemptions else ""
        sentences.append(
            f"There is no {kind} for {counted(len(left_out), 'table')}, because no pattern matches "
            f"exactly the name and the URN. Fix these tables{instead}."
        )
    if not audit.is_complete:
        sentences.append("Not everything was read, so some may be missing. See the report.")
    return " ".join(sentences)


def _stack(result: Finding | Coverage) -> tuple[str, str]:
    return result.backend, result.stack


def _rejected(audit: Audit) -> list[Finding]:
    """Return the findings for which the pack rejects a stack, by stack."""
    return [
        finding
        for finding in sorted(audit.findings, key=lambda each: each.order)
        if finding.rejected and finding.exemption is None
    ]


def _exemption(finding: Finding, is_alone: bool) -> Suggestion | None:
    """Return an exemption that matches only one table; None if there is none.

    Args:
        finding: the finding about the table.
        is_alone: whether no other table of the audit has its URN.
    """
    name, urn = finding.table, finding.urn
    if ANY in f"{name}{urn}":
        return None
    by_both = {TABLE: name, URN: urn, REASON: PLACEHOLDER}
    by_urn = {URN: urn, REASON: PLACEHOLDER}
    # A name that starts with "arn:" would be a pattern of ARNs. A template can get other tables.
    is_resource = is_alone and urn.endswith(f"::{name}")
    suggestions = [by_both, by_urn] if is_resource else [by_both]
    for suggestion in suggestions:
        settings = read({EXEMPTIONS: [{**suggestion, REASON: "filled in"}]})
        if not settings.faults and settings.exemptions.covering(name, urn) is not None:
            return suggestion
    return None
