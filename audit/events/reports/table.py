"""The results of policies as text for a terminal."""

from __future__ import annotations

from typing import TextIO

from audit.events.results import PolicyRun


def write(run: PolicyRun, out: TextIO) -> None:
    """Write a row for each result."""
    raise NotImplementedError
