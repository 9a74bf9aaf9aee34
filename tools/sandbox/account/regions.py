"""Add the Regions that an account has enabled: account:ListRegions, which moto lacks.

An account has the Regions of the partition aws. In a Region that is not enabled, DynamoDB, AWS KMS,
and AWS STS reject the caller's token. Left out: EnableRegion and DisableRegion (a sandbox call sets
the status), trusted access and delegated administrators, other partitions, where each Region is
enabled, and other services, which work in each Region. AWS documents no default for MaxResults; it
is 20 here, so that a list has several pages.

Source: "ListRegions" and "Region" in the AWS Account Management API Reference, "Enable or disable
AWS Regions in your account" in the AWS Account Management User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from moto.account.responses import AccountResponse
from moto.account.urls import url_paths
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.organizations.models import organizations_backends

from tools.sandbox.account.calls import Request
from tools.sandbox.account.corrections import replace
from tools.sandbox.account.errors import NO_PERMISSION, Error

STATUSES = ("ENABLED", "ENABLING", "DISABLING", "DISABLED", "ENABLED_BY_DEFAULT")
_USABLE = ("ENABLED", "ENABLED_BY_DEFAULT")
# All others are opt-in Regions: each Region since 2019.
_ENABLED_BY_DEFAULT = {
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1",
    "ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2",
    "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}  # fmt: skip
_PAGE = 20


class _AccessDeniedError(ServiceException):
    code = "AccessDeniedException"
    message = NO_PERMISSION


class RegionStatuses:
    """The status of each Region in each account."""

    def __init__(self) -> None:
        self._changed: dict[str, dict[str, str]] = {}

    def set(self, account: str, statuses: Mapping[str, str]) -> None:
        """Set the status of Regions in an account.

        Raises:
            ValueError: a Region or a status doesn't exist.
        """
        for region, status in statuses.items():
            if region not in _regions():
                raise ValueError(f"there is no Region {region} in the partition aws")
            if status not in STATUSES:
                raise ValueError(f"there is no status {status}; use one of {', '.join(STATUSES)}")
        self._changed[account] = {**self._changed.get(account, {}), **statuses}

    def clear(self) -> None:
        """Set all statuses as in a new account."""
        self._changed.clear()

    def of(self, account: str) -> dict[str, str]:
        """Return the status of each Region of an account."""
        return {
            region: "ENABLED_BY_DEFAULT" if region in _ENABLED_BY_DEFAULT else "DISABLED"
            for region in _regions()
        } | self._changed.get(account, {})

    def rejected(self, request: Request) -> Error | None:
        """Return the error of a call in a Region that the account has not enabled."""
        call = request.call
        if call.service not in ("dynamodb", "kms", "sts") or call.region not in _regions():
            return None
        usual = "ENABLED_BY_DEFAULT" if call.region in _ENABLED_BY_DEFAULT else "DISABLED"
        if self._changed.get(call.account, {}).get(call.region, usual) in _USABLE:
            return None
        return invalid_token(call.service)


REGION_STATUSES = RegionStatuses()


def install() -> None:
    """Add the operation to moto's AWS Account Management."""
    url_paths["{0}/listRegions$"] = AccountResponse.dispatch
    replace(AccountResponse, "list_regions", _list_regions)


def invalid_token(service: str) -> Error:
    """Return the error of a service for credentials that it doesn't know."""
    return Error("InvalidClientTokenId" if service == "sts" else "UnrecognizedClientException")


def _list_regions(self: AccountResponse) -> ActionResult:
    account = self._get_param("AccountId") or self.current_account
    manager = organizations_backends.master_accounts.get(account, ("", ""))[0]
    if account != self.current_account and manager != self.current_account:
        raise _AccessDeniedError
    statuses = self._get_param("RegionOptStatusContains")
    regions = [
        {"RegionName": region, "RegionOptStatus": status}
        for region, status in REGION_STATUSES.of(account).items()
        if not statuses or status in statuses
    ]
    start = int(self._get_param("NextToken") or 0)
    end = start + int(self._get_param("MaxResults") or _PAGE)
    answer: dict[str, Any] = {"Regions": regions[start:end]}
    if end < len(regions):
        answer["NextToken"] = str(end)
    return ActionResult(answer)


@cache
def _regions() -> tuple[str, ...]:
    # botocore is slow to import.
    import botocore.session  # noqa: PLC0415

    return tuple(sorted(botocore.session.get_session().get_available_regions("dynamodb")))
