"""The workshop: what builds, tests, measures, and documents the pack. None of it is published."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder of the repository, which is also the folder of the pack."""
