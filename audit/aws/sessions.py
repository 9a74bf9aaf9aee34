"""Credentials: from what a user names to a session of botocore for each account.

Sources: boto3's documentation, "Credentials" (where the SDK looks for credentials) and
"Configuration" (environment variables); AWS SDKs and Tools Reference Guide, "IMDS client" and
"Retry behavior"; AWS IAM User Guide, "Access to AWS accounts owned by third parties" (external
IDs).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, NoCredentialsError
from botocore.loaders import create_loader
from botocore.session import Session

from audit.aws.errors import Refusal, RefusedError
from audit.results import Status
from policies.encryption.arns import Arn

_ATTEMPTS = 6
_CONNECT_SECONDS = 5
_READ_SECONDS = 15
_DEFAULT_REGION = "us-east-1"
_MAIN_REGIONS = {
    "aws": _DEFAULT_REGION, "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1",
}  # fmt: skip
"""For each partition, a Region that every account has enabled."""
_INSTANCE_METADATA = "iam-role"
_INSTANCE_METADATA_SETTINGS = (
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
)
_SESSION_NAME = "dynamodb-kms-audit"

RetryMode = Literal["standard", "adaptive"]

# Sessions are not safe to use in several threads. Clients are.
_CREATING = threading.RLock()


@dataclass(frozen=True)
class Credentials:
    """Where the credentials of an account come from.

    Attributes:
        name: what to call the account until its ID is known, such as "profile production".
        session: returns a session of botocore. It makes no call to AWS.
        account: the account's ID, if it is known without a call.
    """

    name: str
    session: Callable[[], Session]
    account: str | None = None


def current(profile: str | None = None) -> Credentials:
    """Return the current credentials, or those of a profile."""
    name = f"profile {profile}" if profile else "the current credentials"
    return Credentials(name, _once(lambda: _session(profile)))


def available_profiles() -> list[str]:
    """Return the names of the profiles in the AWS SDK's files."""
    return list(Session().available_profiles)


def of_role(base: Credentials, arn: str, external_id: str | None) -> Credentials:
    """Return the credentials of a role, which are renewed before they expire.

    Args:
        base: the credentials that may assume the role.
        arn: the role's ARN.
        external_id: the external ID that the role's trust policy requires; None if it needs none.
    """
    parsed = Arn.parse(arn)

    def session() -> Session:
        source = base.session()
        region, own = home_region(source), source.get_credentials()
        fetcher = AssumeRoleCredentialFetcher(
            lambda service, **keys: client(source, service, region, **keys),
            own,
            arn,
            {
                "RoleSessionName": _SESSION_NAME,
                **({"ExternalId": external_id} if external_id else {}),
            },
        )
        of_role = _new_session()
        # The role's account may not have enabled the home Region of the caller.
        own_region = _MAIN_REGIONS.get(parsed.partition if parsed else "", region)
        of_role.set_config_variable("region", own_region)
        of_role.register_component("credential_provider", CredentialResolver([_Role(fetcher)]))
        return of_role

    return Credentials(f"role {arn}", _once(session), parsed.account if parsed else None)


def home_region(session: Session) -> str:
    """Return the Region for calls that are about no Region."""
    region = session.get_config_variable("region")
    return str(region) if region else _DEFAULT_REGION


def client(
    session: Session, service: str, region: str, connections: int = 10,
    retry_mode: RetryMode = "standard", **keys: Any,
) -> Any:  # fmt: skip
    """Return a client that limits the time of each call. Several threads can use it.

    Args:
        session: the session whose credentials the client uses.
        service: the service, such as "dynamodb".
        region: the Region.
        connections: the number of threads that use the client at the same time.
        retry_mode: how botocore retries, see "Retries" in its documentation.
        keys: credentials to use instead of the session's.

    Raises:
        RefusedError: a setting of the AWS SDK is wrong, such as AWS_ENDPOINT_URL.
    """
    with _CREATING:
        try:
            attempts = session.get_config_variable("max_attempts") or _ATTEMPTS
        except ValueError as error:
            raise _wrong_setting(error) from error
        config = Config(
            retries={"mode": retry_mode, "total_max_attempts": int(attempts)},
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            max_pool_connections=max(10, connections),
            user_agent_extra=_SESSION_NAME,
        )
        try:
            return session.create_client(service, region_name=region, config=config, **keys)
        except BotoCoreError:
            raise
        except ValueError as error:
            raise _wrong_setting(error) from error


def _wrong_setting(error: ValueError) -> RefusedError:
    reason = f"A setting of the AWS SDK, in the environment or a profile, is wrong: {error}."
    return RefusedError(Refusal(Status.FAILED, reason, type(error).__name__))


class _Role(CredentialProvider):
    """Provides the credentials of a role to a session."""

    METHOD = "assume-role"
    CANONICAL_NAME = "dynamodb-kms-audit"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)


def _once(make: Callable[[], Session]) -> Callable[[], Session]:
    """Return a function that makes a session with the first call."""
    cached, lock = cache(make), threading.Lock()

    def session() -> Session:
        # Not the lock of all sessions: a program that provides credentials can run for long.
        with lock:
            return cached()

    return session


@cache
def _loader() -> Any:
    """Return the reader of the API models, which takes long to read one, and then keeps it."""
    return create_loader()


def _new_session(profile: str | None = None) -> Session:
    session = Session(profile=profile)
    session.register_component("data_loader", _loader())
    return session


def _session(profile: str | None) -> Session:
    session = _new_session(profile)
    # Newer SDKs and the AWS CLI read this variable, and botocore does not.
    if region := os.environ.get("AWS_REGION"):
        session.set_config_variable("region", region)
    if not _uses_instance_metadata():
        # On a machine without it, looking for the metadata service takes seconds. A profile with
        # `credential_source = Ec2InstanceMetadata` still uses it.
        session.get_component("credential_provider").remove(_INSTANCE_METADATA)
    if session.get_credentials() is None:
        raise NoCredentialsError
    return session


def _uses_instance_metadata() -> bool:
    disabled = os.environ.get("AWS_EC2_METADATA_DISABLED", "")
    return disabled.lower() == "false" or any(map(os.environ.get, _INSTANCE_METADATA_SETTINGS))
