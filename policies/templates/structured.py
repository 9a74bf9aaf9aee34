"""Templates that are structures already, in the SDK's proxies or in plain dicts and lists.

This is the only module here that knows the SDK: its proxies raise where an unknown value is
touched. A copy in plain dicts and lists, with Unknown and Hidden in place, spares the others that
care.

Source: Pulumi's Python policy SDK, pulumi_policy/proxy.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_policy import proxy

from ..encryption.values import Hidden, Unknown
from ..marks import marked
from .limits import (
    DEPTH_LIMIT,
    NO_TEXT_KEY,
    NODE_LIMIT,
    TOO_DEEP,
    TOO_MANY_DIGITS,
    TOO_WIDE,
    RefusedError,
)
from .undecided import whole
from .values import BadTemplate

_Path = tuple[str, ...]

_BITS_LIMIT = 2_000
"""How long a whole number may be: twice what a double holds."""


def materialize(body: Mapping[Any, object]) -> dict[str, object] | BadTemplate:
    """A copy of `body` in dicts and lists, with Unknown where a value is not known yet and Hidden
    where the engine has taken a secret out.
    """
    try:
        return _Copy().mapping(body, ())
    except RefusedError as error:
        return BadTemplate(error.reason)


class _Copy:
    """One copying, which counts what it has copied: a few lists that hold each other again and
    again, or themselves, would be endless.
    """

    def __init__(self) -> None:
        self._nodes = 0

    def mapping(self, source: Mapping[Any, object], at: _Path) -> dict[str, object]:
        self._count(len(source), at)
        copy: dict[str, object] = {}
        for name in source:
            if not isinstance(name, str):
                raise RefusedError(NO_TEXT_KEY)
            copy[name] = self._value(lambda name=name: source[name], (*at, name))  # type: ignore[misc]
        return copy

    def _sequence(self, source: Sequence[object], at: _Path) -> list[object]:
        self._count(len(source), at)
        return [
            self._value(lambda index=index: source[index], (*at, str(index)))  # type: ignore[misc]
            for index in range(len(source))
        ]

    def _value(self, read: Callable[[], object], at: _Path) -> object:
        try:
            value = read()
        except proxy.UnknownValueError as error:
            return Unknown(tuple(error.props), error.unknown_type_sentinel)
        if isinstance(value, str):
            return marked(value, at) or value
        if isinstance(value, float):
            return whole(value)
        if isinstance(value, int) and value.bit_length() > _BITS_LIMIT:
            raise RefusedError(TOO_MANY_DIGITS)
        if value is None or isinstance(value, (bool, int, Unknown, Hidden)):
            return value
        if isinstance(value, Mapping):
            return self.mapping(value, at)
        if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
            return self._sequence(value, at)
        return Hidden(at, "it is an asset or archive")

    def _count(self, members: int, at: _Path) -> None:
        self._nodes += members + 1
        if self._nodes > NODE_LIMIT:
            raise RefusedError(TOO_WIDE)
        if len(at) > DEPTH_LIMIT:
            raise RefusedError(TOO_DEEP)
