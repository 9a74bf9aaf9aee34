"""What an error of AWS means for the audit, with AWS's own reason.

Sources: botocore's documentation, "Error handling" (ClientError and other errors); AWS STS API
Reference, "Common Error Types" (expired and invalid tokens); AWS General Reference, "Enable or
disable AWS Regions in your account".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own error, the base of those about connections
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from audit.results import Status
from policies.encryption.values import one_line

_LONGEST = 600
_INVALID_TOKEN = ("UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
# Older versions of botocore have no LoginError.
_EXPIRED_LOCALLY = {
    "CredentialRetrievalError", "LoginError", "RefreshWithMFAUnsupportedError", "SSOError",
    "TokenRetrievalError",
}  # fmt: skip
_THROTTLED = (
    "Throttl", "TooManyRequests", "RequestLimitExceeded", "ProvisionedThroughputExceeded",
    "SlowDown", "RequestTimeout",
)  # fmt: skip
_TOO_MANY_REQUESTS, _SERVER_ERROR = 429, 500


class Refusal(NamedTuple):
    """Why AWS did not answer.

    Attributes:
        status: what it means for the account or Region.
        reason: AWS's own reason, as one or more sentences.
        code: AWS's code, or the class of the error.
        is_expired: whether no later call with the same credentials can succeed.
        is_temporary: whether the same call can succeed later.
    """

    status: Status
    reason: str
    code: str
    is_expired: bool = False
    is_temporary: bool = False


class RefusedError(Exception):
    """AWS did not answer, and the audit knows what that means."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def refusal_of(error: Exception) -> Refusal:
    """Return what an error means. Any exception has an answer."""
    if isinstance(error, RefusedError):
        return error.refusal
    if isinstance(error, ClientError):
        refusal = _of_answer(error.response)
        if error.operation_name == "AssumeRole" and refusal.status is Status.DENIED:
            return refusal._replace(reason=f"{refusal.reason} {_ASSUME_ROLE}")
        return refusal
    name = type(error).__name__
    if isinstance(error, NoCredentialsError):
        return Refusal(Status.FAILED, _NO_CREDENTIALS, name, is_expired=True)
    if isinstance(error, PartialCredentialsError):
        return Refusal(Status.FAILED, _sentence(error), name, is_expired=True)
    if _EXPIRED_LOCALLY & {each.__name__ for each in type(error).__mro__}:
        return Refusal(Status.FAILED, f"{_sentence(error)} Sign in again.", name, is_expired=True)
    if isinstance(error, (ConnectionError, HTTPClientError)):
        reason = f"AWS can't be reached: {_sentence(error)}"
        return Refusal(Status.FAILED, reason, name, is_temporary=True)
    if isinstance(error, EOFError):
        return Refusal(Status.FAILED, _NO_TERMINAL, name, is_expired=True)
    if isinstance(error, BotoCoreError):
        return Refusal(Status.FAILED, _sentence(error), name)
    reason = (
        f"AWS's answer can't be read: {name}: {_sentence(error)} Check that no proxy answers in "
        "AWS's place. Otherwise, this is a bug in the audit: report it, with the command."
    )
    return Refusal(Status.FAILED, reason, name, is_temporary=True)


def _of_answer(answer: Mapping[str, Any]) -> Refusal:
    error, metadata = answer.get("Error"), answer.get("ResponseMetadata")
    error = error if isinstance(error, Mapping) else {}
    status = metadata.get("HTTPStatusCode") if isinstance(metadata, Mapping) else None
    code = str(error.get("Code") or "")
    if code in ("", "Unknown"):
        # It is not an answer of AWS, or one without a body.
        code = f"HTTP status {status}"
    refusal = _of_code(code, str(error.get("Message") or ""))
    is_temporary = any(part in refusal.code for part in _THROTTLED) or (
        isinstance(status, int) and (status == _TOO_MANY_REQUESTS or status >= _SERVER_ERROR)
    )
    return refusal._replace(is_temporary=is_temporary)


def _of_code(code: str, message: str) -> Refusal:
    reason = f"{one_line(code, _LONGEST)}: {one_line(message.strip(), _LONGEST)}".rstrip(": ")
    reason += "" if reason.endswith(".") else "."
    if code in _EXPIRED:
        reason += " Sign in again, and run the audit again."
        return Refusal(Status.FAILED, reason, code, is_expired=True)
    if code in _INVALID_TOKEN:
        reason += " The credentials are invalid, or the account has not enabled the Region."
        return Refusal(Status.FAILED, reason, code)
    if "AccessDenied" in code or "Unauthorized" in code or "NotAuthorized" in code:
        return Refusal(Status.DENIED, reason, code)
    return Refusal(Status.FAILED, reason, code)


def _sentence(error: Exception) -> str:
    text = one_line(" ".join(str(error).split()), _LONGEST)
    return text if text.endswith(".") else f"{text}."


_ASSUME_ROLE = "Check the name of the role, its trust policy, and --external-id."
_NO_TERMINAL = (
    "The credentials need an MFA code, and there is no terminal to enter it. Sign in first, such "
    "as with `aws sts get-session-token`."
)
_NO_CREDENTIALS = (
    "There are no AWS credentials. Sign in (`aws sso login` or `aws configure`), name a profile "
    "with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. To use the role of an EC2 "
    "instance, set AWS_EC2_METADATA_DISABLED=false."
)
