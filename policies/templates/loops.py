"""Expand loops, as the transform AWS::LanguageExtensions does.

Source: AWS CloudFormation User Guide, "Fn::ForEach" (a loop is [identifier, collection, body];
`${Identifier}` and a Ref to the identifier are replaced in the body by an item of the collection,
and `&{Identifier}` by the letters and digits of an item).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..encryption.values import Hidden, Unreadable
from .limits import (
    DEPTH_LIMIT,
    LOOP_DEPTH_LIMIT,
    LOOP_MEMBERS_LIMIT,
    LOOP_TEXT_LIMIT,
    LimitExceededError,
)
from .unsupported import is_function_name, is_loop, reason_of

_NOT_ALPHANUMERIC = re.compile("[^A-Za-z0-9]")
_TOO_LARGE = "a loop (Fn::ForEach) takes too many steps to expand"


@dataclass(frozen=True)
class Loop:
    """A loop with its collection and its body as they are in the template."""

    identifier: str
    collection: object
    body: dict[str, object]

    @classmethod
    def read(cls, node: object) -> Loop | None:
        """Return the loop `node`; None if it doesn't have the form of a loop."""
        if not isinstance(node, list) or len(node) != 3:
            return None
        identifier, collection, body = node
        if not isinstance(identifier, str) or not identifier or not isinstance(body, dict):
            return None
        return cls(identifier, collection, body)


def not_expanded(node: object, cause: Unreadable) -> object:
    """Return the loop `node` with the cause instead of its collection."""
    loop = Loop.read(node)
    return cause if loop is None else [loop.identifier, cause, loop.body]


def why_not_expanded(node: object) -> Unreadable | None:
    """Return why the loop `node` is not expanded; None if it doesn't have the form of a loop."""
    loop = Loop.read(node)
    return loop.collection if loop and isinstance(loop.collection, Unreadable) else None


def cause_of_functions(node: object) -> Unreadable | None:
    """Return why a function among the members of `node`, such as a macro, can't be evaluated.

    None if `node` is not an object with a function.
    """
    if not isinstance(node, dict):
        return None
    name = next(filter(is_function_name, node), None)
    return None if name is None else why_not_expanded(node[name]) or Hidden(reason_of(name))


class Expansion:
    """Expands the loops of one object.

    Args:
        items_of: Evaluates a collection.
        spend: Counts steps.
    """

    def __init__(
        self, items_of: Callable[[object], list[str] | Unreadable], spend: Callable[[int], None]
    ) -> None:
        self._items_of = items_of
        self._spend = spend
        self._members = 0

    def expanded(self, node: Mapping[str, object], depth: int = 0) -> dict[str, object]:
        """Return `node` with the members that its loops make.

        The collection of a loop that can't be expanded is replaced by the reason.

        Raises:
            LimitExceededError: The loops make too many members, or too large ones.
        """
        members: dict[str, object] = {}
        for name, member in node.items():
            if is_loop(name):
                members.update(self._made_by(name, member, depth + 1))
            else:
                members[name] = member
        return members

    def _made_by(self, name: str, node: object, depth: int) -> dict[str, object]:
        loop = Loop.read(node)
        if loop is None:
            return {name: node}
        if depth > LOOP_DEPTH_LIMIT:
            raise LimitExceededError("loops (Fn::ForEach) are nested too deeply")
        items = self._items_of(loop.collection)
        if isinstance(items, Unreadable):
            return {name: not_expanded(node, items)}
        members: dict[str, object] = {}
        for item in items:
            self._members += len(loop.body)
            if self._members > LOOP_MEMBERS_LIMIT:
                raise LimitExceededError(_TOO_LARGE)
            body = _Replacement(loop.identifier, item, self._spend).members(loop.body, 0)
            members.update(self.expanded(body, depth))
        return members


class _Replacement:
    """Replaces an identifier by an item of its collection."""

    def __init__(self, identifier: str, item: str, spend: Callable[[int], None]) -> None:
        self._reference = {"Ref": identifier}
        self._item = item
        self._placeholders = (
            ("${" + identifier + "}", item),
            ("&{" + identifier + "}", _NOT_ALPHANUMERIC.sub("", item)),
        )
        self._spend = spend

    def members(self, node: Mapping[str, object], depth: int) -> dict[str, object]:
        self._spend(1 + len(node))
        return {self._text(name): self._value(node[name], depth + 1) for name in node}

    def _value(self, node: object, depth: int) -> object:
        if depth > DEPTH_LIMIT:
            raise LimitExceededError("the resource has values that are nested too deeply")
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, dict):
            return self._item if node == self._reference else self.members(node, depth)
        if isinstance(node, list):
            self._spend(1 + len(node))
            return [self._value(item, depth + 1) for item in node]
        return node

    def _text(self, text: str) -> str:
        if "{" in text:
            for placeholder, item in self._placeholders:
                length = len(text) + text.count(placeholder) * len(item)
                if length > LOOP_TEXT_LIMIT:
                    raise LimitExceededError(_TOO_LARGE)
                self._spend(length // 20)
                text = text.replace(placeholder, item)
        return text
