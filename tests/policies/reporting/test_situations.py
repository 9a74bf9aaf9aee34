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
NO_KEY = "allowedKmsKeys allows no customer managed key"

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
        if NO_KEY in situation.message:
            continue  # only another key in the settings ends compliant
        for number, change in enumerate(offered):
            yield pytest.param(situation, change, id=f"{situation.situation} {number}")


@pytest.mark.parametrize(("situation", "change"), list(changes()))
def test_a_pasted_line_ends_compliant(situation: Situation, change: Change, packs: Start) -> None:
    declared = situation.policy == "declared"
    before = situation.inputs if declared else situation.outputs
    after = pasted(situation.type, before or {}, change, situation.message)
    assert after != before
    # What is deployed is what the program declares then.
    program = replace(situation, policy="declared", inputs=after, outputs=None)
    assert program.messages(packs(situation.operation)) == []
    if not declared:
        deployed = replace(situation, inputs=None, outputs=after)
        assert deployed.messages(packs(situation.operation)) == []
