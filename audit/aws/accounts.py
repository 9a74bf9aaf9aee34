"""Find accounts and their Regions.

Sources: AWS STS API Reference, "GetCallerIdentity"; AWS Organizations API Reference, "ListAccounts"
and "Account"; AWS Account Management API Reference, "ListRegions" and "Region".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from audit.aws.errors import Refusal, RefusedError, refusal_of
from audit.aws.sessions import Credentials, client, home_region, of_role
from audit.results import Status
from policies.encryption.arns import COMMERCIAL_PARTITION, Arn

_NOT_ENABLED = ("DISABLED", "ENABLING")


_CLOSED = ("SUSPENDED", "CLOSED")


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


@dataclass(frozen=True)
class Skipped:
    """An account or a Region that is not read.

    Attributes:
        name: the ID of the account, or the name of the Region; None for Regions that AWS did not
            list.
        status: the status of its coverage.
        reason: why, as a sentence.
    """

    name: str | None
    status: Status
    reason: str


def identify(credentials: Credentials) -> Account:
    """Ask AWS which account some credentials are for. Any error of botocore is raised."""
    session = credentials.session()
    with closing(client(session, "sts", home_region(session))) as sts:
        caller = sts.get_caller_identity()
    arn = Arn.parse(caller["Arn"])
    partition = arn.partition if arn else COMMERCIAL_PARTITION
    return Account(caller["Account"], caller["Arn"], partition, credentials)


def members_of(organization: Organization) -> Iterator[Credentials | Skipped]:
    """Yield the credentials of each account of an organization. Any error of botocore is raised.

    The account of the organization's credentials comes first, as it can be read even if AWS does
    not list the accounts. It is read with these credentials, because a stack set creates no role
    in the management account.
    """
    base = organization.credentials
    own = identify(base)
    yield base
    known = {own.id}
    session = base.session()
    with closing(client(session, "organizations", home_region(session))) as organizations:
        for page in organizations.get_paginator("list_accounts").paginate():
            for account in page["Accounts"]:
                member = str(account["Id"])
                # "State" replaces "Status", and older versions of the API have only that.
                state = account.get("State") or account.get("Status") or "ACTIVE"
                if member in known:
                    continue
                known.add(member)
                if state not in _CLOSED:
                    arn = f"arn:{own.partition}:iam::{member}:role/{organization.role}"
                    yield of_role(base, arn, organization.external_id)
                else:
                    reason = f"The state of the account is {state}."
                    yield Skipped(member, Status.DISABLED, reason)


def regions_of(account: Account, only: Sequence[str]) -> tuple[list[str], list[Skipped]]:
    """Return the Regions of an account that can be read, and those that can't.

    Args:
        account: the account.
        only: the Regions to read; empty for all.

    Returns:
        Both. If AWS did not list all Regions and `only` names none, those that can't be read have
        an entry without a name.

    Raises:
        RefusedError: a temporary error, so that no Region is known.
    """
    statuses: dict[str, str] = {}
    refusal: Refusal | None = None
    try:
        session = account.credentials.session()
        with closing(client(session, "account", home_region(session))) as regions:
            for page in regions.get_paginator("list_regions").paginate():
                for each in page["Regions"]:
                    statuses[str(each["RegionName"])] = str(each["RegionOptStatus"])
        if not statuses:
            raise RefusedError(_NO_REGIONS)
    except Exception as error:  # noqa: BLE001 - an error must not lose the Regions that are known
        refusal = refusal_of(error)
    if refusal is not None:
        if only:
            return list(only), []
        reason = f"{refusal.reason} To read an account without listing its Regions, use --region."
        refusal = refusal._replace(reason=reason)
        if refusal.is_temporary and not statuses:
            raise RefusedError(refusal)
    readable, skipped = [], []
    for name in only or statuses:
        status = statuses.get(name)
        if status is None:
            reason = "AWS lists no such Region for this account."
            skipped.append(Skipped(name, Status.FAILED, reason))
        elif status in _NOT_ENABLED:
            reason = f"The account has not enabled the Region ({status})."
            skipped.append(Skipped(name, Status.DISABLED, reason))
        else:
            # A status that is new to the audit is no reason to skip a Region.
            readable.append(name)
    if refusal is not None:
        skipped.append(Skipped(None, refusal.status, refusal.reason))
    return readable, skipped


_NO_REGIONS = Refusal(Status.FAILED, "AWS lists no Regions for this account.", "NoRegions")
