"""Describe the keys of tables, each of them once.

Sources: AWS KMS API Reference, "DescribeKey" and "ListAliases" (not for keys of another account).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from audit.aws.errors import Refusal
from audit.judging import KeyDescription, needs_aliases
from policies.encryption.settings import RuleSettings

Use = Callable[[KeyDescription], None]


@dataclass
class _Key:
    """A key, and what waits for its description."""

    description: KeyDescription | None = None
    waiting: list[Use] = field(default_factory=list)


class Keys:
    """The keys of the tables of one Region of one account.

    Args:
        account: the account's ID.
        settings: what the rule accepts, which decides if the aliases of a key matter.
        client: returns the client of KMS, or raises an error.
        refusal: returns what an error means.
    """

    def __init__(
        self,
        account: str,
        settings: RuleSettings,
        client: Callable[[], Any],
        refusal: Callable[[Exception], Refusal],
    ) -> None:
        self._account, self._settings = account, settings
        self._client, self._refusal = client, refusal
        self._keys: dict[str, _Key] = {}
        self._lock = threading.Lock()

    def use(self, arn: str, use: Use) -> None:
        """Call a function with the description of a key.

        It is called now, or by the thread that describes the key for another table, so no thread
        waits for another one.

        Args:
            arn: the key's ARN.
            use: the function. It does not raise.
        """
        with self._lock:
            key = self._keys.setdefault(arn, _Key())
            known = key.description
            is_first = known is None and not key.waiting
            if known is None:
                key.waiting.append(use)
        if known is not None:
            use(known)
        if not is_first:
            return
        description = self._describe(arn)
        with self._lock:
            key.description = description
            waiting, key.waiting = key.waiting, []
        for each in waiting:
            each(description)

    def _describe(self, arn: str) -> KeyDescription:
        try:
            kms = self._client()
            key = KeyDescription(kms.describe_key(KeyId=arn)["KeyMetadata"])
        except Exception as error:  # noqa: BLE001 - an error must not lose the table
            refusal = self._refusal(error)
            return KeyDescription(
                refusal=f"kms:DescribeKey failed with {refusal.reason.rstrip('.')}",
                is_deleted=refusal.is_not_found,
            )
        if not needs_aliases(arn, key, self._settings, self._account):
            return key
        try:
            pages = kms.get_paginator("list_aliases").paginate(KeyId=arn)
            names = tuple(alias["AliasName"] for page in pages for alias in page["Aliases"])
        except Exception as error:  # noqa: BLE001 - an error must not lose the table
            self._refusal(error)
            return key
        return KeyDescription(key.metadata, aliases=names)
