"""Each message is right in its situation, and each line to paste ends compliant.

The situations are in situations.yaml. The real analyzer runs in the situation's operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import started_again
from tests.policies.reporting.pasting import Change, changes_in, pasted
from tests.policies.reporting.situations import Situation, situations
from tools.harness import Analyzer, Operation

SITUATIONS = situations()

Start = Callable[[Operation], Analyzer]


@pytest.fixture(scope="session")
def packs(pack: Path) -> Iterator[Start]:
    """Return a function that returns the pack as the engine starts it for an operation."""
    running: dict[Operation, Analyzer] = {}

    def start(operation: Operation) -> Analyzer:
        if operation not in running:
            running[operation] = Analyzer.start(pack, operation=operation)
        return started_again(running[operation])

    yield start
    for analyzer in running.values():
        analyzer.stop()
        assert analyzer.errors == analyzer.printed == ""


def named(situation: Situation) -> str:
    return situation.situation


@pytest.mark.parametrize("situation", SITUATIONS, ids=named)
def test_a_message_is_right_in_its_situation(situation: Situation, packs: Start) -> None:
    assert situation.messages(packs(situation.operation)) == [situation.message]


def changes() -> Iterator[object]:
    for situation in SITUATIONS:
        offered = list(changes_in(situation.message))
        assert bool(offered) is (", set `" in situation.message or "\nSet `" in situation.message)
        for number, change in enumerate(offered):
            yield pytest.param(situation, change, id=f"{situation.situation} {number}")


@pytest.mark.parametrize(("situation", "change"), list(changes()))
def test_a_pasted_line_ends_compliant(situation: Situation, change: Change, packs: Start) -> None:
    if situation.policy == "declared":
        after = replace(
            situation,
            inputs=pasted(situation.type, situation.inputs or {}, change, situation.message),
        )
    else:
        after = replace(
            situation,
            inputs=None,
            outputs=pasted(situation.type, situation.outputs or {}, change, situation.message),
        )
    assert after != situation
    assert after.messages(packs(after.operation)) == []
