"""Fixtures for the tests of the audit."""

from __future__ import annotations

import pytest

from tools.sandbox import Account
from tools.sandbox.account.population import PopulatedOrganization, populate


@pytest.fixture(scope="module")
def organization(sandbox_account: Account) -> PopulatedOrganization:
    """An organization with tables of each type and state of key. Tests of a module share it."""
    sandbox_account.reset()
    return populate(sandbox_account)
