"""Write the tables of an audit as the state of a stack: `--state FILE`.

`pulumi policy analyze --policy-pack PACK --file FILE` then runs any policy pack on them. Each table
is a resource as Pulumi's AWS provider records it, and so is each customer managed key that AWS
showed. A URN names the account as the stack and the Region as the project, so that no two are the
same, and the table's name is the resource's name. What AWS did not show is unknown in the state, so
that a policy does not take it for the default.

Sources: Pulumi, sdk/go/common/apitype/core.go (the format of `pulumi stack export`) and
sdk/go/common/resource/plugin/rpc.go (unknown values); terraform-provider-aws,
internal/service/dynamodb/table.go and internal/service/kms/key.go (what the provider records: no
block for an AWS owned key, and no key for the AWS managed key).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audit.outputs import write_file
from audit.results import Audit, Finding, KeyType
from policies.encryption.keys import why_unusable_in_state

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_TABLE, _KEY = "aws:dynamodb/table:Table", "aws:kms/key:Key"
_BLOCK = "serverSideEncryption"

Resource = dict[str, Any]


def write(audit: Audit, file: Path) -> None:
    """Write the state of a stack with the tables of an audit.

    Raises:
        OutputError: the file can't be written.
    """
    resources = {resource["urn"]: resource for resource in _resources(audit)}
    manifest = {
        "time": audit.run.finished.isoformat(), "magic": "", "version": f"audit {audit.run.version}"
    }  # fmt: skip
    deployment = {"manifest": manifest, "resources": [*resources.values()]}
    write_file(file, lambda out: json.dump({"version": 3, "deployment": deployment}, out, indent=1))


def _resources(audit: Audit) -> Iterator[Resource]:
    findings = [finding for finding in audit.findings if not finding.is_of_stack]
    read = {(finding.account, finding.region, finding.table) for finding in findings}
    for finding in findings:
        provider = _resource(finding, "pulumi:providers:aws", "default", finding.account, {
            "region": finding.region,
        })  # fmt: skip
        yield provider
        reference = f"{provider['urn']}::{provider['id']}"
        answer = finding.evidence.parsed()
        if key := _key(finding, answer.get("KeyMetadata")):
            yield {**key, "provider": reference}
        description = answer.get("Table") or {}
        replicas = [
            replica
            for replica in description.get("Replicas") or ()
            # The others are tables of the state themselves.
            if (finding.account, replica.get("RegionName"), finding.table) not in read
        ]
        outputs = _outputs(finding, {**description, "Replicas": replicas})
        table = _resource(finding, _TABLE, finding.table, finding.table, outputs)
        yield {**table, "provider": reference}


def _resource(
    finding: Finding, kind: str, name: str, identity: str, outputs: dict[str, Any]
) -> Resource:
    return {
        "urn": f"urn:pulumi:{finding.account}::{finding.region}::{kind}::{name}",
        "custom": True,
        "id": identity,
        "type": kind,
        "inputs": outputs,
        "outputs": outputs,
    }


def _outputs(finding: Finding, table: dict[str, Any]) -> dict[str, Any]:
    outputs: dict[str, Any] = {
        "name": finding.table, "arn": finding.arn, "region": finding.region,
    }  # fmt: skip
    description = table.get("SSEDescription") or {}
    status = description.get("Status")
    if not table or (description and status not in _SETTLED) or _is_passing(finding, description):
        outputs[_BLOCK] = _UNKNOWN
    elif status == "ENABLED":
        outputs[_BLOCK] = {"enabled": True, "kmsKeyArn": _key_arn(finding)}
    replicas = [
        {
            "regionName": replica.get("RegionName"),
            "kmsKeyArn": _replica_key(finding, replica),
        }
        for replica in table["Replicas"]
    ]
    return {**outputs, **({"replicas": replicas} if replicas else {})}


_SETTLED = ("ENABLED", "DISABLED", "DISABLING")


def _is_passing(finding: Finding, description: dict[str, Any]) -> bool:
    """Return whether AWS does not show an AWS owned key, nor another one."""
    return not description and finding.key.type is not KeyType.AWS_OWNED


def _key_arn(finding: Finding) -> str:
    """Return the key as the provider records it: empty for the AWS managed key."""
    return "" if finding.key.type is KeyType.AWS_MANAGED else finding.key.arn or _UNKNOWN


def _replica_key(finding: Finding, replica: dict[str, Any]) -> str:
    if finding.key.type is KeyType.AWS_MANAGED or finding.key.arn is None:
        return ""
    return replica.get("KMSMasterKeyId") or _UNKNOWN


def _key(finding: Finding, metadata: dict[str, Any] | None) -> Resource | None:
    """Return a customer managed key that AWS showed."""
    if metadata is None or metadata.get("KeyManager") != "CUSTOMER":
        return None
    outputs = {
        "arn": metadata.get("Arn"),
        "keyId": metadata.get("KeyId"),
        # The state of a key that is neither usable nor unusable is changing.
        "isEnabled": why_unusable_in_state(str(metadata.get("KeyState"))) is None,
        "keyUsage": metadata.get("KeyUsage"),
        "customerMasterKeySpec": metadata.get("KeySpec"),
        "multiRegion": metadata.get("MultiRegion"),
        "region": finding.region,
    }
    return _resource(finding, _KEY, str(metadata.get("KeyId")), str(metadata.get("KeyId")), outputs)
