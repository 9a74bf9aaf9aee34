"""Every sentence is complete: it names the table, its fault, what that means, and the way out."""

from __future__ import annotations

import pytest

from policies.encryption import (
    Compliant,
    Encryption,
    Hidden,
    Table,
    Undetermined,
    Unknown,
    Verdict,
    Violation,
    Why,
)
from policies.reporting import sentences
from policies.routes.pulumi_aws import ORIGINS, WORDING

ALL = [pytest.param(why, id=why.name) for why in Why]


@pytest.mark.parametrize("why", ALL)
@pytest.mark.parametrize("sentence", [sentences.declared, sentences.deployed])
@pytest.mark.parametrize("origin", [None, *ORIGINS])
def test_a_sentence_is_complete(why: Why, sentence: sentences.Sentence, origin: str | None) -> None:
    table = Table("orders", Encryption(), WORDING, origin=origin)
    said = sentence(table, Violation(why, "a list"))
    assert said is not None
    fault, remedy = said.split("\n")
    assert fault.startswith("DynamoDB table 'orders' ")
    assert fault.endswith(".")
    assert "  " not in said
    assert len(said) < 480
    # The way out: the line to write, or where the key goes.
    assert WORDING.remedy in remedy or f"Give {WORDING.key_name} the ARN of a KMS key" in remedy
    assert "AWS managed key aws/dynamodb" in remedy


@pytest.mark.parametrize(
    "why", [Why.NOT_DECLARED, Why.NOT_ENABLED, Why.DISABLED, Why.DISABLED_WITH_KEY]
)
@pytest.mark.parametrize("sentence", [sentences.declared, sentences.deployed])
def test_the_usual_argument_is_answered(why: Why, sentence: sentences.Sentence) -> None:
    said = sentence(Table("orders", Encryption(), WORDING), Violation(why)) or ""
    assert "AWS owned key, which nobody in your account can see, audit, restrict or revoke" in said


def test_what_is_hidden_is_told_by_its_own_sentence_alone() -> None:
    table = Table("orders", Encryption(), WORDING)
    hidden = Undetermined(Hidden(("serverSideEncryption", "enabled"), "it is a secret"))
    assert sentences.undetermined(table, hidden) == (
        "Whether a KMS key encrypts DynamoDB table 'orders' can't be read from "
        "serverSideEncryption.enabled: it is a secret.\nLook at the table in AWS, or run `pulumi "
        "policy analyze` where the secrets can be decrypted."
    )
    assert sentences.declared(table, hidden) is None
    assert sentences.deployed(table, hidden) is None


@pytest.mark.parametrize("verdict", [Compliant(), Undetermined(Unknown((), "marker"))])
def test_there_is_nothing_to_say_of_other_verdicts(verdict: Verdict) -> None:
    table = Table("orders", Encryption(), WORDING)
    for sentence in (sentences.declared, sentences.deployed, sentences.undetermined):
        assert sentence(table, verdict) is None
    assert sentences.undetermined(table, Violation(Why.DISABLED)) is None
