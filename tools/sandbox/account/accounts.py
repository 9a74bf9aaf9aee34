"""Let several AWS accounts use one another as AWS does: roles, keys, and the organization.

moto assumes any role, describes keys of the caller's account only, and lists no accounts where AWS
answers with an error. Left out: permissions of identities, and in a trust policy or key policy
conditions other than sts:ExternalId, NotPrincipal, NotAction, and statements that deny.

Source: "AssumeRole" in the AWS STS API Reference, "How to use an external ID when granting access
to your AWS resources to a third party" in the AWS Identity and Access Management User Guide,
"Allowing users in other accounts to use a KMS key" in the AWS KMS Developer Guide, "ListAccounts"
in the AWS Organizations API Reference.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.kms.models import KmsBackend, kms_backends
from moto.kms.responses import KmsResponse
from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.exceptions import OrganizationsClientError as OrganizationsError
from moto.organizations.models import OrganizationsBackend, organizations_backends
from moto.sts.models import AssumedRole, sts_backends

from tools.sandbox.account.calls import DEFAULT_ACCOUNT, Request
from tools.sandbox.account.corrections import replace
from tools.sandbox.account.errors import NO_PERMISSION, Error
from tools.sandbox.account.faults import access_denied
from tools.sandbox.account.regions import invalid_token

_PARTITION = "aws"
# Of accounts that the sandbox's own clients use.
_ROLE = "OrganizationAccountAccessRole"


class Sessions:
    """The credentials of the sandbox's own clients, one set for each account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._roles: dict[str, AssumedRole] = {}

    def clear(self) -> None:
        """Forget the credentials, which a reset of moto makes invalid."""
        with self._lock:
            self._roles.clear()

    def credentials(self, account: str) -> dict[str, str]:
        """Return credentials of an account, which needs no role for that.

        Raises:
            ValueError: the account ID is invalid.
        """
        if len(account) != 12 or not account.isdecimal():
            raise ValueError(f"{account} is no account ID, which has 12 digits")
        with self._lock:
            if account not in self._roles:
                self._roles[account] = sts_backends[account][_PARTITION].assume_role(
                    region_name="us-east-1",
                    role_session_name="sandbox",
                    role_arn=f"arn:aws:iam::{account}:role/{_ROLE}",
                    policy="",
                    duration=43_200,
                    external_id="",
                )
            role = self._roles[account]
        return {
            "access_key": role.access_key_id,
            "secret_key": role.secret_access_key,
            "token": role.session_token,
        }


SESSIONS = Sessions()


def install() -> None:
    """Install the corrections, after those of `corrections`."""
    list_accounts = OrganizationsBackend.list_accounts

    def list_organization(self: OrganizationsBackend, *args: Any, **kwargs: Any) -> Any:
        if self.org is None:
            if self.account_id in organizations_backends.master_accounts:
                raise OrganizationsError("AccessDeniedException", NO_PERMISSION)
            raise AWSOrganizationsNotInUseException
        return list_accounts(self, *args, **kwargs)

    replace(OrganizationsBackend, "list_accounts", list_organization)
    replace(KmsResponse, "kms_backend", property(_kms_backend))


def caller_arn(request: Request) -> str:
    """Return the ARN of a caller, as GetCallerIdentity does."""
    call = request.call
    _, arn, _ = sts_backends[call.account][_PARTITION].get_caller_identity(
        request.access_key, call.region
    )
    return arn


def unknown_session(request: Request) -> Error | None:
    """Return the error of temporary credentials from before a reset."""
    key, account = request.access_key, request.call.account
    if not key.startswith("ASIA") or account != DEFAULT_ACCOUNT:
        return None
    # For moto, an unknown access key is of the default account.
    known = key in iam_backends[account][_PARTITION].access_keys
    return None if known else invalid_token(request.call.service)


def denied_role(request: Request) -> Error | None:
    """Return the error of an AssumeRole that the role's trust policy doesn't allow."""
    call = request.call
    if call.action != "sts:AssumeRole":
        return None
    if not _trusts(request):
        return access_denied(request, f"on resource: {call.target}")
    return None


def denied_key(request: Request) -> Error | None:
    """Return the error of a DescribeKey that the policy of a key in another account denies."""
    call = request.call
    owner = _owner(call.target)
    if call.action != "kms:DescribeKey" or owner in ("", call.account):
        return None
    region, key_id = call.target.split(":")[3], call.target.rsplit("key/", 1)[-1]
    key = kms_backends[owner][call.region].keys.get(key_id) if region == call.region else None
    callers = _principals(request)
    if key is None or not any(
        _covers(statement, callers, call.action) for statement in _statements(key.policy)
    ):
        return access_denied(
            request,
            f"on resource: {call.target} because the resource does not exist in this Region, no "
            "resource-based policies allow access, or a resource-based policy explicitly denies "
            "access",
        )
    return None


def _kms_backend(self: KmsResponse) -> KmsBackend:
    """Return the KMS of the caller's account, or of the key that DescribeKey names."""
    account = self.current_account
    if self._get_action() == "DescribeKey":
        account = _owner(str(self._get_param("KeyId"))) or account
    return kms_backends[account][self.region]


def _owner(arn: str) -> str:
    """Return the account of a key's ARN, or nothing."""
    parts = arn.split(":")
    is_key = len(parts) == 6 and parts[2] == "kms" and parts[5].startswith("key/")
    return parts[4] if is_key else ""


def _trusts(request: Request) -> bool:
    arn = request.call.target
    parts = arn.split(":", 5)
    if len(parts) < 6 or len(parts[4]) != 12 or _suspended(parts[4]):
        return False
    try:
        role = iam_backends[parts[4]][_PARTITION].get_role_by_arn(arn)
    except NotFoundException:
        return False
    callers = _principals(request)
    external_id = request.parameters.get("ExternalId")
    return any(
        _covers(statement, callers, request.call.action)
        and _meets(statement.get("Condition") or {}, external_id)
        for statement in _statements(role.assume_role_policy_document)
    )


def _suspended(account: str) -> bool:
    manager, partition = organizations_backends.master_accounts.get(account, ("", ""))
    return bool(manager) and any(
        member.id == account and member.status != "ACTIVE"
        for member in organizations_backends[manager][partition].accounts
    )


def _principals(request: Request) -> set[str]:
    """Return the ways in which a policy can name the caller."""
    account, arn = request.call.account, caller_arn(request)
    names = {"*", account, f"arn:aws:iam::{account}:root", arn}
    if ":assumed-role/" in arn:
        names.add(f"arn:aws:iam::{account}:role/{arn.split('/')[1]}")
    return names


def _statements(policy: str | None) -> list[Mapping[str, Any]]:
    try:
        statements = json.loads(policy or "{}").get("Statement", [])
    except (ValueError, AttributeError):
        return []
    return [statements] if isinstance(statements, dict) else list(statements)


def _covers(statement: Mapping[str, Any], callers: set[str], action: str) -> bool:
    principal = statement.get("Principal", {})
    names = principal.get("AWS", []) if isinstance(principal, dict) else principal
    return (
        statement.get("Effect") == "Allow"
        and not callers.isdisjoint(_list(names))
        and any(
            fnmatchcase(action.lower(), pattern.lower())
            for pattern in _list(statement.get("Action", []))
        )
    )


def _meets(condition: Mapping[str, Any], external_id: str | None) -> bool:
    """Return whether an external ID is the one of a condition, if it has one."""
    for operator, keys in condition.items():
        for key, values in keys.items():
            if key.lower() != "sts:externalid":
                continue
            compare = fnmatchcase if operator.lower().startswith("stringlike") else str.__eq__
            if external_id is None or not any(
                compare(external_id, value) for value in _list(values)
            ):
                return False
    return True


def _list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
