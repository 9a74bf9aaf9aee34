"""Find accounts and their Regions.

Sources: AWS STS API Reference, "GetCallerIdentity"; AWS Organizations API Reference, "ListAccounts"
and "Account"; AWS Account Management API Reference, "ListRegions" and "Region".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.aws.errors import Refusal, refusal_of
from audit.aws.sessions import Credentials, client, home_region, of_role
from audit.results import Status
from policies.encryption.arns import COMMERCIAL_PARTITION, Arn

_READABLE = ("ENABLED", "ENABLED_BY_DEFAULT", "DISABLING")


@dataclass(frozen=True)
class Organization:
    """The accounts of an organization.

    Attributes:
        credentials: those of the management account, or of a delegated administrator. They read
            that account.
        role: the name of the role that reads the other accounts.
        external_id: the external ID that the role requires; None if it needs none.
    """

    credentials: Credentials
    role: str
    external_id: str | None = None


@dataclass
class Account:
    """An account that was reached.

    Attributes:
        id: its ID.
        identity: the ARN of the identity that the credentials are for.
        partition: its partition, such as "aws".
        credentials: its credentials.
        expired: why no later call can succeed, since the credentials have expired.
    """

    id: str
    identity: str
    partition: str
    credentials: Credentials
    expired: Refusal | None = None


class RefusedError(Exception):
    """AWS did not answer, and the audit knows what that means."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


@dataclass(frozen=True)
class Skipped:
    """An account or a Region that is not read.

    Attributes:
        name: the ID of the account, or the name of the Region.
        status: the status of its coverage.
        reason: why, as a sentence.
    """

    name: str
    status: Status
    reason: str


def identify(credentials: Credentials) -> Account:
    """Ask AWS which account some credentials are for. Any error of botocore is raised."""
    session = credentials.session()
    caller = client(session, "sts", home_region(session)).get_caller_identity()
    arn = Arn.parse(caller["Arn"])
    partition = arn.partition if arn else COMMERCIAL_PARTITION
    return Account(caller["Account"], caller["Arn"], partition, credentials)


def members_of(organization: Organization) -> Iterator[Credentials | Skipped]:
    """Yield the credentials of each account of an organization. Any error of botocore is raised.

    The account of the organization's credentials is read with these. A stack set creates no role
    in the management account.
    """
    base = organization.credentials
    own = identify(base)
    session = base.session()
    organizations = client(session, "organizations", home_region(session))
    for page in organizations.get_paginator("list_accounts").paginate():
        for account in page["Accounts"]:
            # "State" replaces "Status", and older versions of the API have only that.
            state = account.get("State") or account.get("Status") or "ACTIVE"
            if account["Id"] == own.id:
                yield base
            elif state == "ACTIVE":
                arn = f"arn:{own.partition}:iam::{account['Id']}:role/{organization.role}"
                yield of_role(base, arn, organization.external_id)
            else:
                reason = f"The state of the account is {state}."
                yield Skipped(account["Id"], Status.DISABLED, reason)


def regions_of(account: Account, only: Sequence[str]) -> tuple[list[str], list[Skipped]]:
    """Return the Regions of an account that can be read, and those that can't.

    Args:
        account: the account.
        only: the Regions to read; empty for all.

    Raises:
        RefusedError: AWS does not list the Regions, and `only` does not name them.
    """
    session = account.credentials.session()
    statuses: dict[str, str] = {}
    try:
        pages = client(session, "account", home_region(session)).get_paginator("list_regions")
        for page in pages.paginate():
            statuses |= {each["RegionName"]: each["RegionOptStatus"] for each in page["Regions"]}
    except Exception as error:
        refusal = refusal_of(error)
        if not only:
            reason = (
                f"{refusal.reason} To read an account without listing its Regions, use --region."
            )
            raise RefusedError(refusal._replace(reason=reason)) from error
        return list(only), []
    names = only or list(statuses)
    readable = [name for name in names if statuses.get(name) in _READABLE]
    skipped = [_skipped(name, statuses.get(name)) for name in names if name not in readable]
    return readable, skipped


def _skipped(region: str, status: str | None) -> Skipped:
    if status is None:
        return Skipped(region, Status.FAILED, "AWS lists no such Region for this account.")
    return Skipped(region, Status.DISABLED, f"The account has not enabled the Region ({status}).")
