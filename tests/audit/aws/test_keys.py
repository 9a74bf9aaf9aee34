"""Each key is described once, and no table that waits for it is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from audit.aws.errors import refusal_of
from audit.aws.keys import Keys
from audit.judging import KeyDescription
from policies.encryption.allowed_keys import AllowedKeys
from policies.encryption.settings import RuleSettings

ACCOUNT = "123456789012"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENABLED = {"KeyState": "Enabled", "KeyManager": "CUSTOMER"}
ALIAS = f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/orders"


class Kms:
    """A client of AWS KMS that answers with what it is given, in this order; the last one stays."""

    def __init__(self, *answers: Any, aliases: Any = ()) -> None:
        self._answers, self._aliases = list(answers), aliases
        self._lock = threading.Lock()
        self.calls: list[str] = []
        self.answering = threading.Event()
        self.answering.set()

    def describe_key(self, KeyId: str) -> Any:  # noqa: N803
        """Return the next answer after a while, or raise it."""
        with self._lock:
            self.calls.append(KeyId)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        time.sleep(0.05)
        self.answering.wait()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def get_paginator(self, _: str) -> Kms:
        """Return what lists the aliases."""
        return self

    def paginate(self, KeyId: str) -> Iterator[Mapping[str, Any]]:  # noqa: ARG002, N803
        """Yield the only page of the aliases."""
        if isinstance(self._aliases, Exception):
            raise self._aliases
        yield {"Aliases": [{"AliasName": name} for name in self._aliases]}


def failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "No."}}, "DescribeKey")


def keys(kms: Kms, settings: RuleSettings | None = None) -> Keys:
    return Keys(ACCOUNT, settings or RuleSettings(), lambda _: kms, refusal_of)


def used(
    keys: Keys, count: int, threads: int, arn: Callable[[int], str] = lambda _: ARN, **second: bool
) -> list[tuple[KeyDescription, bool]]:
    """Use keys for a number of tables at the same time, and return what each of them got."""
    got: list[tuple[KeyDescription, bool]] = []

    def use(number: int) -> None:
        keys.use(arn(number), lambda *shown: got.append(shown), **second)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(use, range(count)))
    return got


@pytest.mark.parametrize("threads", [1, 2, 30])
def test_a_key_is_described_once(threads: int) -> None:
    kms = Kms({"KeyMetadata": ENABLED})
    got = used(keys(kms), 200, threads)
    assert len(got) == 200
    assert all(key.metadata == ENABLED for key, _ in got)
    assert kms.calls == [ARN]


def test_each_key_is_described_once() -> None:
    kms = Kms({"KeyMetadata": ENABLED})
    got = used(keys(kms), 300, 20, lambda number: f"{ARN}{number % 7}")
    assert len(got) == 300
    assert len(kms.calls) == len(set(kms.calls)) == 7


def test_no_thread_waits_for_another_one() -> None:
    kms = Kms({"KeyMetadata": ENABLED})
    kms.answering.clear()
    some = keys(kms)
    got: list[str] = []
    describing = threading.Thread(target=lambda: some.use(ARN, lambda *_: got.append("first")))
    describing.start()
    while not kms.calls:
        time.sleep(0.001)
    # If it waited for the answer, this test would not end.
    some.use(ARN, lambda *_: got.append("second"))
    assert got == []
    kms.answering.set()
    describing.join()
    assert got == ["first", "second"]


@pytest.mark.parametrize(
    "answer",
    [
        failure("AccessDeniedException"), RuntimeError("broken"), {}, None, [],
        {"KeyMetadata": None}, {"KeyMetadata": "x"}, {"KeyMetadata": 7}, MemoryError(),
    ],
)  # fmt: skip
def test_no_table_that_waits_is_lost_if_the_key_is_not_described(answer: Any) -> None:
    got = used(keys(Kms(answer)), 100, 20)
    assert len(got) == 100
    assert all(key.metadata is None for key, _ in got)
    assert all(key.refusal.startswith("kms:DescribeKey failed with ") for key, _ in got)


@pytest.mark.parametrize(
    ("code", "is_deleted"), [("NotFoundException", True), ("ResourceNotFoundException", False)]
)
def test_a_key_that_does_not_exist(code: str, is_deleted: bool) -> None:
    ((key, is_temporary),) = used(keys(Kms(failure(code))), 1, 1)
    assert key.is_deleted is is_deleted
    assert not is_temporary


def test_the_client_can_fail() -> None:
    def client(_: bool) -> Any:
        raise failure("ExpiredTokenException")

    got = used(Keys(ACCOUNT, RuleSettings(), client, refusal_of), 10, 4)
    assert len(got) == 10


def test_a_second_attempt_asks_once_more_after_a_temporary_error() -> None:
    kms = Kms(failure("ThrottlingException"), {"KeyMetadata": ENABLED})
    some = keys(kms)
    first = used(some, 50, 10)
    assert all(key.metadata is None and is_temporary for key, is_temporary in first)
    second = used(some, 50, 10, second=True)
    assert len(second) == 50
    assert all(key.metadata == ENABLED and not is_temporary for key, is_temporary in second)
    assert len(kms.calls) == 2


def test_there_is_no_third_attempt() -> None:
    kms = Kms(failure("ThrottlingException"))
    some = keys(kms)
    for second in (False, False, True, True, False):
        assert len(used(some, 20, 5, second=second)) == 20
    assert len(kms.calls) == 2


def test_a_second_attempt_does_not_ask_again_after_another_error() -> None:
    kms = Kms(failure("AccessDeniedException"))
    some = keys(kms)
    used(some, 5, 5)
    used(some, 5, 5, second=True)
    assert len(kms.calls) == 1


@pytest.mark.parametrize(
    ("aliases", "expected"),
    [
        (("alias/orders",), ("alias/orders",)),
        ((), ()),
        (failure("AccessDeniedException"), None),
        ((None,), ("None",)),
        (7, None),
    ],
)
def test_aliases(aliases: Any, expected: tuple[str, ...] | None) -> None:
    settings = RuleSettings(allowed_keys=AllowedKeys([ALIAS]))
    got = used(keys(Kms({"KeyMetadata": ENABLED}, aliases=aliases), settings), 10, 5)
    assert len(got) == 10
    for key, _ in got:
        assert key.metadata == ENABLED
        assert key.aliases == expected
