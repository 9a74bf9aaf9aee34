"""The progress bar."""

from __future__ import annotations

import sys

import pytest

from audit.collector import Counts
from audit.progress import shown


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        (Counts(1, 17, 2, tables=5, tables_done=3),
         "Accounts: 1, Regions: 2/17, tables: 3/5"),
        (Counts(stacks=70, stacks_done=4, tables=9, tables_done=9, errors=1),
         "Stacks: 4/70, tables: 9/9, errors: 1"),
    ],
)  # fmt: skip
def test_what_was_done_so_far(
    counts: Counts, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    with shown(counts) as tick:
        tick()
    assert text in capsys.readouterr().err
