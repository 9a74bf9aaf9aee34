"""Read which operation of AWS an HTTP request calls, and keep a log of the calls.

The log has no parameters except the target, no credentials, and no answers. Left out: the operation
of services that name it by a path, except for AWS Account Management; their log entries have the
path.

Source: "Signature Version 4 signing process" in the AWS Identity and Access Management User Guide,
and the protocols awsJson1_0, awsJson1_1, awsQuery and restJson1 of Smithy (smithy.io).
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

DEFAULT_ACCOUNT = "123456789012"
"""The account of calls without credentials of another account: moto's default."""

# What is the target of an operation, in the order of precedence.
_TARGETS = (
    "TableName", "KeyId", "AliasName", "RoleArn", "AccountId", "ResourceArn",
    "ConfigurationAggregatorName",
)  # fmt: skip
# Larger bodies, such as those of files, have no target.
_LARGEST_BODY = 1_000_000


@dataclass(frozen=True)
class Call:
    """One call of an AWS API.

    Attributes:
        service: the service's name in IAM actions, such as "dynamodb".
        operation: the operation, such as "DescribeTable".
        account: the account of the caller's credentials.
        region: the Region that the request is signed for.
        target: the table name, key ID, role ARN, account ID, or aggregator that it names; empty if
            there is none.
    """

    service: str
    operation: str
    account: str
    region: str
    target: str = ""

    @property
    def action(self) -> str:
        """The IAM action, such as "dynamodb:DescribeTable"."""
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True)
class Request:
    """A call with what the log leaves out.

    Attributes:
        call: the call.
        access_key: the ID of the access key that signed it.
        parameters: its parameters, as far as they were read.
    """

    call: Call
    access_key: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, environ: dict[str, Any]) -> Request | None:
        """Return the request of a WSGI environment, or None if it isn't signed.

        The body can be read again.
        """
        scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0]
        parts = scope.split("/")
        if len(parts) != 5:
            return None
        access_key, _, region, service, _ = parts
        path = str(environ.get("PATH_INFO", ""))
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        parameters: Mapping[str, Any] = {}
        if target:
            operation, parameters = target.rsplit(".", 1)[-1], _json(_body(environ))
        elif environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
            parameters = dict(parse_qsl(_body(environ).decode(errors="replace")))
            operation = parameters.get("Action", path)
        elif service == "account":
            name = path.strip("/")
            operation, parameters = name[:1].upper() + name[1:], _json(_body(environ))
        else:
            operation = path
        named = next((parameters[name] for name in _TARGETS if parameters.get(name)), "")
        # Importing moto's IAM takes time, and importers of `Call` don't need it.
        from moto.iam.models import get_account_id_from  # noqa: PLC0415

        account = get_account_id_from(access_key)
        call = Call(service, operation, account, region, str(named))
        return cls(call, access_key, parameters)


class CallLog:
    """The calls since the last `clear`."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def add(self, call: Call) -> None:
        """Add a call. Several threads can add calls at the same time."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls = []

    def calls(self) -> list[Call]:
        """Return all calls, in the order in which they arrived."""
        return list(self._calls)

    def counts(self) -> Counter[str]:
        """Return the number of calls of each IAM action."""
        return Counter(call.action for call in self.calls())


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 < length <= _LARGEST_BODY:
        return b""
    body: bytes = environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
