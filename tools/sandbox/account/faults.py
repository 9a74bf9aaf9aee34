"""Let calls of the pretend account fail as calls of AWS do: errors, delays, and broken connections.

A `Fault` says which calls, and what happens to them. Faults apply in the order in which they were
added. A delay or a deleted table lets later faults and the call itself run; other effects end the
call. Left out: faults in the middle of an answer.

Source: "Error retries and exponential backoff in AWS" in the AWS General Reference, "Troubleshoot
access denied error messages" in the AWS Identity and Access Management User Guide, and the messages
in cartography-cncf/cartography#1481.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from tools.sandbox.account.calls import Call, Request
from tools.sandbox.account.errors import NO_PERMISSION, Error

SERVICE_CONTROL_POLICY = "with an explicit deny in a service control policy"
"""The reason of a `Denied` by a service control policy."""

_TOKENS = ("ExclusiveStartTableName", "NextToken", "Marker")


@dataclass(frozen=True)
class Denied:
    """The error AccessDenied, or the one that the service has instead, with AWS's message.

    Attributes:
        reason: the end of the message, such as `SERVICE_CONTROL_POLICY`; None for that no
            identity-based policy allows the action.
    """

    reason: str | None = None


@dataclass(frozen=True)
class Slow:
    """An answer that takes this number of seconds longer."""

    seconds: float


@dataclass(frozen=True)
class Reset:
    """A TCP reset of the connection, without an answer."""


@dataclass(frozen=True)
class Text:
    """An answer of something other than AWS, such as a proxy.

    Attributes:
        body: the answer.
        status: the HTTP status.
    """

    body: str = "<html><body>Sign in to continue</body></html>"
    status: int = 200


@dataclass(frozen=True)
class Deleted:
    """Another user deletes the table just before the call."""


Effect = Error | Denied | Slow | Reset | Text | Deleted
_EFFECTS: dict[str, type] = {
    effect.__name__: effect for effect in (Error, Denied, Slow, Reset, Text, Deleted)
}


@dataclass(frozen=True)
class Fault:
    """What happens to calls. Each pattern can have the wildcards * and ?.

    Attributes:
        effect: what happens.
        service: a pattern of the service, such as "dynamodb".
        operation: a pattern of the operation, such as "Describe*".
        account: a pattern of the caller's account.
        region: a pattern of the Region.
        target: a pattern of the target: the table name, key ID or ARN, or role ARN.
        page: the page of a list, counted from 1; None for all. Pages are counted for each account,
            Region, and operation, so several lists at the same time confuse the count.
        after: the number of matching calls that succeed first.
        times: the number of calls that the fault happens to; None for all.
        probability: the probability of the fault for a matching call.
        seed: the seed of the probability.
    """

    effect: Effect
    service: str = "*"
    operation: str = "*"
    account: str = "*"
    region: str = "*"
    target: str = "*"
    page: int | None = None
    after: int = 0
    times: int | None = None
    probability: float = 1.0
    seed: int = 0

    def matches(self, call: Call, page: int) -> bool:
        """Return whether the fault is about a call, which lists a page or the first page."""
        return (
            fnmatchcase(call.service, self.service)
            and fnmatchcase(call.operation, self.operation)
            and fnmatchcase(call.account, self.account)
            and fnmatchcase(call.region, self.region)
            and fnmatchcase(call.target, self.target)
            and self.page in (None, page)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fault as JSON."""
        return {**asdict(self), "effect": [type(self.effect).__name__, asdict(self.effect)]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Fault:
        """Return the fault of its JSON."""
        kind, arguments = value["effect"]
        return cls(**{**value, "effect": _EFFECTS[kind](**arguments)})


class _Injected:
    """A fault, and how often it matched."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.random = random.Random(fault.seed)  # noqa: S311 not for cryptography
        self.matched = self.happened = 0

    def happens(self, call: Call, page: int) -> bool:
        fault = self.fault
        if not fault.matches(call, page):
            return False
        self.matched += 1
        if self.matched <= fault.after:
            return False
        if fault.times is not None and self.happened >= fault.times:
            return False
        if fault.probability < 1 and self.random.random() >= fault.probability:
            return False
        self.happened += 1
        return True


class Faults:
    """The faults of a running account."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._injected: list[_Injected] = []
        self._pages: dict[tuple[str, str, str], tuple[str, int]] = {}

    def add(self, fault: Fault) -> None:
        """Add a fault."""
        with self._lock:
            self._injected.append(_Injected(fault))

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._injected.clear()
            self._pages.clear()

    def apply(self, request: Request) -> Error | Reset | Text | None:
        """Apply delays and deletions to a call, and return the effect that ends it, if any."""
        if not self._injected:
            return None
        for effect in self._effects(request):
            if isinstance(effect, Slow):
                time.sleep(effect.seconds)
            elif isinstance(effect, Deleted):
                _delete(request.call)
            elif isinstance(effect, Denied):
                return _denied(request, effect)
            else:
                return effect
        return None

    def _effects(self, request: Request) -> list[Effect]:
        with self._lock:
            page = self._page(request)
            effects = []
            for injected in self._injected:
                if injected.happens(request.call, page):
                    effects.append(injected.fault.effect)
                    if not isinstance(injected.fault.effect, Slow | Deleted):
                        break
        return effects

    def _page(self, request: Request) -> int:
        """Return the page that a call lists. A retry of a page has the same token."""
        call = request.call
        token = next((str(request.parameters[t]) for t in _TOKENS if request.parameters.get(t)), "")
        key = (call.account, call.region, call.action)
        last_token, last_page = self._pages.get(key, ("", 1))
        page = 1 if not token else last_page if token == last_token else last_page + 1
        self._pages[key] = (token, page)
        return page


def _delete(call: Call) -> None:
    from moto.dynamodb.models import dynamodb_backends  # noqa: PLC0415

    # A table can be named by its ARN.
    name = call.target.rsplit("table/", 1)[-1]
    dynamodb_backends[call.account][call.region].tables.pop(name, None)


def _denied(request: Request, effect: Denied) -> Error:
    call = request.call
    if call.service == "organizations":
        return Error("AccessDeniedException", NO_PERMISSION)
    reason = effect.reason or f"because no identity-based policy allows the {call.action} action"
    return access_denied(request, f"on resource: {_resource(call)} {reason}")


def access_denied(request: Request, rest: str) -> Error:
    """Return the error of a call that AWS doesn't allow.

    Args:
        request: the call.
        rest: the end of the message, which starts with the caller and the action.
    """
    from tools.sandbox.account.accounts import caller_arn  # noqa: PLC0415

    call = request.call
    code = "AccessDenied" if call.service in ("sts", "iam") else "AccessDeniedException"
    return Error(
        code, f"User: {caller_arn(request)} is not authorized to perform: {call.action} {rest}"
    )


def _resource(call: Call) -> str:
    """Return the ARN that the message of a denied call names."""
    target = call.target
    if target.startswith("arn:"):
        return target
    if call.service == "dynamodb":
        return f"arn:aws:dynamodb:{call.region}:{call.account}:table/{target or '*'}"
    if call.service == "kms" and target:
        kind = "" if target.startswith("alias/") else "key/"
        return f"arn:aws:kms:{call.region}:{call.account}:{kind}{target}"
    if call.service == "account":
        return f"arn:aws:account::{call.account}:account"
    return "*"
