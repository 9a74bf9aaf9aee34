"""From the state of a stack to findings: the pack's rule and exemptions judge what is deployed.

A table has the verdict of `dynamodb-deployed-table-kms-encryption` in `pulumi policy analyze`, and
the words of its message. The inputs that the state records decide only whether the pack rejects the
next preview.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Literal, NamedTuple

from pulumi_policy import PolicyResource

from audit.reasons import used, what_encrypts
from audit.results import Evidence, Finding, Key, KeyType, Verdict, json_of
from audit.stacks.identities import Identity, identity_of
from audit.stacks.states import Recorded, State, policy_resources
from policies import findings as policy
from policies.encryption.keys import KmsKey, NotAKmsKey, UncheckedKey, UnusableKey
from policies.encryption.tables import (
    ConditionalTable,
    Declaration,
    Encryption,
    KeyReference,
    Replica,
    Table,
    UnreadTables,
    is_aws_managed,
    referenced_key,
)
from policies.encryption.values import quoted
from policies.encryption.verdicts import Compliant, Undetermined, Violation
from policies.reporting import messages
from policies.routes import route_of, routed
from policies.routes.kms_keys import StackKeys
from policies.settings.settings import Settings
from policies.snapshot import Operation

SOURCE = "pulumi stack export"

_ORDER = tuple(Verdict)
_ANY_NAME = "--table-name NAME"
"""How the messages of the pack name the table in commands, since it can be a secret."""
_ARN = re.compile(r"arn:[\w-]+:dynamodb:[\w-]+:\d+:table/[\w.-]+", re.ASCII)

_DAMAGED = "a part of the state is damaged that can show whether the key can encrypt a table"
_TO_BE_DELETED = " The stack has replaced the table, and its next update deletes it."
_TO_BE_FORGOTTEN = (
    " The stack has replaced the table. Its next update removes the table from the state, and "
    "keeps it in AWS."
)
_DELETE = (
    "Run `pulumi up`, which deletes the table. If DynamoDB refuses, first turn off the table's "
    "deletion protection."
)
_FORGET = "Encrypt the table in AWS, or delete it, because the stack does not manage it any more."
_REFRESH = "Run `pulumi refresh`, which records what is deployed."
_ONLY_INPUTS = (
    " The inputs that the state records break the rule, so the next preview rejects the table, "
    "unless the program was changed since."
)


class _Name(NamedTuple):
    """What names a table in a state."""

    urn: str
    name: str
    template_of: str | None


@dataclass(frozen=True)
class _Judgement:
    verdict: Verdict
    reason: str
    fix_note: str = ""


@dataclass(frozen=True)
class _Source:
    """What the findings of a state have in common."""

    stack: str
    backend: str
    name: str
    time: datetime
    identity: str


def findings_of(
    state: State,
    settings: Settings,
    *,
    stack: str,
    backend: str = "",
    identity: str = "",
    source: str = SOURCE,
) -> list[Finding]:
    """Judge the tables of a stack.

    Args:
        state: the stack's state.
        settings: the settings of the audit.
        stack: the full name of the stack.
        backend: the URL of its backend, without secrets; empty for a file.
        identity: the user who asked the backend; empty for a file.
        source: where the state comes from.

    Returns:
        A finding for each table, in the order of the state.
    """
    time = state.updated or datetime.now(timezone.utc)
    common = _Source(stack, backend, source, time, identity)
    found = list(_Judge(state, settings, common).findings())
    for number, replaced in enumerate(_without_equal_urns(state.replaced), 1):
        # A replaced resource has the URN of its replacement.
        others = tuple(each for each in state.resources if route_of(each.type) is None)
        judge = _Judge(replace(state, resources=(*others, *replaced)), settings, common)
        found += (_to_be_deleted(each, number, replaced) for each in judge.findings())
    return found


def _without_equal_urns(resources: Iterable[Recorded]) -> list[list[Recorded]]:
    """Return resources in groups, so that no group has the same URN twice."""
    groups: list[list[Recorded]] = []
    known: Counter[str] = Counter()
    for resource in resources:
        place = known[resource.urn]
        known[resource.urn] += 1
        if place == len(groups):
            groups.append([])
        groups[place].append(resource)
    return groups


def _to_be_deleted(finding: Finding, number: int, replaced: Sequence[Recorded]) -> Finding:
    """Return the finding of a replaced table, with a name that its replacement does not have."""
    (resource,) = (each for each in replaced if each.urn == finding.urn)
    is_kept = bool(resource.members.get("retainOnDelete"))
    state = "to be forgotten" if is_kept else "to be deleted"
    nth = f", {number}" if number > 1 else ""
    reason = _TO_BE_FORGOTTEN if is_kept else _TO_BE_DELETED
    is_open = finding.verdict in (Verdict.VIOLATION, Verdict.UNDETERMINED)
    note = (_FORGET if is_kept else _DELETE) if is_open else finding.fix_note
    return replace(
        finding, table=f"{finding.table} ({state}{nth})",
        reason=finding.reason.removesuffix(_ONLY_INPUTS) + reason,
        fix_note=note, rejected=False,
    )  # fmt: skip


class _Judge:
    """Judges the tables of one state."""

    def __init__(self, state: State, settings: Settings, source: _Source) -> None:
        self._state, self._settings, self._source = state, settings, source
        self._recorded = {resource.urn: resource for resource in state.resources}
        # Without secrets, so that no finding shows one.
        self._shown = {
            resource.urn: resource
            for resource in policy_resources(state, "outputs", with_secrets=False)
        }
        self._declarations = self._shown_declarations()

    def findings(self) -> Iterator[Finding]:
        """Yield the findings."""
        outputs = _by_name(self._policy_findings("outputs"))
        inputs = _by_name(self._policy_findings("inputs"))
        read = {name.urn for name in outputs}
        for name, found in outputs.items():
            rejects = any(_rejects(each) for each in inputs.get(name, ()))
            yield self._of_outputs(name, found, rejects)
        for name, found in inputs.items():
            rejects = any(_rejects(each) for each in found)
            if name not in outputs and (rejects or name.urn not in read):
                yield self._of_inputs(name, found, rejects)
        read |= {name.urn for name in inputs}
        for resource in self._state.resources:
            if route_of(resource.type) is None:
                continue
            name = _Name(resource.urn, resource.name, None)
            if resource.fault:
                reason = f"The state of {quoted(resource.name)} is damaged: {resource.fault}."
                yield self._finding(name, _Judgement(Verdict.NOT_READ, reason), ())
            elif resource.urn not in read and not (resource.inputs or resource.outputs):
                yield self._finding(name, _not_recorded(resource.name), ())

    def _policy_findings(
        self, properties: Literal["inputs", "outputs"]
    ) -> Iterable[policy.Finding]:
        resources = policy_resources(self._state, properties)
        keys = StackKeys(resources)

        def prepare(declaration: Declaration, resource: PolicyResource) -> Declaration:
            marked = keys.mark(declaration, resource)
            return _without_checked_keys(marked) if self._state.hides_keys else marked

        return policy.findings(
            routed(resources),
            self._settings,
            prepare if properties == "outputs" else None,
            Operation.ANALYSIS,
        )

    def _shown_declarations(self) -> dict[_Name, Declaration]:
        shown = policy.findings(routed(self._shown.values()), Settings(), during=Operation.ANALYSIS)
        return {
            _name_of(finding): finding.declaration
            for finding in shown
            if finding.declaration is not None
        }

    def _of_outputs(
        self, name: _Name, found: Sequence[policy.Finding], inputs_reject: bool
    ) -> Finding:
        only_read = self._only_reads(name.urn)
        key = _key_of(self._declarations.get(name))
        judged = [self._judgement(finding, key, only_read) for finding in found]
        worst = min((each.verdict for each in judged), key=_ORDER.index)
        chosen = [each for each in judged if each.verdict is worst]
        reasons = " ".join(dict.fromkeys(each.reason for each in chosen))
        notes = "\n".join(dict.fromkeys(each.fix_note for each in chosen if each.fix_note))
        outputs_reject = any(_rejects(each) and not _is_planned(each) for each in found)
        if inputs_reject and not outputs_reject:
            reasons += _ONLY_INPUTS
        return self._finding(
            name, _Judgement(worst, reasons, notes), found, inputs_reject or outputs_reject
        )

    def _of_inputs(self, name: _Name, found: Sequence[policy.Finding], rejects: bool) -> Finding:
        """Return the finding about a table that only the inputs show."""
        exempt = [each for each in found if isinstance(each.verdict, policy.Exempt)]
        if exempt:
            return self._finding(name, self._judgement(exempt[0], Key(), False), exempt)
        judgement = _not_recorded(name.name)
        if rejects:
            judgement = replace(judgement, reason=judgement.reason + _ONLY_INPUTS)
        return self._finding(name, judgement, found, rejects)

    def _only_reads(self, urn: str) -> bool:
        resource = self._recorded[urn]
        return resource.is_external or not resource.inputs

    def _judgement(self, finding: policy.Finding, key: Key, only_read: bool) -> _Judgement:
        verdict, rule = finding.verdict, self._settings.rule
        if isinstance(verdict, policy.Exempt):
            return _Judgement(Verdict.EXEMPT, messages.exempt(finding, verdict.exemption))
        if _is_planned(finding):
            return _not_recorded(finding.name)
        if isinstance(verdict, Compliant):
            return _Judgement(Verdict.COMPLIANT, _what_encrypts(key))
        if isinstance(verdict, Undetermined):
            message = messages.undetermined(finding, rule)
            return _judgement(Verdict.UNDETERMINED, message, finding.name)
        message = messages.deployed(finding, rule, only_read=only_read)
        is_violation = isinstance(verdict, Violation)
        return _judgement(
            Verdict.VIOLATION if is_violation else Verdict.NOT_READ, message, finding.name
        )

    def _finding(
        self,
        name: _Name,
        judgement: _Judgement,
        found: Sequence[policy.Finding],
        rejected: bool = False,
    ) -> Finding:
        resource = self._recorded[name.urn]
        declaration = self._declarations.get(name)
        identity = Identity()
        if name.urn in self._shown:
            identity = identity_of(resource, self._shown[name.urn], declaration)
        exemptions = [
            each.verdict.exemption for each in found if isinstance(each.verdict, policy.Exempt)
        ]
        is_exempt = judgement.verdict is Verdict.EXEMPT
        evidence = {
            "type": resource.type,
            **({"external": True} if resource.is_external else {}),
            **identity.evidence,
            **({"logical_id": name.name} if name.template_of else {}),
            **_encryption_evidence(declaration),
        }
        return Finding(
            identity.account,
            identity.region,
            name.name,
            identity.arns[0] if identity.arns else "",
            judgement.verdict,
            judgement.reason,
            "",
            _with_arn(judgement.fix_note, identity.arns[:1]),
            _key_of(declaration),
            Evidence(
                self._source.name,
                self._source.time,
                self._source.identity,
                json_of({"Resource": evidence}),
            ),
            used(exemptions[0]) if is_exempt else None,
            stack=self._source.stack,
            urn=name.urn,
            backend=self._source.backend,
            # The engine shows what a program only reads to no policy of a preview.
            rejected=rejected and not resource.is_external,
        )


def _with_arn(note: str, arns: Sequence[str]) -> str:
    """Return a note whose commands name the table by its ARN, where the state shows it."""
    if not arns or not _ARN.fullmatch(arns[0]):
        return note
    return note.replace(_ANY_NAME, f"--table-name {arns[0]}")


def _by_name(found: Iterable[policy.Finding]) -> dict[_Name, list[policy.Finding]]:
    by_name: dict[_Name, list[policy.Finding]] = {}
    for finding in found:
        by_name.setdefault(_name_of(finding), []).append(finding)
    return by_name


def _name_of(finding: policy.Finding) -> _Name:
    declaration = finding.declaration
    if isinstance(declaration, ConditionalTable):
        declaration = declaration.cases[0]
    template_of = None
    if isinstance(declaration, (Table, UnreadTables)):
        template_of = declaration.template_of
    return _Name(finding.urn, finding.name, template_of)


def _rejects(finding: policy.Finding) -> bool:
    return isinstance(finding.verdict, (Violation, policy.Failure, policy.WrongSettings))


def _is_planned(finding: policy.Finding) -> bool:
    """Return whether the state has unknown values in place of what is deployed."""
    declaration = finding.declaration
    return declaration is not None and declaration.not_created_yet


def _judgement(verdict: Verdict, message: str | None, name: str) -> _Judgement:
    if message is None:
        return replace(_not_recorded(name), verdict=verdict)
    reason, _, change = message.partition("\n")
    return _Judgement(verdict, reason, change)


def _not_recorded(name: str) -> _Judgement:
    return _Judgement(
        Verdict.UNDETERMINED,
        f"The state does not record what is deployed for {quoted(name)}, so the encryption of its "
        "DynamoDB tables can't be determined.",
        _REFRESH,
    )


def _what_encrypts(key: Key) -> str:
    if key.type is None and key.arn is None:
        return "A KMS key encrypts the table. The state does not show which one."
    return what_encrypts(key)


def _without_checked_keys(declaration: Declaration) -> Declaration:
    """Return a declaration without trust in its customer managed keys."""
    if isinstance(declaration, ConditionalTable):
        return replace(declaration, cases=tuple(map(_unchecked_in, declaration.cases)))
    return _unchecked_in(declaration) if isinstance(declaration, Table) else declaration


def _unchecked_in(table: Table) -> Table:
    encryption, replicas = table.encryption, table.replicas
    if encryption is not None:
        encryption = replace(encryption, key=_unchecked(encryption.key))
    if isinstance(replicas, tuple):
        replicas = tuple(replace(each, key=_unchecked(each.key)) for each in replicas)
    return replace(table, encryption=encryption, replicas=replicas)


def _unchecked(reference: KeyReference) -> KeyReference:
    named = referenced_key(reference)
    if not isinstance(named, KmsKey) or is_aws_managed(reference):
        return reference
    return UncheckedKey(named, _DAMAGED)


def _key_of(declaration: Declaration | None) -> Key:
    """Return the key of a table, as far as the state shows it."""
    if not isinstance(declaration, Table):
        return Key()
    encryption = declaration.encryption
    if encryption is None:
        replica = _only_replica(declaration)
        return Key() if replica is None else _key(replica.key, declaration)
    is_off = encryption.enabled in (False, None) and not encryption.key
    if encryption.block is None or (encryption.block is True and is_off):
        return Key(type=KeyType.AWS_OWNED)
    if encryption.enabled is not True or declaration.spelling.keys_in_replicas:
        return Key()
    return _key(encryption.key, declaration)


def _only_replica(table: Table) -> Replica | None:
    return table.replicas[0] if isinstance(table.replicas, tuple) and table.replicas else None


def _key(reference: KeyReference, table: Table) -> Key:
    if is_aws_managed(reference):
        return Key(type=KeyType.AWS_MANAGED)
    # The AWS provider records no key for the AWS managed key.
    kind = KeyType.CUSTOMER_MANAGED if table.spelling.keeps_key else None
    if not isinstance(reference, str) or isinstance(referenced_key(reference), NotAKmsKey):
        return Key()
    return Key(reference, kind)


def _encryption_evidence(declaration: Declaration | None) -> dict[str, object]:
    """Return the setting that the state records, as far as it is readable."""
    if not isinstance(declaration, Table):
        return {}
    shown: dict[str, object] = {}
    if declaration.encryption is not None:
        shown = _setting(declaration.encryption)
    if isinstance(declaration.replicas, tuple) and declaration.replicas:
        shown["replicas"] = [
            {"region": replica.region, **_reference(replica.key)}
            for replica in declaration.replicas
        ]
    return {"encryption": shown} if shown else {}


def _setting(encryption: Encryption) -> dict[str, object]:
    if encryption.block is None:
        return {"enabled": False}
    if not isinstance(encryption.enabled, bool):
        return {}
    return {"enabled": encryption.enabled, **_reference(encryption.key)}


def _reference(reference: KeyReference) -> dict[str, object]:
    if isinstance(reference, UnusableKey) or not isinstance(reference, str):
        return {}
    return {"key": reference}
