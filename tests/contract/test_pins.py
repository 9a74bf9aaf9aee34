"""The pinned versions fit the requirements."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def requirements_in(path: str) -> list[Requirement]:
    """Return the requirements in a requirements or constraints file."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


@pytest.mark.parametrize("path", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_to_a_version_that_it_allows(path: str) -> None:
    pins = {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in requirements_in("constraints-dev.txt")
    }
    for requirement in requirements_in(path):
        name = canonicalize_name(requirement.name)
        assert name in pins, "run `make pins`"
        assert requirement.specifier.contains(pins[name]), f"{requirement}: run `make pins`"
