"""Write an error of AWS in the wire format of a service.

Left out: the request IDs that AWS can look up, and the members that some errors have besides their
message.

Source: "Operation error serialization" of the protocols awsJson1_0, awsJson1_1 and restJson1 of
Smithy (smithy.io), and "Common Errors" in the API References of Amazon DynamoDB, AWS KMS and AWS
STS.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from uuid import uuid4
from xml.sax.saxutils import escape

NO_PERMISSION = "You don't have permissions to access this resource."
"""What AWS Organizations and AWS Account Management say to an account without permission."""

_MESSAGES = {
    "ThrottlingException": "Rate exceeded",
    "Throttling": "Rate exceeded",
    "TooManyRequestsException": "Rate exceeded",
    "ProvisionedThroughputExceededException": "The level of configured provisioned throughput for "
    "the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
    "ExpiredTokenException": "The security token included in the request is expired",
    "ExpiredToken": "The security token included in the request is expired",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
    "InvalidClientTokenId": "The security token included in the request is invalid.",
    "InternalServerError": "Internal server error",
    "InternalFailure": "The request processing has failed because of an unknown error.",
    "ServiceUnavailable": "The service is temporarily unavailable. Please try again.",
}
_SERVER_FAULTS = ("Internal", "ServiceUnavailable", "ServiceException", "Dependency", "KMSInternal")
_JSON_1_1 = "application/x-amz-json-1.1"
_QUERY = {"sts", "iam", "cloudformation"}
_REST = {"account"}
_STATUSES = {
    "query": {
        "AccessDenied": 403, "ExpiredToken": 403, "InvalidClientTokenId": 403,
    },
    "rest": {
        "AccessDeniedException": 403, "ExpiredTokenException": 403,
        "UnrecognizedClientException": 403, "ResourceNotFoundException": 404,
        "TooManyRequestsException": 429, "ThrottlingException": 429,
    },
    "json": {},
}  # fmt: skip
# DynamoDB's own errors. The errors that it shares with other services have another prefix.
_COMMON = {
    "AccessDeniedException", "ExpiredTokenException", "UnrecognizedClientException",
    "MissingAuthenticationTokenException", "IncompleteSignatureException",
}  # fmt: skip


@dataclass(frozen=True)
class Error:
    """An error of AWS.

    Attributes:
        code: the error code, such as "ThrottlingException".
        message: the message; None for the usual one of the code.
        status: the HTTP status; None for the one that the service uses for the code.
    """

    code: str
    message: str | None = None
    status: int | None = None


def wire(error: Error, service: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return the WSGI status, the headers, and the body of an error of a service."""
    protocol = "query" if service in _QUERY else "rest" if service in _REST else "json"
    server_fault = error.code.startswith(_SERVER_FAULTS)
    usual = _STATUSES[protocol].get(error.code, 500 if server_fault else 400)
    status = error.status or usual
    message = _MESSAGES.get(error.code, "") if error.message is None else error.message
    request_id = str(uuid4())
    headers = [("x-amzn-RequestId", request_id)]
    if protocol == "query":
        text = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
            f"<Type>{'Receiver' if status >= 500 else 'Sender'}</Type>"
            f"<Code>{escape(error.code)}</Code><Message>{escape(message)}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
        kind = "text/xml"
    elif protocol == "rest":
        text, kind = json.dumps({"message": message}), "application/json"
        headers.append(("x-amzn-ErrorType", error.code))
    else:
        text = json.dumps({"__type": _prefix(error.code, service) + error.code, "message": message})
        kind = "application/x-amz-json-1.0" if service == "dynamodb" else _JSON_1_1
    body = text.encode()
    if service == "dynamodb":
        headers.append(("x-amz-crc32", str(zlib.crc32(body))))
    headers += [("Content-Type", kind), ("Content-Length", str(len(body)))]
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    return f"{status} {phrase}", headers, body


def _prefix(code: str, service: str) -> str:
    if service != "dynamodb":
        return ""
    if code in _COMMON:
        return "com.amazon.coral.service#"
    return "com.amazonaws.dynamodb.v20120810#"
