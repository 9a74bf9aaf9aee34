"""Describe the keys of tables, each of them once.

Sources: AWS KMS API Reference, "DescribeKey" and "ListAliases" (not for keys of another account).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from audit.aws.errors import Refusal
from audit.judging import KeyDescription, needs_aliases
from audit.reasons import DESCRIBE_KEY_FAILED
from audit.results import Status
from policies.encryption.settings import RuleSettings

_NO_SUCH_KEY = "NotFoundException"

_ALLOW_DESCRIBE_KEY = (
    "Allow kms:DescribeKey on the key. For a key of another account, its key policy must allow it."
)
_ALLOW_LIST_ALIASES = "Allow kms:ListAliases, or add the ARN of the key to allowedKmsKeys."

Use = Callable[[KeyDescription, bool], None]
"""Gets the description of a key, and whether a second attempt can show more. It does not raise."""


@dataclass
class _Key:
    """A key, and what waits for its description."""

    description: KeyDescription | None = None
    is_temporary: bool = False
    is_second: bool = False
    waiting: list[Use] = field(default_factory=list)


class Keys:
    """The keys of the tables of one Region of one account.

    Args:
        account: the account's ID.
        settings: what the rule accepts, which decides if the aliases of a key matter.
        client: returns the client of KMS for the first or the second attempt, or raises an error.
        refusal: returns what an error means.
    """

    def __init__(
        self,
        account: str,
        settings: RuleSettings,
        client: Callable[[bool], Any],
        refusal: Callable[[Exception], Refusal],
    ) -> None:
        self._account, self._settings = account, settings
        self._client, self._refusal = client, refusal
        self._keys: dict[str, _Key] = {}
        self._lock = threading.Lock()

    def use(self, arn: str, use: Use, *, second: bool = False) -> None:
        """Call a function with the description of a key.

        It is called now, or by the thread that describes the key for another table, so no thread
        waits for another one.

        Args:
            arn: the key's ARN.
            use: the function.
            second: whether to ask AWS again, once, if the first attempt failed for a temporary
                reason.
        """
        with self._lock:
            key = self._keys.setdefault(arn, _Key())
            if second and key.is_temporary and not key.is_second:
                key.description, key.is_second = None, True
            known, is_temporary = key.description, key.is_temporary
            is_first = known is None and not key.waiting
            if known is None:
                key.waiting.append(use)
        if known is not None:
            use(known, is_temporary)
        if not is_first:
            return
        description, is_temporary = self._describe(arn, second=key.is_second)
        with self._lock:
            key.description, key.is_temporary = description, is_temporary
            waiting, key.waiting = key.waiting, []
        for each in waiting:
            each(description, is_temporary)

    def _describe(self, arn: str, *, second: bool) -> tuple[KeyDescription, bool]:
        """Return the description of a key, and whether a temporary error made it incomplete."""
        try:
            kms = self._client(second)
            key = KeyDescription(dict(kms.describe_key(KeyId=arn)["KeyMetadata"]))
            aliases_matter = needs_aliases(arn, key, self._settings, self._account)
        except Exception as error:  # noqa: BLE001 - an error must not lose the table
            refusal = self._refusal(error)
            description = KeyDescription(
                refusal=f"{DESCRIBE_KEY_FAILED} {refusal.reason.rstrip('.')}",
                advice=_ALLOW_DESCRIBE_KEY if refusal.status is Status.DENIED else "",
                failed=refusal.status is not Status.DENIED,
                is_deleted=refusal.code == _NO_SUCH_KEY,
            )
            return description, refusal.is_temporary
        if not aliases_matter:
            return key, False
        try:
            pages = kms.get_paginator("list_aliases").paginate(KeyId=arn)
            names = tuple(str(alias["AliasName"]) for page in pages for alias in page["Aliases"])
        except Exception as error:  # noqa: BLE001 - an error must not lose the table
            refusal = self._refusal(error)
            reason = f"kms:ListAliases failed with {refusal.reason.rstrip('.')}"
            is_denied = refusal.status is Status.DENIED
            advice = _ALLOW_LIST_ALIASES if is_denied else ""
            key = replace(key, refusal=reason, advice=advice, failed=not is_denied)
            return key, refusal.is_temporary
        return replace(key, aliases=names), False
