"""Each error has a meaning, with AWS's own reason."""

from __future__ import annotations

import inspect
from typing import Any

import botocore.exceptions
import pytest
from botocore.exceptions import BotoCoreError, ClientError, EventStreamError
from botocore.parsers import ResponseParserError

from audit.aws.errors import Refusal, RefusedError, refusal_of
from audit.results import Status


class _Anything(dict[str, Any]):
    """What the texts of errors need, by any name."""

    def __missing__(self, name: str) -> Any:
        return f"the {name}"


def instance(kind: type[Exception]) -> Exception:
    """Return an error of botocore with all that its text needs."""
    error = kind.__new__(kind)
    text = getattr(kind, "fmt", "An error").format_map(_Anything())
    Exception.__init__(error, text)
    return error


ALL = [
    kind
    for _, kind in inspect.getmembers(botocore.exceptions, inspect.isclass)
    if issubclass(kind, BotoCoreError) and kind.__module__ == "botocore.exceptions"
]


def answer(code: str, message: str = "No", status: int = 400) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "DescribeTable")


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_error_of_botocore_has_a_meaning(kind: type[Exception]) -> None:
    refusal = refusal_of(instance(kind))
    assert refusal.status is Status.FAILED
    assert refusal.reason.endswith(".")
    assert "bug" not in refusal.reason
    assert "\n" not in refusal.reason
    assert refusal.code == kind.__name__


@pytest.mark.parametrize(
    ("name", "is_temporary", "is_expired"),
    [
        ("ConnectTimeoutError", True, False),
        ("ReadTimeoutError", True, False),
        ("EndpointConnectionError", True, False),
        ("ConnectionClosedError", True, False),
        ("ProxyConnectionError", True, False),
        ("ResponseStreamingError", True, False),
        ("NoCredentialsError", False, True),
        ("PartialCredentialsError", False, True),
        ("CredentialRetrievalError", False, True),
        ("TokenRetrievalError", False, True),
        ("SSOTokenLoadError", False, True),
        ("UnauthorizedSSOTokenError", False, True),
        ("RefreshWithMFAUnsupportedError", False, True),
        ("ProfileNotFound", False, False),
        ("NoRegionError", False, False),
    ],
)
def test_errors_of_botocore(name: str, is_temporary: bool, is_expired: bool) -> None:
    refusal = refusal_of(instance(getattr(botocore.exceptions, name)))
    assert (refusal.is_temporary, refusal.is_expired) == (is_temporary, is_expired)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (answer("AccessDeniedException"), (Status.DENIED, False, False)),
        (answer("AccessDenied", status=403), (Status.DENIED, False, False)),
        (answer("UnauthorizedOperation", status=403), (Status.DENIED, False, False)),
        (answer("OptInRequired", status=403), (Status.FAILED, False, False)),
        (answer("ExpiredToken", status=403), (Status.FAILED, True, False)),
        (answer("ExpiredTokenException"), (Status.FAILED, True, False)),
        (answer("RequestExpired"), (Status.FAILED, True, False)),
        (answer("UnrecognizedClientException"), (Status.FAILED, False, False)),
        (answer("ThrottlingException"), (Status.FAILED, False, True)),
        (answer("Throttling"), (Status.FAILED, False, True)),
        (answer("TooManyRequestsException", status=429), (Status.FAILED, False, True)),
        (answer("ProvisionedThroughputExceededException"), (Status.FAILED, False, True)),
        (answer("InternalServerError", status=500), (Status.FAILED, False, True)),
        (answer("503", status=503), (Status.FAILED, False, True)),
        (answer("Anything", status=429), (Status.FAILED, False, True)),
        (answer("ValidationException"), (Status.FAILED, False, False)),
        (EventStreamError({"Error": {"Code": "X"}}, "Y"), (Status.FAILED, False, False)),
    ],
)
def test_answers_of_aws(error: ClientError, expected: tuple[Status, bool, bool]) -> None:
    refusal = refusal_of(error)
    assert (refusal.status, refusal.is_expired, refusal.is_temporary) == expected


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({}, "HTTP status None."),
        ({"Error": None}, "HTTP status None."),
        ({"Error": "x", "ResponseMetadata": 7}, "HTTP status None."),
        ({"Error": {"Code": None, "Message": None}}, "HTTP status None."),
        ({"Error": {"Code": "A", "Message": "b.\n"}}, "A: b."),
        ({"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "HTTP status 403."),
    ],
)
def test_answers_without_a_code(response: Any, reason: str) -> None:
    error = ClientError({}, "Operation")
    error.response = response
    assert refusal_of(error).reason == reason


def test_a_long_message_with_control_characters_becomes_one_short_line() -> None:
    reason = refusal_of(answer("X", "a\x1b[31m\r\n\u202e" + "b" * 10_000)).reason
    assert len(reason) < 1_500
    assert reason.isprintable()


@pytest.mark.parametrize(
    "error", [KeyError("Table"), ResponseParserError("no XML"), RecursionError(), OSError(24, "x")]
)
def test_other_errors(error: Exception) -> None:
    refusal = refusal_of(error)
    assert refusal.status is Status.FAILED
    assert refusal.is_temporary
    assert type(error).__name__ in refusal.reason


def test_a_refusal_that_is_known() -> None:
    refusal = Refusal(Status.DENIED, "No.", "X")
    assert refusal_of(RefusedError(refusal)) is refusal
