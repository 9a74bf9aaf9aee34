"""Every sentence is complete: it names the table, its fault, what that means, and the way out."""

from __future__ import annotations

import pytest

from policies.encryption import Encryption, Table, Violation, Why
from policies.reporting import sentences
from policies.routes.pulumi_aws import ORIGINS, WORDING

ALL = [pytest.param(why, id=why.name) for why in Why]


@pytest.mark.parametrize("why", ALL)
@pytest.mark.parametrize("sentence", [sentences.declared, sentences.deployed])
@pytest.mark.parametrize("origin", [None, *ORIGINS])
def test_a_sentence_is_complete(why: Why, sentence: sentences.Sentence, origin: str | None) -> None:
    table = Table("orders", Encryption(), WORDING, origin=origin)
    said = sentence(table, Violation(why, "a list"))
    assert said.startswith("DynamoDB table 'orders' ")
    assert said.endswith(".")
    assert "  " not in said
    assert "\n" not in said
    assert len(said) < 480
    # The way out: the line to write, or where the key goes.
    assert WORDING.remedy in said or f"Give {WORDING.key_name} the ARN of a KMS key" in said
    assert "AWS managed key aws/dynamodb" in said


@pytest.mark.parametrize(
    "why", [Why.NOT_DECLARED, Why.NOT_ENABLED, Why.DISABLED, Why.DISABLED_WITH_KEY]
)
@pytest.mark.parametrize("sentence", [sentences.declared, sentences.deployed])
def test_the_usual_argument_is_answered(why: Why, sentence: sentences.Sentence) -> None:
    said = sentence(Table("orders", Encryption(), WORDING), Violation(why))
    assert "AWS owned key, which nobody in your account can see, audit, restrict or revoke" in said
