"""A base class for processes that a `with` block stops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeVar

_Self = TypeVar("_Self", bound="Stoppable")


class Stoppable(ABC):
    """Something that runs until `stop` is called, or until its `with` block ends."""

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def stop(self) -> None:
        """End the process."""
