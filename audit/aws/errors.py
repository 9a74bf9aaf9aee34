"""What an error of AWS means for the audit, with AWS's own reason.

Sources: botocore's documentation, "Error handling" (ClientError and other errors); AWS STS API
Reference, "Common Error Types" (expired and invalid tokens); AWS General Reference, "Enable or
disable AWS Regions in your account".
"""

from __future__ import annotations

from typing import NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)

from audit.results import Status
from policies.encryption.values import one_line

_LONGEST = 600
_NOT_ENABLED = ("OptInRequired", "SubscriptionRequiredException")
_INVALID_TOKEN = ("UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_NOT_FOUND = ("ResourceNotFoundException", "NotFoundException")
_EXPIRED_LOCALLY = (
    "CredentialRetrievalError",
    "SSOTokenLoadError",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
)


class Refusal(NamedTuple):
    """Why AWS did not answer.

    Attributes:
        status: what it means for the account or Region.
        reason: AWS's own reason, as one or more sentences.
        code: AWS's code, or the class of the error.
        is_expired: whether no later call with the same credentials can succeed.
        is_not_found: whether what was asked for does not exist.
    """

    status: Status
    reason: str
    code: str
    is_expired: bool = False
    is_not_found: bool = False


def refusal_of(error: Exception) -> Refusal:
    """Return what an error means. Any exception has an answer."""
    if isinstance(error, ClientError):
        return _of_code(
            str(error.response.get("Error", {}).get("Code") or "Unknown"),
            str(error.response.get("Error", {}).get("Message") or ""),
        )
    name = type(error).__name__
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return Refusal(Status.FAILED, _NO_CREDENTIALS, name, is_expired=True)
    if isinstance(error, ProfileNotFound):
        return Refusal(Status.FAILED, f"{_sentence(error)}", name)
    if name in _EXPIRED_LOCALLY:
        return Refusal(Status.FAILED, f"{_sentence(error)} Sign in again.", name, is_expired=True)
    if isinstance(error, (ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError)):
        return Refusal(Status.FAILED, f"AWS can't be reached: {_sentence(error)}", name)
    if isinstance(error, BotoCoreError):
        return Refusal(Status.FAILED, _sentence(error), name)
    return Refusal(
        Status.FAILED,
        f"The audit failed with {name}. This is a bug in the audit: report it, with the command.",
        name,
    )


def _of_code(code: str, message: str) -> Refusal:
    reason = f"{one_line(code, _LONGEST)}: {one_line(message.strip(), _LONGEST)}".rstrip(": ")
    reason += "" if reason.endswith(".") else "."
    if code in _EXPIRED:
        return Refusal(Status.FAILED, reason, code, is_expired=True)
    if code in _NOT_ENABLED:
        return Refusal(Status.DISABLED, reason, code)
    if code in _INVALID_TOKEN:
        reason += " The credentials are invalid, or the account has not enabled the Region."
        return Refusal(Status.FAILED, reason, code)
    if "AccessDenied" in code or "Unauthorized" in code or "NotAuthorized" in code:
        return Refusal(Status.DENIED, reason, code)
    return Refusal(Status.FAILED, reason, code, is_not_found=code in _NOT_FOUND)


def _sentence(error: Exception) -> str:
    text = one_line(" ".join(str(error).split()), _LONGEST)
    return text if text.endswith(".") else f"{text}."


_NO_CREDENTIALS = (
    "There are no AWS credentials. Sign in (`aws sso login` or `aws configure`), name a profile "
    "with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. To use the role of an EC2 "
    "instance, set AWS_EC2_METADATA_DISABLED=false."
)
